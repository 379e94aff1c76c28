"""Scripted faults, as a client meets them."""

from __future__ import annotations

import asyncio
import time

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from actors.testing.server.faults import Fail, Fault, Faults, Silence
from actors.testing.server.rpc_errors import code_of
from tests.testing.server.clients import connected, eventually, told

ME = [types.InputUserSelf()]
GET_ME = functions.users.GetUsersRequest(ME)


async def test_an_error_is_given_as_often_as_asked_and_then_no_more(telegram: Loopback) -> None:
    """times=2: two flood waits, then an answer."""
    async with connected(telegram.add_session("amy")) as client:
        telegram.fail("users.getUsers", account="amy", error="FLOOD_WAIT_3", times=2)
        for _ in range(2):
            with pytest.raises(errors.FloodWaitError) as caught:
                await client._sender.send(GET_ME)
            assert caught.value.seconds == 3
        assert (await client(GET_ME))[0].username == "amy"


async def test_a_fault_meets_only_its_account(telegram: Loopback) -> None:
    """Others go on undisturbed, and so does every other method."""
    async with connected(telegram.add_session("ben")) as ben, connected(telegram.add_session("cas")) as cas:
        telegram.fail("users.getUsers", account="ben", error="PEER_FLOOD")
        assert await cas(GET_ME)
        assert await ben(functions.updates.GetStateRequest())
        with pytest.raises(errors.PeerFloodError):
            await ben(GET_ME)
        telegram.heal("ben")
        assert await ben(GET_ME)


async def test_a_fault_for_one_chat_leaves_the_other_chats_alone(telegram: Loopback) -> None:
    """Slow mode is a matter of one chat."""
    telegram.add_channel("slow", members=["dan"])
    telegram.add_channel("fast", members=["dan"])
    async with connected(telegram.add_session("dan-1", account="dan")) as dan:
        telegram.fail("messages.sendMessage", chat="slow", error="SLOWMODE_WAIT_30")
        await dan.send_message("@fast", "hi")
        with pytest.raises(errors.SlowModeWaitError):
            await dan.send_message("@slow", "hi")


async def test_silence_neither_answers_nor_does_it(telegram: Loopback) -> None:
    """The call stays unanswered while another on the same connection is answered."""
    telegram.add_account("eli")
    async with connected(telegram.add_session("fay")) as fay:
        peer = await fay.get_input_entity("@eli")
        telegram.fail("messages.sendMessage", account="fay", silence=True)
        pending = asyncio.ensure_future(fay(functions.messages.SendMessageRequest(peer, "hm", random_id=5)))
        await eventually(lambda: "messages.sendMessage" in telegram.calls("fay"))
        assert await fay(GET_ME)
        assert not pending.done()
        assert telegram.messages("eli") == []
        pending.cancel()


async def test_a_silent_account_gets_not_even_a_config(telegram: Loopback) -> None:
    """`*` is every method: connecting never ends."""
    config = telegram.add_session("mute")
    telegram.fail("*", account="mute", silence=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3), connected(config):
            pass
    assert telegram.calls("mute") == ["help.getConfig"]


async def test_a_delay_answers_late_and_lets_others_pass(telegram: Loopback) -> None:
    """The delayed reply comes after the delay; a later call is answered before it."""
    async with connected(telegram.add_session("gus")) as gus:
        telegram.fail("users.getUsers", account="gus", delay=0.3, times=1)
        started = time.monotonic()
        slow = asyncio.ensure_future(gus(GET_ME))
        await gus(functions.updates.GetStateRequest())
        assert not slow.done()
        await slow
        assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("drop", "done_after_cut"), [("before", 0), ("after", 1)])
async def test_a_cut_comes_before_or_after_the_deed(telegram: Loopback, drop: str, done_after_cut: int) -> None:
    """Telethon reconnects and repeats the request; the random_id keeps it at one message either way."""
    sender, receiver = f"ida-{drop}", f"jon-{drop}"
    telegram.add_account(receiver)
    async with connected(telegram.add_session(sender)) as client:
        peer = await client.get_input_entity(f"@jon_{drop}")
        telegram.fail("messages.sendMessage", account=sender, drop=drop, times=1)  # type: ignore[arg-type]  # as parametrized
        telegram.fail("messages.sendMessage", account=sender, error="PEER_FLOOD", times=1)
        with pytest.raises(errors.PeerFloodError):
            await client(functions.messages.SendMessageRequest(peer, "hi", random_id=9))
        assert len(telegram.messages(receiver)) == done_after_cut
        await client(functions.messages.SendMessageRequest(peer, "hi", random_id=9))
        assert len(telegram.messages(receiver)) == 1


