"""Messages that are refused: bad ids, bad sequence numbers, bad containers, replays, unknown keys. And the time."""

from __future__ import annotations

import asyncio
import struct
import time
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon import TelegramClient
from telethon.errors import AuthKeyNotFound
from telethon.sessions import StringSession
from telethon.tl import functions, types

from actors.testing import Loopback
from actors.testing.server.wire.received import Bad, MessageState, Received, clock_error
from tests.testing.server.clients import connected
from tests.testing.server.wire import Wire, open_wire

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])
ME = bytes(GET_ME)
ACK = bytes(types.MsgsAck([4]))
CONTAINER = 0x73F1F8DC


async def _settled(wire: Wire) -> tuple[int, int]:
    """Settle the salt and return (the last message id, the next odd sequence number)."""
    await wire.settle(ME)
    return wire.state._last_msg_id, wire.state._sequence * 2 + 1


async def _refusal(wire: Wire) -> tuple[int, int]:
    """Return (message id, code) of the next notification, which must come alone."""
    (notice,) = await wire.receive()
    assert isinstance(notice, types.BadMsgNotification)
    return notice.bad_msg_id, notice.error_code


@pytest.mark.parametrize(
    ("id_by", "sequence_by", "body", "code"),
    [
        (-400 << 32, 0, ME, Bad.ID_TOO_LOW),
        (60 << 32, 0, ME, Bad.ID_TOO_HIGH),
        (5, 0, ME, Bad.ID_NOT_DIVISIBLE),
        (4, -2, ME, Bad.SEQUENCE_TOO_LOW),
        (-4, 2, ME, Bad.SEQUENCE_TOO_HIGH),
        (4, 0, ACK, Bad.SEQUENCE_ODD),
        (4, 1, ME, Bad.SEQUENCE_EVEN),
        (4, 0, struct.pack("<Ii", CONTAINER, 0), Bad.SEQUENCE_ODD),
        (4, 1, struct.pack("<Ii", CONTAINER, 5), Bad.CONTAINER),
        (4, 1, struct.pack("<Ii", CONTAINER, 2000), Bad.CONTAINER),
    ],
    ids=lambda value: value.name if isinstance(value, Bad) else "",
)
async def test_a_message_that_cannot_be_is_refused_with_its_code_and_undone(
    telegram: Loopback, id_by: int, sequence_by: int, body: bytes, code: Bad
) -> None:
    """Nothing is carried out, and the connection goes on."""
    name = f"ann-{code}-{len(body)}-{id_by % 97}"
    async with open_wire(telegram.address, telegram.add_session(name)) as wire:
        last, sequence = await _settled(wire)
        before = telegram.calls(name)
        wire.send_message(last + id_by, sequence + sequence_by, body)
        assert await _refusal(wire) == (last + id_by, code)
        assert telegram.calls(name) == before
        wire.state._last_msg_id = last + 1000
        (asked,) = wire.send(ME)
        (answer,) = await wire.receive()
        assert answer.req_msg_id == asked


async def test_a_replayed_message_is_acknowledged_and_not_done_again(telegram: Loopback) -> None:
    """The very same bytes, twice."""
    async with open_wire(telegram.address, telegram.add_session("bob-replay")) as wire:
        last, sequence = await _settled(wire)
        before = len(telegram.calls("bob-replay"))
        wire.send_message(last + 4, sequence, ME)
        assert [thing.req_msg_id for thing in await wire.receive()] == [last + 4]
        wire.send_message(last + 4, sequence, ME)
        assert [thing.msg_ids for thing in await wire.receive()] == [[last + 4]]
        assert len(telegram.calls("bob-replay")) == before + 1


async def test_a_replayed_container_is_refused_with_19(telegram: Loopback) -> None:
    """Whatever is in it."""
    async with open_wire(telegram.address, telegram.add_session("cas-replay")) as wire:
        last, sequence = await _settled(wire)
        inner = struct.pack("<qii", last + 4, sequence, len(ME)) + ME
        for _ in range(2):
            wire.send_message(last + 8, sequence + 1, struct.pack("<Ii", CONTAINER, 1) + inner)
        things: list[Any] = []
        while len(things) < 2:
            things += await wire.receive()
        assert things[0].req_msg_id == last + 4
        assert (things[1].bad_msg_id, things[1].error_code) == (last + 8, Bad.CONTAINER_REPLAYED)


