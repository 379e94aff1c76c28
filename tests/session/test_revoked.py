"""A login that is revoked in mid-life: the session ends with the reason, and its name is free again."""

from __future__ import annotations

import time
from pathlib import Path

import pykka
import pytest

import actors
from actors.testing import Loopback, loopback
from tests.support import Collector, Gate, eventually, quick_system, received

EVENTS = (actors.SessionDown, actors.SessionRestarted, actors.SessionOnline)


@pytest.mark.parametrize("error", ["SESSION_REVOKED", "AUTH_KEY_DUPLICATED", "USER_DEACTIVATED_BAN"])
def test_a_session_that_is_revoked_in_mid_life_goes_down_with_the_reason_and_is_never_restarted(
    telegram: Loopback,
    system: actors.System,
    alice: actors.SessionRef,
    collector: pykka.ActorRef[Collector],
    error: str,
) -> None:
    """What runs gets the server's word, what waits gets it as the reason; the ref is dead, the name is free."""
    telegram.add_session("bob")
    watcher = Collector.start()
    alice.ask(actors.Monitor(to=watcher), timeout=10)
    system.subscribe(collector, *EVENTS)
    gate = Gate()
    running = alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    first, *others = [alice.ask(actors.SendMessage("bob", f"text {n}"), block=False) for n in range(5)]
    telegram.revoke("alice", error=error)
    gate.open()

    assert running.get(timeout=5) == "running"
    with pytest.raises(actors.TelegramError) as told:
        first.get(timeout=10)
    assert told.value.name == error
    assert told.value.verdict in (actors.Verdict.SESSION_DEAD, actors.Verdict.ACCOUNT_DEAD)
    for future in others:
        with pytest.raises(actors.OperationRejected, match=error) as rejected:
            future.get(timeout=10)
        assert rejected.value.__cause__ is told.value

    (down,) = eventually(lambda: received(collector))
    assert (type(down), down.session) == (actors.SessionDown, "alice")
    assert error in down.reason
    ended = eventually(lambda: [e for e in received(watcher) if isinstance(e, actors.MonitorEnded)])
    assert [(event.reason, error in event.detail) for event in ended] == [(actors.MonitorEnd.SESSION_STOPPED, True)]
    watcher.stop()
    gone(system, alice)
    assert telegram.messages("bob") == []

    again = system.start_session(telegram.add_session("alice-again").with_(name="alice"))
    assert again.status().phase is actors.Phase.ONLINE
    assert [type(event) for event in received(collector)] == [actors.SessionDown, actors.SessionOnline]


def gone(system: actors.System, session: actors.SessionRef) -> None:
    """Check that nothing is left of a session."""
    eventually(lambda: not session.is_alive())
    with pytest.raises(pykka.ActorDeadError):
        session.ask(actors.SendMessage("bob", "too late"), timeout=5)
    with pytest.raises(pykka.ActorDeadError):
        session.tell(actors.SendMessage("bob", "too late"))
    with pytest.raises(pykka.ActorDeadError):
        session.status()
    assert session.name not in system.status().sessions
    with pytest.raises(actors.UnknownSession):
        system.session(session.name)
    assert system.status().tasks_of(session.name) == ()


async def log_out(client: actors.Client) -> bool:
    """Log out as a program of Telethon's does."""
    return bool(await client.telethon.log_out())


def test_a_session_whose_own_operation_logs_out_ends_at_once_with_the_reason(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The operation gets its answer, what waits is rejected, and nothing dials a client that can't be used any more."""
    telegram.add_session("bob")
    system.subscribe(collector, *EVENTS)
    begun = time.monotonic()
    out = alice.ask(actors.Call("leaving", log_out).with_(priority=20), block=False)
    waiting = [alice.ask(actors.SendMessage("bob", f"text {number}"), block=False) for number in range(3)]
    assert out.get(timeout=10) is True
    for future in waiting:
        with pytest.raises(actors.OperationRejected, match="LOGGED_OUT") as rejected:
            future.get(timeout=10)
        assert isinstance(rejected.value.__cause__, actors.TelegramError)
        assert rejected.value.__cause__.verdict is actors.Verdict.SESSION_DEAD
    (down,) = eventually(lambda: received(collector))
    assert (type(down), down.session) == (actors.SessionDown, "alice")
    assert "LOGGED_OUT" in down.reason
    gone(system, alice)
    assert time.monotonic() - begun < 2, "it waited for something"
    assert telegram.messages("bob") == []


def test_a_logout_that_is_refused_ends_nothing(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Telethon says that it was none."""
    telegram.add_session("bob")
    telegram.fail("auth.logOut", account="alice", error="CHAT_WRITE_FORBIDDEN", times=1)
    assert alice.ask(actors.Call("leaving", log_out), timeout=10) is False
    assert alice.ask(actors.SendMessage("bob", "still here"), timeout=10).random_id


@pytest.mark.both_hosts
def test_an_idle_session_that_is_revoked_learns_it_when_its_connection_is_cut(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Nobody asked anything of it: the answer to its reconnect is enough."""
    system.subscribe(collector, *EVENTS)
    telegram.revoke("alice", error="SESSION_REVOKED")
    telegram.restart()
    (down,) = eventually(lambda: [e for e in received(collector) if isinstance(e, actors.SessionDown)], within=10)
    assert "SESSION_REVOKED" in down.reason
    assert not [event for event in received(collector) if isinstance(event, actors.SessionRestarted)]
    gone(system, alice)


def test_what_is_asked_of_a_revoked_session_during_its_reconnect_fails_with_the_reason(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef
) -> None:
    """It waits for a connection that the server will never grant."""
    telegram.revoke("alice", error="SESSION_REVOKED")
    telegram.restart(down_for=0.5)
    eventually(lambda: alice.status().phase is not actors.Phase.ONLINE)
    waiting = alice.ask(actors.SendMessage("bob", "hello"), block=False)
    with pytest.raises(actors.OperationError, match="SESSION_REVOKED"):
        waiting.get(timeout=10)
    gone(system, alice)


@pytest.mark.slow
def test_a_key_that_the_server_does_not_know_three_times_in_a_row_ends_its_session(
    tmp_path: Path, collector: pykka.ActorRef[Collector]
) -> None:
    """The server lost it: no login will bring it back. Until then it is a lost connection like any other."""
    with loopback(state=tmp_path / "state") as telegram, quick_system() as system:
        telegram.save()
        system.start_session(telegram.add_session("alice"))
        system.subscribe(collector, actors.SessionDown, actors.SessionRestarted)
        telegram.kill()
        telegram.start()
        (event,) = eventually(lambda: received(collector), within=60)
        assert isinstance(event, actors.SessionDown)
        assert "AUTH_KEY_NOT_FOUND" in event.reason
