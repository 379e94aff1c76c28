"""What a queue tells the operations in it: that something holds them, and that others were started before them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actors.model.outcomes import StepKind
from actors.runtime.mailbox import Offer
from actors.session.queue import OperationQueue
from actors.session.queue_log import KEPT
from tests.session.entries import Scrape, Work, entry, permit, queue_of, start, starts, told


def offline(queue: OperationQueue) -> None:
    """Lose the connection in second 2."""
    queue.go_offline("backing_off", 2.0)


def flooded(queue: OperationQueue) -> None:
    """Hold a method from second 2 on, for 1.5 seconds."""
    queue.hold("method:read", "FLOOD_WAIT_2", 2.0, until=3.5)


def restricted(queue: OperationQueue) -> None:
    """Hold a method from second 2 on, without an end."""
    queue.hold("method:read", "PEER_FLOOD", 2.0)


def without_permit(queue: OperationQueue) -> None:
    """Refuse a permit in second 2."""
    queue.turn(2.0, ready=True, take_permit=lambda _: False)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        pytest.param(offline, "offline: backing_off", id="no connection"),
        pytest.param(flooded, "method:read: FLOOD_WAIT_2 for 1.5 s", id="with an end"),
        pytest.param(restricted, "method:read: PEER_FLOOD", id="without an end"),
        pytest.param(without_permit, "permit:working: no free working permit", id="no permit"),
    ],
)
def test_what_waits_hears_of_a_hold_that_comes(happens: Callable[[OperationQueue], None], words: str) -> None:
    """When it came, what it holds, why, and for how long."""
    one = entry(1, permits=1)
    queue = queue_of(one)
    happens(queue)
    assert told(one) == [(2.0, StepKind.HELD, words)]


@pytest.mark.parametrize("needed", ["write", ""])
def test_what_does_not_need_what_is_held_hears_nothing(needed: str) -> None:
    """Neither of a hold that comes, nor of one that is there when it comes."""
    before, after = entry(1, Work(needed)), entry(2, Work(needed))
    queue = queue_of(before)
    queue.hold("method:read", "FLOOD_WAIT", 2.0, until=3.5)
    assert queue.offer(after) is Offer.ACCEPTED
    assert [told(one) for one in (before, after)] == [[], []]


def test_what_is_put_off_hears_so_and_nobody_else_does() -> None:
    """It goes back to its place and is held alone."""
    one, other = entry(1), entry(2)
    queue = queue_of(one, other)
    assert start(queue, 1.0) is one
    queue.put_off(one, "backoff", 2.0, until=3.5)
    assert (told(one), told(other)) == ([(2.0, StepKind.HELD, "operation:1: backoff for 1.5 s")], [])
    assert (starts(queue, 3.0), starts(queue, 3.5)) == ([2], [1])


def test_what_runs_hears_neither_of_holds_nor_of_those_that_start_before_it_goes_back() -> None:
    """They concern what waits. Once it is back, it hears again."""
    one = entry(1)
    queue = queue_of(one, entry(2), entry(3, priority=5), entry(4))
    assert queue.withdraw(1, None) is one
    one.trace.note(StepKind.STARTED, 1.0)
    queue.hold("method:read", "FLOOD_WAIT", 2.0, until=2.5)
    assert start(queue, 2.5) is not None
    one.trace.note(StepKind.PAUSED, 3.0)
    queue.give_back(one, 3.0)
    queue.hold("method:read", "PEER_FLOOD", 4.0)
    assert [step[1] for step in told(one)] == [StepKind.STARTED, StepKind.PAUSED, StepKind.HELD]


def test_what_goes_back_hears_of_a_hold_that_came_while_it_ran() -> None:
    """For as long as that still is; it may have met it itself."""
    one = entry(1)
    queue = queue_of(one)
    assert start(queue, 1.0) is one
    one.trace.note(StepKind.STARTED, 1.0)
    queue.hold("method:read", "FLOOD_WAIT", 2.0, until=5.0)
    one.trace.note(StepKind.ATTEMPT_FAILED, 3.0)
    queue.give_back(one, 3.0)
    assert told(one)[2:] == [(3.0, StepKind.HELD, "method:read: FLOOD_WAIT for 2.0 s")]


def test_of_more_starts_than_the_log_keeps_the_timeline_says_so() -> None:
    """It tells the last one, and that there were more than it knows of."""
    one = entry(1)
    urgent = [entry(2 + number, priority=5) for number in range(KEPT + 1)]
    queue = queue_of(one, *urgent, capacity=KEPT + 2)
    for now in range(len(urgent)):
        start(queue, float(now) / KEPT)
    assert told(one)[-1][2] == f"by Work {KEPT + 2}, {KEPT} or more in all"


def test_what_comes_under_holds_hears_of_those_it_needs_when_it_is_accepted() -> None:
    """Each by its key and its reason, and for how long it still is."""
    queue = queue_of()
    queue.hold("method:write", "FLOOD_WAIT_9", 0.0, until=9.0)
    queue.hold("method:read", "PEER_FLOOD", 0.0)
    queue.hold("method:search", "FLOOD_WAIT_9", 0.0, until=9.0)
    queue.go_offline("connecting", 0.0)
    one = entry(1, Work("read search"), at=4.0)
    assert queue.offer(one) is Offer.ACCEPTED
    held = ("method:read: PEER_FLOOD", "method:search: FLOOD_WAIT_9 for 5.0 s", "offline: connecting")
    assert told(one) == [(4.0, StepKind.HELD, words) for words in held]


def test_what_waits_hears_of_the_hold_that_counts_when_a_second_one_ends_earlier() -> None:
    """It goes on waiting for the first."""
    one = entry(1)
    queue = queue_of(one)
    queue.hold("method:read", "FLOOD_WAIT_30", 2.0, until=32.0)
    queue.hold("method:read", "FLOOD_WAIT_3", 3.0, until=6.0)
    assert told(one)[-1] == (3.0, StepKind.HELD, "method:read: FLOOD_WAIT_30 for 29.0 s")


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_refused_hears_nothing(*, closed: bool) -> None:
    """It never waited, so nothing held it."""
    queue = queue_of(capacity=0)
    queue.go_offline("connecting", 0.0)
    if closed:
        queue.close()
    one = entry(1)
    assert queue.offer(one) is (Offer.CLOSED if closed else Offer.FULL)
    assert told(one) == []


def test_a_reason_to_be_offline_is_told_once_however_often_it_is_given() -> None:
    """Another reason is news; the same one isn't, even when something else was said in between."""
    one = entry(1)
    queue = queue_of(one)
    for now, reason in enumerate(["connecting", "connecting", "offline"]):
        queue.go_offline(reason, float(now))
        flooded(queue)
    held = [(at, detail) for at, kind, detail in told(one) if kind is StepKind.HELD]
    flood = (2.0, "method:read: FLOOD_WAIT_2 for 1.5 s")
    assert held == [(0.0, "offline: connecting"), flood, (2.0, "offline: offline"), flood]