async def test_an_id_older_than_the_window_is_refused_with_20(telegram: Loopback) -> None:
    """Whether it was received already, the server can't tell any more."""
    async with open_wire(telegram.address, telegram.add_session("dee-window")) as wire:
        last, _ = await _settled(wire)
        for _ in range(6):
            wire.send(*[bytes(functions.PingRequest(number)) for number in range(100)])
        pongs = 0
        while pongs < 600:
            pongs += len(await wire.receive())
        wire.send_message(last + 4, 3, ME)
        assert await _refusal(wire) == (last + 4, Bad.TOO_OLD_TO_TELL)


async def test_a_client_can_ask_what_became_of_its_messages(telegram: Loopback) -> None:
    """msgs_state_req: received, not received, too far ahead, too long ago."""
    async with open_wire(telegram.address, telegram.add_session("eve-states")) as wire:
        last, _ = await _settled(wire)
        ids = [last, last + 4, last + (90 << 32), last - (900 << 32)]
        wire.send(bytes(types.MsgsStateReq(ids)))
        (info,) = await wire.receive()
        states = [MessageState.RECEIVED, MessageState.NOT_RECEIVED, MessageState.YET_TO_COME, MessageState.UNKNOWN]
        assert [ord(state) for state in info.info] == states  # a TL string, to Telethon


async def test_an_unknown_key_gets_a_transport_error_404(telegram: Loopback) -> None:
    """Telethon makes an AuthKeyNotFound of it."""
    with Loopback() as other:
        config = other.add_session("fay-key")
    client = TelegramClient(StringSession(config.session), 1, "hash")
    client.session.set_dc(2, telegram.address.host, telegram.address.port)
    with pytest.raises(AuthKeyNotFound):
        await client.connect()
    await client.disconnect()


async def test_100_requests_at_once_come_in_one_container(telegram: Loopback) -> None:
    """Telethon's most: each is answered with its own."""
    async with connected(telegram.add_session("gus-hundred")) as client:
        telegram.forget_calls("gus-hundred")
        answers = await asyncio.gather(*[client._sender.send(functions.PingRequest(number)) for number in range(100)])
        assert [pong.ping_id for pong in answers] == list(range(100))
        states = await asyncio.gather(*[client(functions.updates.GetStateRequest()) for _ in range(100)])
        assert len(states) == 100
        assert telegram.calls("gus-hundred") == ["updates.getState"] * 100


@pytest.mark.parametrize("offset", [-1000.0, 1000.0])
async def test_a_client_whose_clock_differs_is_put_right(telegram: Loopback, offset: float) -> None:
    """From the first message, and in the middle of a session; what the server says has the server's date."""
    config = telegram.add_session("hal-late" if offset < 0 else "hal-early")
    try:
        async with connected(config) as client:
            telegram.set_clock(offset)
            message = await client.send_message("me", "what time is it?")
            assert abs(message.date.timestamp() - time.time() - offset) < 10
            assert abs(client._sender._state.time_offset - offset) <= 1
        async with connected(config) as client:
            assert await client(GET_ME)
            telegram.set_clock(0)
            assert await client(GET_ME)
            assert abs(client._sender._state.time_offset) <= 1
    finally:
        telegram.set_clock(0)


@given(st.lists(st.integers(1, 200), unique=True, max_size=60))
def test_rising_ids_with_rising_sequence_numbers_are_taken_in_any_order(order: list[int]) -> None:
    """What is in order is never refused, however late it comes; what was taken is known."""
    received = Received()
    for number in order:
        message_id = (1000 << 32) + number * 4
        assert message_id not in received
        assert received.problem(message_id, number * 2 + 1, 1000) is None
        received.add(message_id, number * 2 + 1)
        assert message_id in received
        assert received.problem(message_id + 1, 0, 1000) is Bad.ID_NOT_DIVISIBLE


def test_a_window_forgets_the_oldest_and_refuses_to_guess() -> None:
    """512 ids at most."""
    received = Received()
    for number in range(1, 2000):
        received.add((1000 << 32) + number * 4, number * 2 + 1)
    assert received.problem((1000 << 32) + 4, 3, 1000) is Bad.TOO_OLD_TO_TELL
    assert (1000 << 32) + 1999 * 4 in received
    assert received.state((1000 << 32) + 4, 1000) is MessageState.UNKNOWN


@pytest.mark.parametrize(("seconds", "code"), [(-301, 16), (-300, None), (30, None), (31, 17)])
def test_an_id_may_be_300_seconds_old_and_30_ahead(seconds: int, code: Any) -> None:
    """Telegram's bounds."""
    assert clock_error((1000 + seconds) << 32, 1000) == code
