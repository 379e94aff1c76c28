"""What is left of a session that has stopped, to whoever keeps its reference."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pykka
import pytest
from telethon import TelegramClient

import actors
from actors.runtime.mailbox import Mailbox
from actors.testing import Loopback
from tests.support import Collector, eventually, received


def test_references_of_stopped_sessions_keep_no_client_and_no_mailbox(
    telegram: Loopback, system: actors.System
) -> None:
    """Nor do the futures of what they have done. A program that keeps them doesn't grow."""
    made: list[weakref.ref[Any]] = []

    def make(**settings: Any) -> Any:
        client = TelegramClient(**settings)
        made.append(weakref.ref(client))
        return client

    def left() -> tuple[int, int]:
        gc.collect()
        mailboxes = sum(isinstance(each, Mailbox) for each in gc.get_objects())
        return sum(client() is not None for client in made), mailboxes

    _, before = left()
    kept = [system.start_session(telegram.add_session(f"s{place}").with_(client_factory=make)) for place in range(3)]
    assert left() == (3, before + 3)
    futures = [session.ask(actors.SendMessage("me", "note"), block=False) for session in kept]
    for session, future in zip(kept, futures, strict=True):
        assert future.get(timeout=10).id
        session.stop()
    eventually(lambda: left() == (0, before))
    assert {session.is_alive() for session in kept} == {False}


def test_an_operation_that_is_told_to_a_session_that_has_stopped_is_a_dead_letter(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """However long ago that was: the ref knows the session's name."""
    system.subscribe(collector, actors.DeadLetter)
    alice = system.start_session(telegram.add_session("alice"))
    alice.stop()
    gc.collect()
    with pytest.raises(pykka.ActorDeadError):
        alice.tell(actors.SendMessage("me", "note"))
    (letter,) = eventually(lambda: received(collector))
    assert (letter.session, letter.reason) == ("alice", actors.Refusal.STOPPED)
