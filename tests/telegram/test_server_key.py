"""Each client checks the key of its own server, and nothing stays behind when it is gone."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import MTProtoSender

import actors
from actors.telegram.server_key import _keys, server_key
from actors.testing import Loopback
from tests.support import eventually

from .conftest import Desk, online, run


@pytest.fixture
def other() -> Iterator[Loopback]:
    """Start another server, with another key."""
    with Loopback() as server:
        yield server


async def make_key(client: Any, server: Loopback, dc_id: int) -> Any:
    """Connect as Telethon does to another data center, which makes a key with the server; return the key.

    Raises ConnectionError, without a reason, when the server proves nothing.
    """
    sender = MTProtoSender(None, loggers=client._log, retries=0, delay=0)
    place = server.address.host, server.address.port, dc_id
    try:
        await sender.connect(client._connection(*place, loggers=client._log, proxy=None, local_addr=None))
        return sender.auth_key.key
    finally:
        await sender.disconnect()


@pytest.mark.parametrize("dc_id", [2, 4])
def test_a_key_is_made_with_a_server_that_proves_to_be_the_configs_own(desk: Desk, dc_id: int) -> None:
    """On the connection to every data center."""

    async def test() -> None:
        async with online(desk.config()) as client:
            assert len(await make_key(client.telethon, desk.telegram, dc_id)) == 256

    run(test())


@pytest.mark.parametrize("dc_id", [2, 4])
def test_a_server_is_not_trusted_because_another_session_trusts_it(desk: Desk, other: Loopback, dc_id: int) -> None:
    """Both are connected, in one process, each to its own."""

    async def test() -> None:
        async with online(desk.config()) as client, online(other.add_session("bob")) as bob:
            for telethon, stranger in ((client.telethon, other), (bob.telethon, desk.telegram)):
                with pytest.raises(ConnectionError, match="auth_key"):
                    await make_key(telethon, stranger, dc_id)

    run(test())


def test_a_test_server_is_not_trusted_by_clients_of_telegrams_own(desk: Desk) -> None:
    """Whose keys are those that Telethon has."""

    async def test() -> None:
        async with online(desk.config()):
            stranger = TelegramClient(None, 1, "0f")
            with pytest.raises(ConnectionError, match="auth_key"):
                await make_key(stranger, desk.telegram, 2)

    run(test())


def test_nothing_of_a_server_stays_behind_when_its_last_session_stops(
    telegram: Loopback, system: actors.System
) -> None:
    """Neither a key in Telethon's table nor a class of clients, which has the server's data centers."""
    place = (telegram.address.host, telegram.address.port)

    def classes() -> list[Any]:
        gc.collect()
        return [each for each in TelegramClient.__subclasses__() if getattr(each, "server", None) == place]

    keys = dict(rsa._server_keys)
    sessions = [system.start_session(telegram.add_session(name)) for name in ("alice", "bob")]
    sessions[0].stop()
    assert len(classes()) == 1
    sessions[1].stop()
    eventually(lambda: classes() == [])
    assert rsa._server_keys == keys
    assert not _keys


def test_what_is_encrypted_for_another_key_is_not_encrypted(telegram: Loopback) -> None:
    """Not even when old keys will do."""
    key = server_key(telegram.address.public_key)
    encrypt: Callable[..., bytes | None] = key.encrypt
    assert [encrypt(1, b"data", use_old=old) for old in (False, True)] == [None, None]


def test_two_sessions_may_name_one_address_with_two_keys(desk: Desk, other: Loopback) -> None:
    """As when a test server has started anew: the one with the wrong key makes none."""

    async def test() -> None:
        config = desk.config()
        assert config.server is not None
        address = actors.ServerAddress(
            host=config.server.host, port=config.server.port, public_key=other.address.public_key
        )
        async with online(config) as right, online(config.with_(server=address)) as wrong:
            assert await make_key(right.telethon, desk.telegram, 2)
            with pytest.raises(ConnectionError, match="auth_key"):
                await make_key(wrong.telethon, desk.telegram, 2)

    asyncio.run(test())
