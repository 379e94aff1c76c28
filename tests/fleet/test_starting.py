"""Starting sessions: a handshake that ends online, or with the reason and nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually


@contextlib.contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """Accept connections and never say a word; yield the port and the connections."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connections.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], connections
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in connections:
                connection.close()


def closed_by_peer(connection: socket.socket) -> bool:
    """Say whether the other side has closed the connection."""
    connection.settimeout(2)
    with contextlib.suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return True


def at(config: actors.SessionConfig, port: int) -> actors.SessionConfig:
    """Return the config of the same account on another port."""
    assert config.server is not None
    key = config.server.public_key
    return config.with_(server=actors.ServerAddress(host="127.0.0.1", port=port, public_key=key))


def left(system: actors.System) -> tuple[actors.TaskStatus, ...]:
    """Return the live tasks."""
    return system.status().tasks


@pytest.mark.timing
@pytest.mark.both_hosts
def test_fifty_sessions_start_side_by_side_and_a_silent_server_delays_none(
    telegram: Loopback, system: actors.System
) -> None:
    """49 are online in the time that one takes times two; the one fails with its reason at its limit.

    The server answers each of them late, as one at a distance would.
    """
    telegram.fail("help.getConfig", delay=1.0, times=None)
    begun = time.monotonic()
    system.start_session(telegram.add_session("first"))
    one = time.monotonic() - begun
    configs = [telegram.add_session(f"s{number}") for number in range(49)]
    with silent_server() as (port, connections):
        mute = at(telegram.add_session("mute"), port)
        begun = time.monotonic()
        failing = system.supervisor.ask(actors.StartSession(mute, 2.0), block=False)
        online = []

        async def note(future: actors.ActorFuture[actors.SessionRef]) -> None:
            await future
            online.append(time.monotonic() - begun)

        async def start_all() -> None:
            futures = [system.supervisor.ask(actors.StartSession(config), block=False) for config in configs]
            await asyncio.gather(*map(note, futures))

        starting = threading.Thread(target=asyncio.run, args=(start_all(),))
        starting.start()
        answers = []
        while starting.is_alive():
            asked = time.monotonic()
            system.status()
            answers.append(time.monotonic() - asked)
            starting.join(0.02)  # without a pause the questions take as much of the loop as the starts
        starting.join()
        assert len(online) == 49
        assert max(online) < 2 * one, f"one takes {one:.3f} s, 49 took {max(online):.3f} s"
        assert max(answers) < 0.5
        with pytest.raises(actors.SessionStartFailed) as caught:
            failing.get(timeout=10)
        assert 2.0 <= time.monotonic() - begun < 3.5
        assert "did not answer within 2 s" in caught.value.reason
        assert all(closed_by_peer(connection) for connection in connections)
    assert len(system.status().sessions) == 50
    assert {task.session_name for task in left(system)} == set(system.status().sessions)


@pytest.mark.parametrize("session", ["", "not a session", "1" + "A" * 352])
def test_a_wrong_session_string_is_refused_with_the_reason(
    telegram: Loopback, system: actors.System, session: str
) -> None:
    """And isn't shown."""
    config = telegram.add_session("alice").with_(session=session)
    with pytest.raises(actors.SessionStartFailed) as caught:
        system.start_session(config, timeout=5)
    assert caught.value.reason
    assert not session or session not in str(caught.value)
    assert left(system) == ()
    assert system.status().sessions == {}


@pytest.mark.both_hosts
def test_an_unreachable_server_is_named_at_once(telegram: Loopback, system: actors.System) -> None:
    """Nobody waits for the time limit when the answer is known."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(actors.SessionStartFailed) as caught:
        system.start_session(at(telegram.add_session("alice"), port), timeout=10)
    assert time.monotonic() - begun < 5
    assert caught.value.verdict is actors.Verdict.TRANSIENT
    assert left(system) == ()


def test_an_account_that_is_not_logged_in_is_refused(telegram: Loopback, system: actors.System) -> None:
    """The server's own word for it."""
    config = telegram.add_session("alice")
    telegram.revoke("alice")
    with pytest.raises(actors.SessionStartFailed) as caught:
        system.start_session(config, timeout=10)
    assert caught.value.verdict is actors.Verdict.SESSION_DEAD
    assert left(system) == ()


def test_a_bad_api_id_is_refused(telegram: Loopback, system: actors.System) -> None:
    """Locally where it can be known, and by the server's answer elsewhere."""
    config = telegram.add_session("alice")
    with pytest.raises(actors.InvalidInput) as bad:
        config.with_(api_id=0)
    assert bad.value.field == "api_id"
    telegram.fail("help.getConfig", account="alice", error="API_ID_INVALID", times=None)
    telegram.fail("users.getUsers", account="alice", error="API_ID_INVALID", times=None)
    with pytest.raises(actors.SessionStartFailed) as caught:
        system.start_session(config, timeout=10)
    assert caught.value.verdict is actors.Verdict.CONFIGURATION
    assert left(system) == ()


@pytest.mark.both_hosts
def test_a_name_in_use_is_refused_until_its_session_has_stopped(telegram: Loopback, system: actors.System) -> None:
    """Also while it is starting."""
    config = telegram.add_session("alice")
    starting = system.supervisor.ask(actors.StartSession(config), block=False)
    with pytest.raises(actors.NameTaken):
        system.start_session(config)
    assert system.session("alice") == starting.get(timeout=5)
    assert system.stop_session("alice") is True
    with pytest.raises(actors.UnknownSession):
        system.session("alice")
    assert system.start_session(config).status().phase is actors.Phase.ONLINE


@pytest.mark.both_hosts
def test_a_revoked_session_goes_down_with_its_reason_and_is_not_restarted(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef
) -> None:
    """Operations that wait fail with it."""
    telegram.add_session("bob")
    telegram.revoke("alice")
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.SendMessage("bob", "hello"), timeout=10)
    assert caught.value.verdict is actors.Verdict.SESSION_DEAD
    eventually(lambda: not alice.is_alive())
    eventually(lambda: system.status().sessions == {})
    assert left(system) == ()
