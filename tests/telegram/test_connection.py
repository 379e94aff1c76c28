"""Connecting, losing the connection, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.model.config import ServerAddress, SessionConfig
from actors.model.errors import TelegramError, Verdict
from actors.testing import loopback

from .conftest import Desk, Watcher, messages_of, new_client, online, other_tasks, raised_by, run, until


@contextmanager
def silent_server(config: SessionConfig) -> Iterator[SessionConfig]:
    """Give the config of a server that takes connections and never says a word."""
    assert config.server is not None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = ServerAddress(host="127.0.0.1", port=listener.getsockname()[1], public_key=config.server.public_key)
        yield config.with_(server=address)


def open_sockets() -> set[str]:
    """Return the sockets of this process."""
    return {str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_socket()}


def telethons_loops() -> list[str]:
    """Return the names of the loops that Telethon runs."""
    names = (getattr(task.get_coro(), "__qualname__", "") for task in other_tasks())
    return [name for name in names if name.endswith("_loop")]


def test_a_disconnected_client_leaves_no_task_and_no_socket(desk: Desk) -> None:
    """Neither after one disconnect, nor after two."""

    async def test() -> None:
        config = desk.config()
        before = open_sockets()
        client = new_client(config)
        await client.connect()
        assert len(open_sockets() - before) == 1
        await client.disconnect()
        assert (other_tasks(), open_sockets() - before) == (set(), set())
        await client.disconnect()
        await until(lambda: desk.telegram.connections(config.name) == 0)

    run(test())


def test_a_connect_that_was_cancelled_leaves_nothing_after_a_disconnect(desk: Desk) -> None:
    """Also in the middle of a handshake with a server that doesn't answer."""

    async def test() -> None:
        before = open_sockets()
        watcher = Watcher()
        client = new_client(config, watcher)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.connect(), 0.1)
        await client.disconnect()
        assert (other_tasks(), open_sockets() - before) == (set(), set())
        assert watcher.seen == ["up", "lost"]

    with silent_server(desk.config()) as config:
        run(test())


def test_a_client_never_connected_can_be_disconnected(desk: Desk) -> None:
    """A session that is stopped while it starts does that."""

    async def test() -> None:
        client = new_client(desk.config())
        await client.disconnect()
        await client.wait_disconnected()

    run(test())


def test_a_refused_connection_says_why(desk: Desk) -> None:
    """Telethon says that it has failed once; what matters is the reason."""

    async def test() -> None:
        watcher = Watcher()
        error = await raised_by(new_client(config, watcher).connect())
        assert isinstance(error, TelegramError)
        assert (error.verdict, error.name) == (Verdict.TRANSIENT, "CONNECTION_REFUSED")
        assert isinstance(error.__cause__, ConnectionRefusedError)
        assert watcher.seen == []

    with silent_server(desk.config()) as config:
        pass
    run(test())


def test_the_watcher_hears_of_each_change_once(desk: Desk) -> None:
    """Up, lost, up again by itself, lost at the end."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        async with online(config, watcher) as client:
            desk.telegram.disconnect(config.name)
            await until(lambda: watcher.seen == ["up", "lost", "up"])
            await client.probe()
        assert watcher.seen == ["up", "lost", "up", "lost"]

    run(test())


def test_many_cuts_in_a_row_leave_one_working_connection(desk: Desk) -> None:
    """Telethon's own connection could end up with two readers, and be stuck."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        async with online(config, watcher) as client:
            for _ in range(20):
                desk.telegram.disconnect(config.name)
                await client.probe()
            assert desk.telegram.connections(config.name) == 1
        assert watcher.seen == ["up", "lost"] * 21

    run(test())


def test_a_connection_that_cannot_come_back_is_given_up_and_can_be_made_again() -> None:
    """The same client serves again after `wait_disconnected` has returned."""

    async def test() -> None:
        with loopback() as telegram:
            config, watcher = telegram.add_session("alice"), Watcher()
            client = new_client(config, watcher)
            await client.connect()
            reading = asyncio.create_task(raised_by(client.history(await client.resolve("me"), limit=1)))
            telegram.fail("messages.getHistory", silence=True)
            telegram.close()
            await client.wait_disconnected()
            assert isinstance(await reading, TelegramError)
            assert watcher.seen == ["up", "lost"]
            error = await raised_by(client.connect())
            assert isinstance(error, TelegramError)
            assert error.verdict is Verdict.TRANSIENT
            await client.disconnect()

    run(test())


def test_a_client_serves_again_after_a_disconnect(desk: Desk) -> None:
    """With a new connection, and one of each of Telethon's loops."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        async with online(config, watcher) as client:
            for _ in range(3):
                await client.connect()
                await client.probe()
                assert sorted(telethons_loops()) == [
                    "MTProtoSender._recv_loop",
                    "MTProtoSender._send_loop",
                    "UpdateMethods._keepalive_loop",
                    "UpdateMethods._update_loop",
                ]
        assert watcher.seen == ["up", "lost"] * 4

    run(test())


def test_a_reconnect_that_was_cut_short_does_no_harm(desk: Desk) -> None:
    """Telethon's sender stays marked as reconnecting, and would send nothing ever after."""

    async def test() -> None:
        async with online(desk.config()) as client:
            sender = client.telethon._sender
            sender._start_reconnect(None)
            sender._reconnect_task.cancel()
            await client.connect()
            await client.probe()

    run(test())