async def test_a_swallowed_ping_gets_no_pong(telegram: Loopback) -> None:
    """Pings are no RPCs, but a fault can name them."""
    async with connected(telegram.add_session("kim")) as kim:
        telegram.fail("ping", account="kim", silence=True, times=1)
        lost = asyncio.ensure_future(kim._sender.send(functions.PingRequest(1)))
        pong = await kim._sender.send(functions.PingRequest(2))
        assert pong.ping_id == 2
        assert not lost.done()
        lost.cancel()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("FLOOD_WAIT_3", 420),
        ("SLOWMODE_WAIT_30", 420),
        ("PEER_FLOOD", 400),
        ("AUTH_KEY_UNREGISTERED", 401),
        ("SESSION_REVOKED", 401),
        ("USER_DEACTIVATED", 401),
        ("USER_DEACTIVATED_BAN", 401),
        ("SESSION_PASSWORD_NEEDED", 401),
        ("CHAT_WRITE_FORBIDDEN", 403),
        ("USER_PRIVACY_RESTRICTED", 403),
        ("AUTH_KEY_DUPLICATED", 406),
        ("PHONE_MIGRATE_4", 303),
        ("RANDOM_ID_DUPLICATE", 500),
        ("RPC_CALL_FAIL", 500),
        ("INTERNAL", 500),
        ("INTERDC_3_CALL_ERROR", 500),
        ("Timeout", 503),
        ("CHANNEL_PRIVATE", 400),
        ("MESSAGE_TOO_LONG", 400),
    ],
)
def test_an_errors_name_gives_its_code(name: str, code: int) -> None:
    """The table that spares a script the numbers."""
    assert code_of(name) == code


TWO_CODES = {"CHAT_SEND_INLINE_FORBIDDEN": 403, "FRESH_CHANGE_ADMINS_FORBIDDEN": 406, "USER_NOT_MUTUAL_CONTACT": 403}
"""Names that Telegram sends with one of two codes, where Telethon has the other one."""


def test_every_error_that_telethon_knows_comes_with_its_code() -> None:
    """A script that gives a name alone gets what Telegram would send."""
    known = {name: cls.code for name, cls in errors.rpc_errors_dict.items()}
    known |= {pattern.replace("(\\d+)", "5"): cls.code for pattern, cls in errors.rpc_errors_re}
    assert len(known) > 500
    assert {name: code_of(name) for name in known} == known | TWO_CODES


def test_the_first_fault_that_matches_decides_and_is_counted() -> None:
    """Pure: no server needed."""
    faults = Faults()
    faults.add(Fault(Fail("A", 400), "users.getUsers", account="a", times=1))
    faults.add(Fault(Silence(), "*"))
    assert faults.decide("b", "users.getUsers", None) == Silence()
    assert faults.decide("a", "users.getUsers", None) == Fail("A", 400)
    assert faults.decide("a", "users.getUsers", None) == Silence()
    assert faults.decide("a", "ping", None) == Silence()
    faults.heal("b")
    assert faults
    faults.heal(None)
    assert faults.decide("a", "users.getUsers", None) is None


def test_an_error_for_every_method_is_not_spent_on_a_ping() -> None:
    """Pings come by themselves, and would make a script's count a matter of luck."""
    faults = Faults()
    faults.add(Fault(Fail("A", 400), "*", times=1))
    assert faults.decide("a", "ping", None) is None
    assert faults.decide("a", "help.getConfig", None) == Fail("A", 400)
    assert not faults


async def test_an_answer_of_a_newer_layer_can_not_be_read_though_it_was_carried_out(telegram: Loopback) -> None:
    """Nor can an update; the ones after it can."""
    telegram.add_account("hal")
    async with connected(telegram.add_session("gil")) as gil:
        telegram.fail("messages.sendMessage", account="gil", newer=True, times=1)
        peer = await gil.get_input_entity("@hal")
        with pytest.raises(errors.TypeNotFoundError):
            await gil(functions.messages.SendMessageRequest(peer, "sent", random_id=1))
        assert [message.text for message in telegram.messages("hal")] == ["sent"]
        updates = told(gil, types.UpdateNewMessage)
        telegram.fail("push", account="gil", newer=True, times=1)
        telegram.post("gil", "unreadable", author="hal")
        telegram.post("gil", "readable", author="hal")
        await eventually(lambda: [update.message.message for update in updates][-1:] == ["readable"])
