"""A factory of the user's that makes no client ends its session, by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pykka
import pytest
from telethon import TelegramClient

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received


async def _later() -> None:
    """Be a coroutine."""


@pytest.mark.parametrize(
    ("make", "made"),
    [(lambda **_: None, "nothing"), (lambda **_: _later(), "coroutine"), (dict, "dict")],
)
def test_a_session_whose_factory_makes_no_client_does_not_start(
    telegram: Loopback, system: actors.System, make: Callable[..., Any], made: str
) -> None:
    """The error names the setting, and says what came."""
    config = telegram.add_session("alice").with_(client_factory=make)
    with pytest.raises(actors.SessionStartFailed, match=f"client_factory: .* {made}") as caught:
        system.start_session(config)
    assert isinstance(caught.value.__cause__, actors.InvalidInput)
    assert (caught.value.__cause__.field, caught.value.verdict) == ("client_factory", actors.Verdict.CONFIGURATION)
    assert not system.status().sessions


def test_a_session_whose_factory_makes_no_other_client_ends_and_says_so(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """To try again would be in vain."""
    system.subscribe(collector, actors.SessionDown)
    clients: list[Any] = []

    def make(**settings: Any) -> Any:
        clients.append(None if clients else TelegramClient(**settings))
        return clients[-1]

    system.start_session(telegram.add_session("alice").with_(client_factory=make))
    with pytest.raises(actors.SessionStartFailed, match="client_factory"):
        system.restart_session("alice")
    (down,) = eventually(lambda: received(collector))
    assert "client_factory" in down.reason
    assert len(clients) == 2