def test_no_request_hangs_when_the_connection_is_given_up() -> None:
    """Neither one that was sent, nor one that waits for a reconnect that never comes: Telethon forgets the latter."""

    async def test() -> None:
        with loopback() as telegram:
            watcher = Watcher()
            async with online(telegram.add_session("alice"), watcher) as client:
                telegram.fail("users.getUsers", silence=True)
                telegram.close()
                calls: list[asyncio.Task[Exception]] = []
                while len(calls) < 1000 and (not calls or client.telethon.is_connected()):
                    calls.append(asyncio.create_task(raised_by(client.probe())))
                    await asyncio.sleep(0)
                await client.wait_disconnected()
                errors = await asyncio.gather(*calls)
        assert {type(error) for error in errors} == {TelegramError}
        assert len(errors) < 1000
        assert watcher.seen == ["up", "lost"]

    run(test())


def test_a_session_that_was_logged_out_is_dead(desk: Desk) -> None:
    """At the next connect, and nothing is left of that."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.revoke(config.name)
        error = await raised_by(new_client(config).connect())
        assert isinstance(error, TelegramError)
        assert (error.verdict, error.name) == (Verdict.SESSION_DEAD, "AUTH_KEY_UNREGISTERED")
        assert other_tasks() == set()

    run(test())


def test_a_key_that_the_server_does_not_know_is_told_as_such(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It may have forgotten it for a while only: transient, and told once, to the caller."""

    async def test() -> None:
        with loopback() as elsewhere:
            client = new_client(elsewhere.add_session("alice").with_(server=desk.telegram.address))
            error = await raised_by(client.connect())
            assert isinstance(error, TelegramError)
            assert (error.verdict, error.name) == (Verdict.TRANSIENT, "AUTH_KEY_NOT_FOUND")
            assert other_tasks() == set()

    run(test())
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def test_a_deactivated_account_is_dead(desk: Desk) -> None:
    """That is worse than a dead session."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.revoke(config.name, error="USER_DEACTIVATED_BAN")
        error = await raised_by(new_client(config).connect())
        assert isinstance(error, TelegramError)
        assert error.verdict is Verdict.ACCOUNT_DEAD

    run(test())


def test_a_session_that_dies_while_connected_ends_the_connection_or_fails_the_probe(desk: Desk) -> None:
    """Either way the next call tells that it is dead."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            desk.telegram.revoke(config.name, error="SESSION_REVOKED")
            error = await raised_by(client.probe())
            assert isinstance(error, TelegramError)
            assert (error.verdict, error.name) == (Verdict.SESSION_DEAD, "SESSION_REVOKED")

    run(test())


def test_a_wrong_api_id_is_a_matter_of_configuration(desk: Desk) -> None:
    """No restart would help."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("help.getConfig", account=config.name, error="API_ID_INVALID", times=1)
        error = await raised_by(new_client(config).connect())
        assert isinstance(error, TelegramError)
        assert (error.verdict, error.name, error.method) == (
            Verdict.CONFIGURATION,
            "API_ID_INVALID",
            "initConnection",
        )
        assert other_tasks() == set()

    run(test())


def test_no_text_reaches_the_log_at_any_level(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Neither of what is sent, nor of what is received, nor of an answer that comes too late."""
    secret = "xq_planted_text"

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        name = desk.channel(config.name, bob.name)
        async with online(config) as client:
            messages = messages_of(client)
            peer = await client.resolve(name)
            await client.send_message(peer, f"sent {secret}", random_id=1)
            desk.telegram.post(name, f"posted {secret}", author=bob.name)
            await until(lambda: messages)
            received.extend(message.text for message in messages)
            desk.telegram.fail("messages.getHistory", account=config.name, delay=0.3, times=1)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.history(peer, limit=10), 0.1)
            await until(lambda: "without parent request" in caplog.text)

    received: list[str] = []
    caplog.set_level(1)
    run(test())
    gc.collect()
    assert received == [f"posted {secret}"]
    assert len([record for record in caplog.records if record.name.startswith("actors.telethon.")]) > 50
    assert not [record for record in caplog.records if secret in f"{record.__dict__}{record.getMessage()}"]


def test_nothing_is_reported_as_never_retrieved(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that is refused, cut or given up leaves no exception for asyncio to complain about."""

    async def test() -> None:
        config = desk.config()
        await raised_by(new_client(refusing).connect())
        async with online(config) as client:
            desk.telegram.disconnect(config.name)
            await client.probe()

    with silent_server(desk.config()) as refusing:
        pass
    run(test())
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio" and record.levelno > logging.INFO] == []
