"""Telegram's limits: pure, with time as a parameter, and as a client meets them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from actors.testing.server.limits import BOTS, PEOPLE, Bucket, Limits, Per, Rule
from actors.testing.server.world.parties import Account, Channel
from tests.testing.server.clients import connected

SEND = "messages.sendMessage"
ANNA, BOB = Account(1, "anna", "anna"), Account(2, "bob", "bob")
GROUP = Channel(id=10, title="group", username="group", broadcast=False, creator=2, date=0)


def _limits(**options: Any) -> Limits:
    return Limits(on=True, **options)


def _name(limits: Limits, now: float, *, method: str = SEND, party: Any = GROUP, account: Account = ANNA) -> str | None:
    fault = limits.judge(account, method, None, party, now)
    return None if fault is None else fault.message


def test_a_group_takes_16_messages_a_minute_and_then_one_every_four_seconds() -> None:
    """The bucket fills evenly; the wait is told in whole seconds."""
    limits = _limits()
    assert [_name(limits, 0) for _ in range(16)] == [None] * 16
    assert _name(limits, 0) == "FLOOD_WAIT_4"
    assert _name(limits, 2) == "FLOOD_WAIT_2"
    assert _name(limits, 4) is None
    assert _name(limits, 4, party=Channel(id=11, title="b", username=None, broadcast=False, creator=2, date=0)) is None


def test_a_person_takes_one_message_a_second_and_an_account_sends_thirty_a_minute() -> None:
    """Whoever they are for."""
    limits = _limits()
    assert [_name(limits, 0, party=BOB), _name(limits, 0.5, party=BOB)] == [None, "FLOOD_WAIT_1"]
    people = [Account(100 + number, str(number), None) for number in range(40)]
    refused = [_name(limits, 1, party=person) for person in people]
    assert refused.index("FLOOD_WAIT_1") == 29
    assert _name(limits, 1, party=BOB, account=BOB) is None


def test_other_methods_have_their_own_limits_and_most_have_none() -> None:
    """The table of the limits."""
    limits = _limits()
    for method, count, wait in [
        ("messages.getHistory", 24, 2),
        ("messages.getDialogs", 1, 60),
        ("contacts.resolveUsername", 20, 3),
        ("channels.joinChannel", 3, 100),
    ]:
        assert [_name(limits, 0, method=method) for _ in range(count)] == [None] * count
        assert _name(limits, 0, method=method) == f"FLOOD_WAIT_{wait}"
    assert [_name(limits, 0, method="users.getUsers") for _ in range(500)] == [None] * 500


def test_who_goes_on_resolving_although_refused_is_shut_out_for_fifteen_hours() -> None:
    """160 in a row."""
    limits = _limits()
    names = [_name(limits, 0, method="contacts.resolveUsername") for _ in range(161)]
    assert names[159] == "FLOOD_WAIT_3"
    assert names[160] == f"FLOOD_WAIT_{15 * 3600}"
    assert _name(limits, 3600, method="contacts.resolveUsername") == f"FLOOD_WAIT_{14 * 3600}"


def test_a_scale_shortens_every_period() -> None:
    """A minute of six seconds."""
    limits = _limits(scale=0.1)
    assert [_name(limits, 0, method="messages.getDialogs") for _ in range(2)] == [None, "FLOOD_WAIT_6"]
    assert _name(limits, 6, method="messages.getDialogs") is None


@given(st.sampled_from([*PEOPLE, *BOTS]), st.lists(st.floats(0, 100), max_size=60))
def test_no_bucket_lets_more_through_than_it_should(rule: Rule, gaps: list[float]) -> None:
    """However the calls are spread: at most `count` at once and as many again in each period; a refusal is honest."""
    bucket, now, allowed = Bucket(rule, 1.0, float(rule.count), 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        wait = bucket.wait(now)
        if wait == 0:
            bucket.take()
            allowed += 1
        elif rule.penalty is None:
            assert Bucket(rule, 1.0, bucket.tokens, now).wait(now + wait + 1e-6) == 0
    assert allowed <= rule.count + math.ceil(now * rule.count / rule.seconds)


def test_nothing_is_limited_until_it_is_asked_for() -> None:
    """And the rules are data."""
    assert not Limits()
    assert {rule.per for rule in (*PEOPLE, *BOTS)} == set(Per)


async def test_a_client_gets_the_wait_and_is_let_through_after_it(telegram: Loopback) -> None:
    """With periods a hundredth as long; off again, nothing is refused."""
    async with connected(telegram.add_session("amy-limits"), flood_sleep_threshold=5) as amy:
        request = functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 10, 0)
        telegram.limits(scale=0.01)
        try:
            for _ in range(2):
                assert await amy(request)
            asked = [call for call in telegram.calls("amy-limits") if call == "messages.getDialogs"]
            assert len(asked) == 3
        finally:
            telegram.limits(on=False)
        assert [await amy(request) for _ in range(5)]


async def test_slow_mode_binds_the_members_of_one_chat_and_not_its_creator(telegram: Loopback) -> None:
    """SLOWMODE_WAIT_n, n being what is left."""
    telegram.add_channel("slowly", members=["ben-limits", "cas-limits"])
    telegram.add_channel("swiftly", members=["cas-limits"])
    telegram.slow_mode("slowly", 30)
    async with (
        connected(telegram.add_session("ben-limits")) as ben,
        connected(telegram.add_session("cas-limits")) as cas,
    ):
        await cas.send_message("@slowly", "one")
        with pytest.raises(errors.SlowModeWaitError) as caught:
            await cas.send_message("@slowly", "two")
        assert 28 <= caught.value.seconds <= 30
        for text in ("one", "two"):
            await ben.send_message("@slowly", text)
            await cas.send_message("@swiftly", text)
        telegram.slow_mode("slowly", 0)
        await cas.send_message("@slowly", "two")


async def test_writing_to_too_many_strangers_ends_in_a_peer_flood(telegram: Loopback) -> None:
    """Old friends, and those who have written, can still be written to."""
    for name in ("dee-limits", "eva-limits", "fay-limits", "gus-limits"):
        telegram.add_account(name)
    async with connected(telegram.add_session("hal-limits")) as hal:
        telegram.peer_flood("hal-limits", after=2)
        telegram.post("hal-limits", "hi hal", author="gus-limits")
        for name in ("dee_limits", "eva_limits", "dee_limits", "gus_limits"):
            await hal.send_message(name, "hello")
        with pytest.raises(errors.PeerFloodError):
            await hal.send_message("fay_limits", "hello")
        await hal.send_message("dee_limits", "still there?")
        telegram.peer_flood("hal-limits", after=None)
        await hal.send_message("fay_limits", "hello")
