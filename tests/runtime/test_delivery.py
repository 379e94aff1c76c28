"""Delivery to subscribers: each has its own queue, window, overflow and counts, and delays nobody else."""

from __future__ import annotations

import statistics
import threading
import time
from functools import partial
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

POSTS = 200


class Sleeper(Collector):
    """Takes its time over each message, until it is woken."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.woken = threading.Event()

    def on_receive(self, message: Any) -> Any:
        """Keep it, slowly."""
        if isinstance(message, actors.MessageReceived):
            self.woken.wait(self._seconds)
        return super().on_receive(message)


class Raiser(Collector):
    """Raises on each message."""

    def on_receive(self, message: Any) -> Any:
        """Raise."""
        if message == "received":
            return super().on_receive(message)
        raise RuntimeError


class Timed(Collector):
    """Notes when each message came."""

    def on_receive(self, message: Any) -> Any:
        """Keep it with the time."""
        if isinstance(message, actors.MessageReceived):
            self.received.append((message.message.text, time.monotonic()))
            return None
        return super().on_receive(message)


@pytest.fixture
def news(telegram: Loopback, alice: actors.SessionRef) -> actors.SessionRef:
    """A session that is in a channel."""
    telegram.add_channel("news", messages=0, members=["bob", "alice"])
    return alice


def arrival(timed: pykka.ActorRef[Timed], text: str) -> float | None:
    """Return when a message came, if it has."""
    return dict(received(timed)).get(text)


def delays(telegram: Loopback, timed: pykka.ActorRef[Timed]) -> list[float]:
    """Post one by one, and return how long each took from the post to the subscriber."""
    took = []
    for number in range(POSTS):
        text = f"{time.monotonic_ns()} {number}"
        begun = time.monotonic()
        telegram.post("news", text, author="bob")
        took.append(eventually(partial(arrival, timed, text)) - begun)
    return took


def p95(values: list[float]) -> float:
    """Return the value that 95 of 100 don't exceed."""
    return statistics.quantiles(values, n=20)[-1]


@pytest.mark.timing
@pytest.mark.both_hosts
def test_a_slow_and_a_raising_subscriber_do_not_delay_a_healthy_one(
    telegram: Loopback, news: actors.SessionRef
) -> None:
    """Less than 50 ms at p95 beside runs without them, on either side; status shows their lag and errors."""
    timed = Timed.start()
    news.ask(actors.Monitor(["news"], to=timed))
    alone = delays(telegram, timed)
    slow, bad = Sleeper.start(5.0), Raiser.start()
    news.ask(actors.Monitor(["news"], to=slow))
    news.ask(actors.Monitor(["news"], to=bad))
    together = delays(telegram, timed)
    assert p95(together) - p95(alone) < 0.050
    healthy, late, wrong = news.status().monitors
    assert (healthy.queued, healthy.errors) == (0, 0)
    assert late.queued >= POSTS - 10
    assert eventually(lambda: news.status().monitors[2].errors == POSTS)
    assert wrong.dropped == 0
    assert late.lag is not None
    assert late.lag > 0.5
    actor: Any = slow._actor_weakref()
    actor.woken.set()
    eventually(lambda: news.status().monitors[1].queued == 0)
    for ref in (timed, slow, bad):
        ref.stop()


def text_or_loss(event: actors.Event) -> str:
    """Return what was said, or the ids of what a gap says was lost; the channel's first message has the id 1."""
    match event:
        case actors.MessageReceived(message=message):
            return message.text
        case actors.MonitorGap(first_id=int(first), last_id=int(last), count=count) if count == last - first + 1:
            return f"lost {first} to {last}"
        case _:
            return repr(event)


@pytest.mark.both_hosts
@pytest.mark.parametrize(
    ("overflow", "kept"),
    [
        (actors.Overflow.DROP_OLDEST, ["0", "lost 2 to 7", "7", "8", "9"]),
        (actors.Overflow.DROP_NEWEST, ["0", "1", "2", "3", "lost 5 to 10"]),
        (actors.Overflow.END, ["0", "1", "2", "3"]),
    ],
)
def test_a_full_queue_overflows_as_its_subscription_says(
    telegram: Loopback, news: actors.SessionRef, overflow: actors.Overflow, kept: list[str]
) -> None:
    """One with the subscriber, three in the queue, and six too many: a gap stands where they lack."""
    slow = Sleeper.start(60.0)
    policy = actors.DeliveryPolicy(queue=3, overflow=overflow)
    news.ask(actors.Monitor(["news"], to=slow, delivery=policy))
    telegram.post("news", "0", author="bob")
    eventually(lambda: news.status().monitors[0].queued == 0)
    telegram.post_many("news", [str(number) for number in range(1, 10)], author="bob")
    if overflow is actors.Overflow.END:
        eventually(lambda: news.status().monitors == ())
    else:
        eventually(lambda: news.status().monitors[0].dropped == 6)
    actor: Any = slow._actor_weakref()
    actor.woken.set()
    got = eventually(lambda: len(events := received(slow)) >= len(kept) and events)
    assert [text_or_loss(event) for event in got[: len(kept)]] == kept
    if overflow is actors.Overflow.END:
        (end,) = eventually(lambda: received(slow)[4:])
        assert (type(end), end.reason) == (actors.MonitorEnded, "overflow")
    slow.stop()


@pytest.mark.both_hosts
def test_as_many_messages_are_unanswered_as_the_window_allows(telegram: Loopback, news: actors.SessionRef) -> None:
    """Three are in the inbox of an actor that has answered none."""
    slow = Sleeper.start(60.0)
    news.ask(actors.Monitor(["news"], to=slow, delivery=actors.DeliveryPolicy(window=3)))
    telegram.post_many("news", [str(number) for number in range(10)], author="bob")
    eventually(lambda: news.status().monitors[0].queued == 7)
    assert news.status().monitors[0].delivered == 0
    actor: Any = slow._actor_weakref()
    actor.woken.set()
    eventually(lambda: news.status().monitors[0].delivered == 10)
    assert [event.message.text for event in received(slow)] == [str(number) for number in range(10)]
    slow.stop()


def test_a_filter_that_raises_lets_nothing_pass_and_is_counted(
    telegram: Loopback, news: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The others are delivered."""

    def where(message: actors.Message) -> bool:
        return 10 % int(message.text) == 0

    news.ask(actors.Monitor(["news"], to=collector, where=where))
    telegram.post_many("news", ["0", "1", "2", "3", "five", "5"], author="bob")
    eventually(lambda: len(received(collector)) == 3)
    assert [event.message.text for event in received(collector)] == ["1", "2", "5"]
    assert news.status().monitors[0].filter_errors == 2
