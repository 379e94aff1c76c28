"""Making clients from a config."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import TelegramClient, types
from telethon.sessions import StringSession

from actors.model.config import ServerAddress, SessionConfig
from actors.model.errors import InvalidInput
from actors.telegram.factory import AccountSession, telethon_factory

from .conftest import Desk, Watcher, new_client, run

SECRET = "1AbCdEfGh_this_is_no_session"


def config(**changes: Any) -> SessionConfig:
    """Return a config that names no server."""
    return SessionConfig(**{"name": "alice", "api_id": 1, "api_hash": "0f", "session": SECRET, **changes})


@pytest.mark.parametrize("session", ["", SECRET, "1" + "A" * 352, "2" + "A" * 352, "1" + "x" * 10, "1é"])
def test_a_session_string_that_cannot_work_is_refused_and_not_shown(session: str) -> None:
    """Empty, broken, of another version, or without a key."""
    with pytest.raises(InvalidInput) as raised:
        telethon_factory(config(session=session))
    assert raised.value.field == "session"
    assert not session or session not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_broken_server_key_is_refused(desk: Desk) -> None:
    """By its field."""
    address = ServerAddress(host="127.0.0.1", port=1, public_key="-----BEGIN nonsense")
    with pytest.raises(InvalidInput) as raised:
        telethon_factory(desk.config().with_(server=address))
    assert raised.value.field == "server.public_key"


def test_a_proxy_without_its_package_is_refused(desk: Desk) -> None:
    """Telethon would warn, and connect without the proxy."""
    with pytest.raises(InvalidInput) as raised:
        telethon_factory(desk.config().with_(proxy=("socks5", "127.0.0.1", 1080)))
    assert raised.value.field == "proxy"


def test_a_factory_of_ones_own_gets_the_same_settings(desk: Desk) -> None:
    """It brings a TelegramClient that is set up as the library needs it."""
    seen: dict[str, Any] = {}

    def make(**settings: Any) -> Any:
        seen.update(settings)
        return TelegramClient(**settings)

    async def test() -> None:
        client = new_client(desk.config().with_(client_factory=make, device_model="toaster"))
        assert (await client.connect()).bot is False
        await client.disconnect()

    run(test())
    assert seen["device_model"] == "toaster"
    assert (seen["flood_sleep_threshold"], seen["catch_up"], seen["auto_reconnect"]) == (0, True, True)
    assert isinstance(seen["session"], StringSession)


def test_a_factory_that_gives_its_client_another_session_is_refused(desk: Desk) -> None:
    """Nobody would learn from it whom the account knows."""

    def make(**settings: Any) -> Any:
        return TelegramClient(**{**settings, "session": StringSession()})

    async def test() -> None:
        with pytest.raises(InvalidInput) as raised:
            new_client(desk.config().with_(client_factory=make))
        assert raised.value.field == "client_factory"

    run(test())


def test_telethon_finds_in_its_session_whom_the_account_knows() -> None:
    """By name, title and id; a number that several have means nobody, unless it is a counted channel's."""
    session = AccountSession()
    session.directory.me = 1
    channel = types.Channel(7, "News", types.ChatPhotoEmpty(), None, access_hash=71, username="news")
    session.process_entities(types.contacts.ResolvedPeer(None, [channel], [types.User(1, access_hash=10)]))
    session.process_entities([types.User(8, access_hash=80, first_name="Bob")])
    assert session.get_input_entity("@News") == types.InputPeerChannel(7, 71)
    assert session.get_input_entity("Bob") == types.InputPeerUser(8, 80)
    assert session.get_input_entity(types.PeerChannel(7)) == session.get_input_entity(7)
    assert session.get_input_entity(0) == types.InputPeerUser(0, 1)
    session.process_entities([types.User(7, access_hash=70)])
    for unknown in (7, 9, "nobody", "+4915112345678"):
        with pytest.raises(ValueError, match="Could not find"):
            session.get_input_entity(unknown)
    session.set_update_state(7, types.updates.State(5, 0, None, 0, 0))
    assert session.get_input_entity(7) == types.InputPeerChannel(7, 71)


def test_the_list_of_data_centers_stays_with_its_server(desk: Desk) -> None:
    """Telethon keeps it on the class, for every client of the process."""

    async def test() -> None:
        one, same, other = (telethon_factory(each)(Watcher()).telethon for each in (here, here, there))
        assert type(one) is type(same)
        assert type(one) is not type(other)
        type(one)._config = object()
        try:
            assert (other._config, TelegramClient._config) == (None, None)
        finally:
            type(one)._config = None

    here = desk.config()
    assert here.server is not None
    there = here.with_(server=ServerAddress(host="127.0.0.1", port=1, public_key=here.server.public_key))
    asyncio.run(test())


def test_a_server_with_a_name_can_be_connected_to(desk: Desk) -> None:
    """Telethon's StringSession can only save IP addresses, and saves while it connects."""

    async def test() -> None:
        client = new_client(here.with_(server=address))
        assert (await client.connect()).username == here.name
        assert client.telethon.session.save() == ""
        await client.disconnect()

    here = desk.config()
    assert here.server is not None
    address = ServerAddress(host="localhost", port=here.server.port, public_key=here.server.public_key)
    run(test())
