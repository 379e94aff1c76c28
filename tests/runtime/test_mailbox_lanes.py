"""What waits for the same held key waits in a lane: who would be first there, and what long use leaves behind."""

from __future__ import annotations

from collections.abc import Sized

import pytest

from actors.runtime.lane import SWEEP
from actors.runtime.mailbox import Mailbox, Offer
from actors.runtime.overripe import NOTHING_RIPE
from tests.runtime.mailbox_machine import Item, item, mailbox_of, order


def test_who_would_be_first_if_a_key_were_free_is_told_of_those_that_it_holds() -> None:
    """By priority, then first come; who needs it not, or is held by another key as well, doesn't count."""
    both = item(4, priority=9)
    both.needs |= {"k", "other"}
    mailbox = mailbox_of(
        item(1, needs="k"), item(2, priority=2, needs="k"), item(3, priority=5), both, item(5, priority=2, needs="k")
    )
    mailbox.hold("k", reason="test", until=None)
    assert mailbox.peek(0.0) is not None  # so that it waits for the one, and then needs the other as well
    mailbox.hold("other", reason="test", until=None)
    numbers = []
    while (first := mailbox.peek_past("k", 0.0)) is not None:
        numbers.append(first.number)
        assert mailbox.take(first)
    assert numbers == [2, 5, 1]
    assert len(mailbox) == 2


def test_what_is_due_would_be_first_if_a_key_were_free() -> None:
    """The earliest deadline among them, whatever the priority."""
    mailbox = mailbox_of(
        item(1, priority=9, needs="k"), item(2, needs="k", wait=20.0), item(3, needs="k", wait=10.0), capacity=3
    )
    mailbox.hold("k", reason="test", until=None)
    firsts = [mailbox.peek_past("k", now) for now in (0.0, 5.0)]
    assert [None if first is None else first.number for first in firsts] == [1, 3]


@pytest.mark.parametrize("key", ["k", "never held"])
def test_nobody_would_be_first_where_nobody_waits(key: str) -> None:
    """For a key that is held, or not."""
    mailbox = mailbox_of(item(1))
    mailbox.hold("k", reason="test", until=None)
    assert mailbox.peek_past(key, 0.0) is None


@pytest.mark.parametrize("wait", [10.0, 1e6])
def test_thousands_that_come_and_go_leave_the_order_and_the_deadlines_of_those_that_stay(wait: float) -> None:
    """What has gone is swept out now and then, and nothing that waits is swept out with it."""
    stay = [item(1, wait=wait), item(2, priority=1, wait=wait + 1)]
    mailbox: Mailbox[Item] = mailbox_of(*stay, capacity=10)
    for number in range(3, 2000):
        passing = item(number, priority=-1, wait=5.0 if number % 2 else 2e6)
        assert mailbox.offer(passing) is Offer.ACCEPTED
        assert mailbox.next_due() == (5.0 if number % 2 else wait)
        assert mailbox.take(passing)
    assert mailbox.next_due() == wait
    assert [late.number for late in mailbox.ripe(wait).expired] == [1]
    assert order(mailbox, 0.0) == [2]


def test_one_that_nobody_has_looked_at_yet_takes_its_turn_among_those_that_have_their_places() -> None:
    """Neither first for being new, nor last."""
    mailbox = mailbox_of(item(1, priority=2), item(2))
    assert mailbox.peek(0.0) is not None
    mailbox.offer(item(3, priority=1))
    assert not mailbox.outranks(item(9, priority=2), 0.0, counting_due=True)
    assert order(mailbox, 0.0) == [1, 3, 2]


def test_what_is_due_outranks_what_runs_whoever_waits_besides() -> None:
    """From its moment on."""
    mailbox = mailbox_of(item(1, priority=2), item(2))
    running = item(9, priority=2)
    assert [mailbox.outranks(running, now, counting_due=True) for now in (29.9, 30.0)] == [False, True]


def test_one_that_is_alone_is_held_by_what_it_needs_and_by_nothing_else() -> None:
    """Also while nobody has looked at it."""
    mailbox = mailbox_of(item(1, needs="a"))
    mailbox.hold("b", reason="test", until=None)
    assert order(mailbox, 0.0) == [1]
    mailbox.offer(item(2, needs="b"))
    assert order(mailbox, 0.0) == []


