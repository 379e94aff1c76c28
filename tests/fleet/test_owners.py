"""One login, one owner."""

from __future__ import annotations

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually


def test_a_login_that_is_in_use_is_refused_to_a_second_session(telegram: Loopback, system: actors.System) -> None:
    """The error names the session that has it, and the login is free again after that has stopped."""
    config = telegram.add_session("alice")
    system.start_session(config)
    with pytest.raises(actors.SessionStartFailed, match="'alice' has the same login") as caught:
        system.start_session(config.with_(name="twin"))
    assert caught.value.verdict is actors.Verdict.CONFIGURATION
    system.stop_session("alice")
    assert system.start_session(config.with_(name="twin")).status().phase is actors.Phase.ONLINE


def test_a_login_with_two_owners_is_quarantined(telegram: Loopback, system: actors.System) -> None:
    """Status says whose it was, and starting it again is refused without asking the server."""
    config = telegram.add_session("alice")
    alice = system.start_session(config)
    telegram.fail("messages.sendMessage", account="alice", error="AUTH_KEY_DUPLICATED")
    with pytest.raises(actors.TelegramError, match="AUTH_KEY_DUPLICATED"):
        alice.ask(actors.SendMessage("me", "hello"), timeout=5)
    eventually(lambda: system.status().quarantined == ("alice",))
    telegram.heal()
    telegram.forget_calls("alice")
    with pytest.raises(actors.SessionStartFailed, match="log in again"):
        system.start_session(config)
    assert telegram.calls("alice") == []
