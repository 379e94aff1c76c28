"""The wire: what strangers may send, and what must work for everybody else meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import struct
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from telethon.network import ConnectionTcpAbridged, ConnectionTcpFull, ConnectionTcpIntermediate
from telethon.tl import TLObject, functions, types

from actors.testing import Loopback
from actors.testing.server.tl import MalformedRequest, inflate, parse
from actors.testing.server.wire.cipher import AuthKey, CannotDecrypt, Message, decrypt
from actors.testing.server.wire.framing import BrokenFrame, Framing
from actors.testing.server.wire.handshake import Handshake, HandshakeFailed
from actors.testing.server.wire.rsa_key import ServerKey
from tests.testing.server.clients import connected, stranger
from tests.testing.server.wire import Wire, hung_up, open_wire, parsed

ME = [types.InputUserSelf()]
GET_ME = functions.users.GetUsersRequest(ME)

NONSENSE = {
    "text": b"hello, is this the right door?" * 4,
    "http": b"GET / HTTP/1.1\r\nHost: telegram\r\n\r\n",
    "zeros": bytes(100),
    "a length of 2 GB": b"\xff\xff\xff\x7f" + bytes(60),
    "a bad checksum": struct.pack("<iiqqiI", 32, 0, 0, 4, 0, 0xBAD) + bytes(100),
    "noise": bytes(range(255, 1, -2)) * 3,
}


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_closes_its_own_connection_and_no_other(telegram: Loopback, data: bytes) -> None:
    """A stranger is hung up on; a client that is there works on."""
    async with connected(telegram.add_session(f"ann-{abs(hash(data))}")) as client, open_wire(telegram.address) as wire:
        wire.writer.write(data)
        assert await hung_up(wire)
        assert await client(GET_ME)


@pytest.mark.parametrize("place", [8, 40, -1], ids=["in the msg_key", "in the envelope", "in the padding"])
async def test_a_message_under_a_wrong_msg_key_closes_the_connection_undone(telegram: Loopback, place: int) -> None:
    """One flipped bit is noticed wherever it is."""
    config = telegram.add_session(f"bob-{place}")
    async with connected(config) as client, open_wire(telegram.address, config) as wire:
        _, part = wire.part(bytes(functions.help.GetConfigRequest()))
        sealed = bytearray(wire.state.encrypt_message_data(part))
        sealed[place] ^= 1
        wire.send_frame(bytes(sealed))
        assert await hung_up(wire)
        assert await client(GET_ME)


async def test_a_wrong_salt_is_corrected_and_a_new_session_announced(telegram: Loopback) -> None:
    """bad_server_salt first, then new_session_created and the answer."""
    async with open_wire(telegram.address, telegram.add_session("cat-wire")) as wire:
        (asked,) = wire.send(bytes(functions.help.GetConfigRequest()))
        (notice,) = await wire.receive()
        assert isinstance(notice, types.BadServerSalt)
        assert notice.bad_msg_id == asked
        wire.state.salt = notice.new_server_salt
        (asked,) = wire.send(bytes(functions.help.GetConfigRequest()))
        created, result = await _two(wire)
        assert isinstance(created, types.NewSessionCreated)
        assert result.req_msg_id == asked


async def _two(wire: Wire) -> list[Any]:
    things = await wire.receive()
    return things if len(things) > 1 else things + await wire.receive()


async def test_a_bad_part_of_a_container_spoils_no_other_part(telegram: Loopback) -> None:
    """The unknown constructor gets an RPC error, its neighbours their answers."""
    async with open_wire(telegram.address, telegram.add_session("dee-wire")) as wire:
        await wire.settle(bytes(GET_ME))
        sent = wire.send(bytes(GET_ME), b"\x01\x02\x03\x04", bytes(functions.PingRequest(7)), bytes(GET_ME))
        things: list[Any] = []
        while len(things) < 4:
            things += await wire.receive()
        errors = [thing.error for thing in things if getattr(thing, "error", None)]
        assert [error.error_message for error in errors] == ["INPUT_METHOD_INVALID_67305985"]
        assert [thing.ping_id for thing in things if isinstance(thing, types.Pong)] == [7]
        assert [thing.req_msg_id for thing in things if hasattr(thing, "req_msg_id")] == [sent[0], sent[1], sent[3]]


async def test_a_message_from_the_past_is_refused_with_the_reason(telegram: Loopback) -> None:
    """bad_msg_notification 16 lets a client with a wrong clock put itself right."""
    async with open_wire(telegram.address, telegram.add_session("eve-wire")) as wire:
        await wire.settle(bytes(GET_ME))
        wire.state.time_offset, wire.state._last_msg_id = -1000, 0
        wire.send(bytes(GET_ME))
        (notice,) = await wire.receive()
        assert isinstance(notice, types.BadMsgNotification)
        assert notice.error_code == 16


async def test_long_requests_come_gzipped_and_long_answers_go_gzipped(telegram: Loopback) -> None:
    """Telethon packs what is over 512 bytes; the server packs a page of long messages."""
    async with connected(telegram.add_session("fay-wire")) as client:
        await client.send_message("me", "all work and no play " * 190)
        telegram.post_many("fay-wire", ["redrum " * 500] * 30, author="fay-wire")
        texts = [message.raw_text async for message in client.iter_messages("me", wait_time=0)]
        assert len(texts) == 31
        assert texts[-1] == ("all work and no play " * 190).strip()


async def test_fifty_requests_at_once_are_answered_each_with_its_own(telegram: Loopback) -> None:
    """Telethon sends them as one container; every caller gets the answer to its question."""
    names = [f"peer-{number}" for number in range(50)]
    for name in names:
        telegram.add_account(name)
    async with connected(telegram.add_session("gil-wire")) as client:
        found = await asyncio.gather(
            *[client(functions.contacts.ResolveUsernameRequest(name.replace("-", "_"))) for name in names]
        )
        assert [resolved.users[0].first_name for resolved in found] == names


@pytest.mark.parametrize("transport", [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate])
async def test_the_transport_is_told_from_the_first_bytes(telegram: Loopback, transport: type) -> None:
    """TcpFull is Telethon's default; the other two that aren't obfuscated work too."""
    async with connected(telegram.add_session(transport.__name__), connection=transport) as client:
        assert (await client(GET_ME))[0].first_name == transport.__name__


async def test_a_client_that_disconnects_and_connects_again_goes_on(telegram: Loopback) -> None:
    """Message ids never repeat, or the second await would hang."""
    async with connected(telegram.add_session("hal-wire")) as client:
        for _ in range(3):
            await client.disconnect()
            await client.connect()
            assert (await client(GET_ME))[0].first_name == "hal-wire"


async def test_many_strangers_exchange_keys_at_once(telegram: Loopback) -> None:
    """Every one ends with a key of its own."""

    async def key() -> bytes:
        async with stranger(telegram.address) as client:
            return bytes(client.session.auth_key.key)

    assert len(set(await asyncio.gather(*[key() for _ in range(5)]))) == 5


@given(st.binary(max_size=200))
def test_no_bytes_make_the_framing_raise_anything_else(data: bytes) -> None:
    """BrokenFrame is the only way out, so that a connection is always closed cleanly."""
    with contextlib.suppress(BrokenFrame):
        list(Framing().feed(data))


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_raise_anything_else(data: bytes) -> None:
    """MalformedRequest is the only way out."""
    with contextlib.suppress(MalformedRequest):
        parse(inflate(data))


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=300))
def test_no_bytes_decrypt_without_the_key(msg_key: bytes, data: bytes) -> None:
    """CannotDecrypt for every length."""
    with pytest.raises(CannotDecrypt):
        decrypt(AuthKey(bytes(range(256))), msg_key, data)


def test_a_gzip_bomb_is_refused_unopened() -> None:
    """A few kilobytes that would become 100 MB."""
    bomb = struct.pack("<I", 0x3072CFA1) + TLObject.serialize_bytes(gzip.compress(bytes(100_000_000)))
    with pytest.raises(MalformedRequest):
        inflate(bomb)


@settings(max_examples=20)
@given(st.binary(max_size=300))
def test_no_bytes_get_a_stranger_through_the_key_exchange(data: bytes) -> None:
    """HandshakeFailed, at any step."""
    handshake = Handshake(KEY)
    handshake.answer(bytes(functions.ReqPqMultiRequest(5)), 0)
    with pytest.raises(HandshakeFailed):
        handshake.answer(data, 0)
    assert handshake.key is None


KEY = ServerKey()


def test_the_key_exchange_asks_for_its_steps_in_order() -> None:
    """Parameters before a question, or with somebody else's nonce, are refused."""
    handshake = Handshake(KEY)
    early = functions.ReqDHParamsRequest(1, 2, b"p", b"q", KEY.fingerprint, bytes(256))
    with pytest.raises(HandshakeFailed):
        handshake.answer(bytes(early), 0)
    answer = handshake.answer(bytes(functions.ReqPqMultiRequest(5)), 0)
    assert answer.nonce == 5
    with pytest.raises(HandshakeFailed):
        handshake.answer(bytes(functions.SetClientDHParamsRequest(5, answer.server_nonce, bytes(16))), 0)


def test_secrets_are_not_in_any_repr() -> None:
    """Keys show an id at most."""
    key = AuthKey(bytes(range(256)))
    assert key.data.hex()[:20] not in repr(key) + repr(KEY)
    assert "PRIVATE" not in KEY.pem
    assert parsed(bytes(functions.PingRequest(3))).ping_id == 3
    assert Message(1, 2, 3, 4, b"").body == b""
