"""What a subscriber's overflow has lost is told, where it lacks; and the marks don't claim it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pykka
import pytest
from hypothesis import given

import actors
from actors.model.content import Message, Peer
from actors.model.updates import DeletedMessages
from actors.session.monitoring.losses import MOST, OVERFLOW, LostEvents
from actors.testing import Loopback
from tests.runtime.test_delivery import Sleeper
from tests.support import Collector, eventually, received

EPOCH = datetime.fromtimestamp(0, UTC)


def gaps(ref: pykka.ActorRef[Any]) -> list[actors.MonitorGap]:
    """Return the gaps that somebody was told of."""
    return [event for event in received(ref) if isinstance(event, actors.MonitorGap)]


def texts(ref: pykka.ActorRef[Any]) -> list[str]:
    """Return what somebody was told."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def wake(slow: pykka.ActorRef[Sleeper]) -> None:
    """Let a sleeper go on."""
    actor: Any = slow._actor_weakref()
    actor.woken.set()


@pytest.mark.parametrize("overflow", [actors.Overflow.DROP_OLDEST, actors.Overflow.DROP_NEWEST])
def test_overflow_leaves_one_gap_for_each_chat_to_the_subscriber_and_the_event_stream(
    telegram: Loopback,
    alice: actors.SessionRef,
    system: actors.System,
    collector: pykka.ActorRef[Collector],
    overflow: actors.Overflow,
) -> None:
    """With the first and the last id that it lost, how many, and whose they were."""
    for name in ("one", "two"):
        telegram.add_channel(name, members=["bob", "alice"])
    system.subscribe(collector, actors.MonitorGap)
    slow = Sleeper.start(60.0)
    policy = actors.DeliveryPolicy(queue=2, overflow=overflow)
    monitoring = alice.ask(actors.Monitor(["one", "two"], to=slow, delivery=policy))
    telegram.post("one", "with the subscriber", author="bob")
    eventually(lambda: alice.status().monitors[0].lag is not None)
    for number in range(4):
        telegram.post("one", f"one {number}", author="bob")
        telegram.post("two", f"two {number}", author="bob")
    eventually(lambda: alice.status().monitors[0].dropped == 6)
    wake(slow)
    told = eventually(lambda: len(gaps(slow)) == 2 and gaps(slow))
    lost = {"one": (2, 4), "two": (1, 3)} if overflow is actors.Overflow.DROP_OLDEST else {"one": (3, 5), "two": (2, 4)}
    assert {gap.chat.username: (gap.first_id, gap.last_id) for gap in told} == lost
    assert {(gap.count, gap.reason, gap.monitor_id) for gap in told} == {(3, OVERFLOW, monitoring.id)}
    assert eventually(lambda: len(gaps(collector)) == 2 and gaps(collector)) == told
    slow.stop()


def test_marks_stop_before_what_overflow_has_lost_and_bring_it_after_a_restart(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Whatever was answered after it."""
    news = telegram.add_channel("news", members=["bob", "alice"], messages=3)
    slow = Sleeper.start(60.0)
    policy = actors.DeliveryPolicy(queue=1, overflow=actors.Overflow.DROP_OLDEST)
    alice.ask(actors.Monitor(["news"], to=slow, delivery=policy))
    telegram.post("news", "4", author="bob")
    eventually(lambda: alice.status().monitors[0].lag is not None)
    telegram.post_many("news", ["5", "6", "7"], author="bob")
    eventually(lambda: alice.status().monitors[0].dropped == 2)
    wake(slow)
    eventually(lambda: texts(slow) == ["4", "7"])
    telegram.post("news", "8", author="bob")
    eventually(lambda: alice.status().monitors[0].delivered == 4)
    marks = dict(alice.status().monitors[0].marks)
    assert marks == {f"channel:{news}": 4}
    alice.ask(actors.Monitor(["news"], to=collector, marks=marks))
    eventually(lambda: texts(collector) == ["5", "6", "7", "8"])
    slow.stop()


async def test_an_iteration_over_messages_goes_on_after_a_gap(
    telegram: Loopback, collector: pykka.ActorRef[Collector]
) -> None:
    """The gap itself is no message."""
    telegram.add_channel("news", members=["bob", "alice"], messages=2)
    async with actors.open_system() as system:
        alice = await system.start_session(telegram.add_session("alice"))
        telegram.fail("push", account="alice", newer=True, times=1)
        await system.subscribe(collector, actors.MonitorGap)
        messages = alice.messages(["news"])
        first = asyncio.ensure_future(anext(messages))
        await until(alice, lambda status: status.monitors)
        telegram.post("alice", "unreadable", author="bob")
        await until(alice, lambda status: status.monitors[0].delivered)
        assert gaps(collector)
        telegram.post("news", "last", author="bob")
        assert (await asyncio.wait_for(first, 10)).text == "last"
        await messages.aclose()


async def until(session: actors.AsyncSessionRef, condition: Callable[[actors.SessionStatus], object]) -> None:
    """Wait until a session's status is as it should be."""
    async with asyncio.timeout(10):
        while not condition(await session.status()):  # noqa: ASYNC110  there is nothing to be told by
            await asyncio.sleep(0.01)


def message_of(chat: int, number: int) -> actors.MessageReceived:
    """Return a message as it is told."""
    return actors.MessageReceived(
        session="alice", monitor_id=1, message=Message(number, Peer("channel", chat), None, EPOCH, "")
    )


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 99))))
def test_the_losses_of_a_place_are_told_once_for_each_chat_and_count_each_event(lost: list[tuple[int, int]]) -> None:
    """For all orders of losing."""
    losses = LostEvents("alice", 1)
    for chat, number in lost:
        losses.add(message_of(chat, number))
    told = []
    while losses:
        told.append(losses.take())
    ids: dict[int, list[int]] = {}
    for chat, number in lost:
        ids.setdefault(chat, []).append(number)
    assert {(gap.chat.id if gap.chat else 0, gap.first_id, gap.last_id, gap.count) for gap in told} == {
        (chat, min(numbers), max(numbers), len(numbers)) for chat, numbers in ids.items()
    }
    assert len(told) == len(ids)


def test_the_losses_of_a_place_are_bounded_and_forget_the_chat_before_the_loss() -> None:
    """Of a million chats, a thousand are named, and all is counted."""
    losses = LostEvents("alice", 1)
    for chat in range(1, 3 * MOST + 1):
        losses.add(message_of(chat, 7))
    told = []
    while losses:
        told.append(losses.take())
    assert len(told) == MOST + 1
    assert (told[-1].chat, told[-1].first_id, told[-1].count) == (None, None, 2 * MOST)
    assert sum(gap.count for gap in told) == 3 * MOST


def test_an_update_that_is_no_message_is_counted_and_has_no_id() -> None:
    """A deletion somewhere in private chats has no chat either."""
    losses = LostEvents("alice", 1)
    losses.add(actors.UpdateReceived(session="alice", monitor_id=1, update=DeletedMessages(None, (1, 2))))
    gap = losses.take()
    assert (gap.chat, gap.first_id, gap.last_id, gap.count, gap.reason) == (None, None, None, 1, OVERFLOW)