def test_what_came_before_hears_that_another_was_started_and_what_came_later_does_not() -> None:
    """By what, when, and how many there were in all."""
    first, later = entry(1), entry(4)
    queue = queue_of(first, entry(2, Scrape(), priority=5), entry(3, priority=5), later)
    start(queue, 2.0)
    assert (told(first), told(later)) == ([(2.0, StepKind.OVERTAKEN, "by Scrape 2")], [])
    start(queue, 3.0)
    assert (told(first), told(later)) == ([(3.0, StepKind.OVERTAKEN, "by Work 3, 2 in all")], [])
    assert starts(queue, 4.0) == [1, 4]
    assert told(later) == []


@pytest.mark.parametrize("ready", [True, False])
def test_nobody_is_overtaken_when_nothing_starts(*, ready: bool) -> None:
    """Neither when nothing may start, nor when what is first gets no permit and the rest is held."""
    first = entry(1)
    queue = queue_of(first, entry(2, Scrape("search"), priority=5, permits=1))
    queue.hold("method:read", "PEER_FLOOD", 0.0)
    assert queue.turn(1.0, ready=ready, take_permit=lambda _: False).start is None
    assert told(first) == [(0.0, StepKind.HELD, "method:read: PEER_FLOOD")]


def test_what_goes_back_to_its_old_place_overtakes_nobody_that_came_later() -> None:
    """It came before them, however late it is started again."""
    first, second = entry(1), entry(2)
    queue = queue_of(first, second)
    assert start(queue, 1.0) is first
    queue.give_back(first, 1.5)
    assert queue.turn(2.0, ready=True, take_permit=permit).start is first
    assert told(second) == []