def test_one_that_is_alone_expires_at_its_deadline_and_says_when_that_is() -> None:
    """At the very moment. What can wait leaves the one answer that says so."""
    one = item(1, wait=10.0)
    mailbox = mailbox_of(one)
    assert mailbox.next_due() == 10.0
    assert mailbox.ripe(9.9) is NOTHING_RIPE
    assert mailbox.ripe(10.0).expired == (one,)
    assert mailbox.next_due() is None


def test_when_several_can_wait_the_one_answer_says_so() -> None:
    """With holds and without."""
    mailbox = mailbox_of(item(1), item(2, needs="a", started=True), item(3, needs="b"))
    assert mailbox.ripe(1.0) is NOTHING_RIPE
    mailbox.hold("a", reason="test", until=None)
    mailbox.hold("b", reason="test", until=20.0)
    assert mailbox.ripe(2.0) is NOTHING_RIPE


def many(key: str, first: int) -> list[Item]:
    """Return more than go back among the others when their hold ends, the last of which is due first."""
    return [item(first + n, needs=key, priority=n % 3, wait=100.0 - n) for n in range(Mailbox.few + 2)]


def lanes() -> Mailbox[Item]:
    """Return a mailbox whose entries wait in three lanes, none of them held any more."""
    mailbox = mailbox_of(*many("a", 100), *many("b", 200), item(1, priority=1, wait=92.5), item(2))
    for key in "ab":
        mailbox.hold(key, reason="test", until=None)
    assert order(mailbox, 0.0) == [1, 2]
    mailbox.offer(item(3, priority=1, wait=92.5))
    for key in "ab":
        assert mailbox.release(key)
    return mailbox


def test_lanes_that_are_free_again_share_one_order() -> None:
    """By priority, and first come first, whatever they waited for."""
    mailbox = lanes()
    expected = sorted(mailbox, key=lambda one: (-one.priority, one.sequence))
    assert order(mailbox, 0.0) == [one.number for one in expected]


def test_what_is_due_goes_first_whichever_lane_it_waits_in() -> None:
    """The earliest deadline, and of equal ones who came first."""
    mailbox = lanes()
    expected = sorted(mailbox, key=lambda one: (one.wait_deadline, one.sequence))
    assert order(mailbox, 50.0) == [one.number for one in expected]


def test_a_lane_that_is_held_again_is_passed_over_again() -> None:
    """Though it had been free."""
    mailbox = lanes()
    mailbox.hold("a", reason="test", until=None)
    numbers = order(mailbox, 0.0)
    assert len(numbers) == Mailbox.few + 3
    assert not any(100 <= number < 200 for number in numbers)


def test_holds_that_come_before_a_look_are_each_looked_at() -> None:
    """Whoever one of them outlasts goes, and nobody else."""
    ones = [item(1, needs="a"), item(2, needs="b"), item(3, needs="c"), item(4, needs="a", wait=200.0)]
    mailbox = mailbox_of(*ones)
    mailbox.peek(0.0)
    mailbox.hold("a", reason="test", until=100.0)
    mailbox.hold("b", reason="test", until=100.0)
    assert [gone.number for gone, _ in mailbox.ripe(0.0).outlasted] == [1, 2]


def test_what_was_stuck_and_has_gone_needs_no_look() -> None:
    """Nor what is stuck no more."""
    ones = [item(n, needs=key, started=True) for n, key in ((1, "a"), (2, "a"), (3, "b"))]
    mailbox = mailbox_of(*ones)
    mailbox.peek(0.0)
    mailbox.hold("a", reason="test", until=None)
    assert mailbox.next_due() == 160.0
    mailbox.take(ones[0])
    mailbox.release("a")
    assert mailbox.next_due() is None


def test_long_use_leaves_nothing_behind() -> None:
    """No lane of a key that nobody needs any more, and no deadline of those that have gone."""
    mailbox = mailbox_of(item(1, priority=-1))
    for number in range(2, 500):
        passing = item(number, needs=f"key {number}", wait=1e6, started=number % 2 == 0)
        mailbox.hold(f"key {number}", reason="test", until=None)
        mailbox.offer(passing)
        assert mailbox.peek(0.0) is not None
        mailbox.release(f"key {number}")
        assert mailbox.take(passing)
    kept: list[Sized] = [mailbox._lanes, mailbox._open, mailbox._lane_of, mailbox._started, mailbox._new]
    assert [len(each) for each in kept] == [1, 1, 1, 0, 0]
    assert len(mailbox._deadlines) < 2 * SWEEP
