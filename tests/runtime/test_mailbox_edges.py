"""The mailbox at its edges: at the very moment, among equals, with the last place. Time is passed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actors.runtime.mailbox import Mailbox, Offer
from tests.runtime.mailbox_machine import Item, item, mailbox_of, order

pytestmark = pytest.mark.usefixtures("seen_or_new")

# Whose turn it is.


def test_what_is_due_at_the_same_time_goes_in_order_of_arrival() -> None:
    """Priority counts for nothing among those that are due."""
    mailbox = mailbox_of(item(1, priority=1), item(2, priority=9), item(3, priority=5), item(4, priority=9, wait=59))
    assert order(mailbox, now=30.0) == [4, 1, 2, 3]


@pytest.mark.parametrize(("now", "numbers"), [(4.9, [2, 1]), pytest.param(5.0, [1, 2], id="from its very moment on")])
def test_what_waits_is_due_from_its_moment_on(now: float, numbers: list[int]) -> None:
    """Not before."""
    assert order(mailbox_of(item(1, wait=10.0), item(2, priority=1)), now) == numbers


def test_what_has_started_is_never_due() -> None:
    """It is where it was, and priority counts."""
    started = item(1, wait=10.0, started=True)
    mailbox = mailbox_of(item(2, priority=1), item(3, wait=20.0))
    mailbox.give_back(started)
    assert order(mailbox, now=9.0) == [2, 1, 3]
    assert mailbox.peek(9.0) is None


def test_what_is_due_and_held_is_passed_over() -> None:
    """A hold comes before a due time."""
    mailbox = mailbox_of(item(1, wait=10.0, needs="a"), item(2, wait=12.0), item(3, priority=1))
    mailbox.hold("a", reason="test", until=None)
    assert order(mailbox, now=6.0) == [2, 3]


def test_what_expires_comes_earliest_deadline_first_and_equals_in_order_of_arrival() -> None:
    """At the deadline and not before, whatever the priority; the rest stays."""
    late = [item(1, wait=9.0), item(2, priority=1, wait=10.0), item(3, wait=10.0), item(4, priority=2, wait=5.0)]
    mailbox = mailbox_of(item(0, wait=10.1), *late)
    assert mailbox.ripe(4.9) == ((), (), ())
    assert [one.number for one in mailbox.ripe(10.0).expired] == [4, 1, 2, 3]
    assert [one.number for one in mailbox] == [0]


def test_what_is_held_expires_though_another_comes_alone() -> None:
    """It is out of the other's way, and its time runs on; so does that of one that has started and is stuck."""
    mailbox = mailbox_of(item(1, wait=5.0, needs="a"), capacity=4)
    mailbox.give_back(item(2, wait=6.0, needs="a", started=True))
    mailbox.hold("a", reason="test", until=None)
    assert (mailbox.ripe(0.0), mailbox.peek(0.0)) == (((), (), ()), None)
    mailbox.offer(item(3, wait=3000.0))
    assert [one.number for one in mailbox.ripe(5.0).expired] == [1]
    mailbox.take(next(one for one in mailbox if one.number == 3))
    mailbox.offer(item(4, wait=2000.0))
    found = mailbox.ripe(1000.0)
    assert ([one.number for one in found.overdue], {one.number for one in found.expired}) == ([2], set())


def test_what_a_hold_outlasts_goes_though_another_comes_alone() -> None:
    """The hold is new, and nobody has looked at whom it concerns."""
    mailbox = mailbox_of(item(1, wait=5.0, needs="a"))
    mailbox.hold("a", reason="test", until=3.0)
    assert (mailbox.ripe(0.0), mailbox.peek(0.0)) == (((), (), ()), None)
    mailbox.hold("a", reason="test", until=7.0)
    mailbox.offer(item(2, wait=9.0))
    assert [one.number for one, _ in mailbox.ripe(1.0).outlasted] == [1]


@pytest.mark.parametrize("hold", [None, "other"])
def test_what_expires_makes_room(hold: str | None) -> None:
    """It counts against the capacity no longer, whether something is held or not."""
    mailbox = mailbox_of(item(1, wait=5.0), item(2, wait=5.0), capacity=2)
    if hold:
        mailbox.hold(hold, reason="test", until=None)
    mailbox.ripe(5.0)
    assert [mailbox.offer(item(number)) for number in (3, 4, 5)] == [Offer.ACCEPTED, Offer.ACCEPTED, Offer.FULL]


# Capacity.


def test_what_is_taken_makes_room_once() -> None:
    """A second take of the same one says that it isn't there, and makes no room."""
    first = item(1)
    mailbox = mailbox_of(first, item(2), item(3), capacity=3)
    assert [mailbox.take(first), mailbox.take(first)] == [True, False]
    assert [mailbox.offer(item(number)) for number in (4, 5)] == [Offer.ACCEPTED, Offer.FULL]


def test_what_is_outside_the_bound_takes_no_room_and_makes_none() -> None:
    """It is accepted by a full mailbox, and its leaving changes nothing."""
    own = item(2)
    own.is_own = True
    mailbox = mailbox_of(item(1), own, capacity=1)
    assert mailbox.take(own)
    assert mailbox.offer(item(3)) is Offer.FULL


def test_clear_hands_out_everything_in_order_and_makes_room() -> None:
    """Held or due, all of it."""
    mailbox = mailbox_of(item(1, needs="a"), item(2, priority=1), item(3), capacity=3)
    mailbox.hold("a", reason="test", until=None)
    assert [one.number for one in mailbox.clear()] == [2, 1, 3]
    assert (len(mailbox), mailbox.clear()) == (0, ())
    assert [mailbox.offer(item(number)) for number in (4, 5, 6)] == [Offer.ACCEPTED] * 3


def test_whoever_walks_through_a_mailbox_may_take_from_it() -> None:
    """The walk is over what was there when it began."""
    mailbox = mailbox_of(item(1), item(2), item(3))
    assert [one.number for one in mailbox if mailbox.take(one)] == [1, 2, 3]


# Holds.


@pytest.mark.parametrize(
    ("first", "second", "reason", "until"),
    [
        pytest.param(5.0, 7.0, "second", 7.0, id="a later end"),
        pytest.param(5.0, None, "second", None, id="no end"),
        pytest.param(5.0, 5.0, "first", 5.0, id="the same end"),
        pytest.param(None, None, "first", None, id="no end either"),
    ],
)
def test_a_second_hold_counts_only_when_it_ends_later(
    first: float | None, second: float | None, reason: str, until: float | None
) -> None:
    """It brings its reason along; one that adds nothing leaves the reason of the first."""
    mailbox = mailbox_of()
    mailbox.hold("a", reason="first", until=first)
    mailbox.hold("a", reason="second", until=second)
    assert [(held.key, held.reason, held.until) for held in mailbox.holds()] == [("a", reason, until)]


def test_a_hold_ends_at_its_end_by_itself_and_others_go_on() -> None:
    """Not before, also in a mailbox in which nothing waits."""
    mailbox = mailbox_of()
    for key, until in (("a", 5.0), ("b", 6.0), ("c", None), ("d", 4.0)):
        mailbox.hold(key, reason="test", until=until)
    mailbox.ripe(4.9)
    assert [held.key for held in mailbox.holds()] == ["a", "b", "c"]
    mailbox.ripe(5.0)
    assert [held.key for held in mailbox.holds()] == ["b", "c"]


def test_release_says_whether_there_was_a_hold() -> None:
    """It ends that one alone."""
    mailbox = mailbox_of(item(1, needs="a"), item(2, needs="b"))
    mailbox.hold("a", reason="test", until=None)
    mailbox.hold("b", reason="test", until=None)
    assert [mailbox.release("a"), mailbox.release("a")] == [True, False]
    assert order(mailbox, now=0.0) == [1]


@pytest.mark.parametrize(
    ("holds", "outlasting"),
    [
        pytest.param({"a": 60.0}, None, id="until the deadline"),
        pytest.param({"a": 60.1}, "a", id="beyond it"),
        pytest.param({"a": None}, None, id="without an end: it may end in time"),
        pytest.param({"a": None, "b": 10.0, "c": 60.1}, "c", id="one of several"),
        pytest.param({"a": 60.1, "b": 10.0, "c": None}, "a", id="another of several"),
        pytest.param({"a": 60.1, "b": 90.0, "c": 61.0}, "b", id="the one of several that ends last"),
        pytest.param({"a": 90.0, "b": 61.0, "c": 60.1}, "a", id="whichever that is"),
        pytest.param({"other": 60.1}, None, id="of what it doesn't need"),
    ],
)
def test_what_needs_a_hold_that_ends_after_its_deadline_has_waited_enough(
    holds: dict[str, float | None], outlasting: str | None
) -> None:
    """It goes at once, with the hold that is to blame, and makes room."""
    one = item(1)
    one.needs |= {"a", "b", "c"}
    mailbox = mailbox_of(one, capacity=1)
    for key, until in holds.items():
        mailbox.hold(key, reason="test", until=until)
    assert [(gone, held.key) for gone, held in mailbox.ripe(0.0).outlasted] == (
        [(one, outlasting)] if outlasting else []
    )
    assert len(mailbox) == (0 if outlasting else 1)
    assert mailbox.offer(item(2)) is (Offer.ACCEPTED if outlasting else Offer.FULL)


@pytest.mark.parametrize(
    ("started", "needs", "now", "overdue"),
    [
        pytest.param(True, "a", 159.9, False, id="before its deadline"),
        pytest.param(True, "a", 160.0, True, id="at it"),
        pytest.param(True, "b", 160.0, False, id="not held: it merely waits for its turn"),
        pytest.param(False, "a", 59.9, False, id="never started: it expires instead"),
    ],
)
def test_what_has_started_and_is_held_beyond_its_deadline_is_overdue(
    needs: str, now: float, *, started: bool, overdue: bool
) -> None:
    """A hold without an end mustn't keep it for ever."""
    one = item(1, needs=needs, started=started)
    mailbox = mailbox_of()
    mailbox.give_back(one)
    mailbox.hold("a", reason="test", until=None)
    assert mailbox.ripe(now) == ((), (), (one,) if overdue else ())
    assert list(mailbox) == ([] if overdue else [one])


# Looks.


def waits(mailbox: Mailbox[Item]) -> None:
    """Have two wait, until 60 and 50."""
    mailbox.offer(item(1, needs="a"))
    mailbox.offer(item(2, wait=50.0))


def has_started(mailbox: Mailbox[Item]) -> None:
    """Have one wait that has started, and may be held until 160."""
    mailbox.give_back(item(3, needs="a", started=True))


def is_held(mailbox: Mailbox[Item]) -> None:
    """Hold what those need, without an end."""
    mailbox.hold("a", reason="test", until=None)


def is_held_for_a_while(mailbox: Mailbox[Item]) -> None:
    """Hold what nobody needs, until 55 and until 200."""
    mailbox.hold("b", reason="test", until=55.0)
    mailbox.hold("c", reason="test", until=200.0)


@pytest.mark.parametrize(
    ("steps", "next_due"),
    [
        ([], None),
        ([waits], 50.0),
        ([has_started], None),
        ([is_held], None),
        ([has_started, is_held], 160.0),
        ([is_held_for_a_while], 55.0),
        ([has_started, is_held, is_held_for_a_while], 55.0),
        ([has_started, is_held_for_a_while], 55.0),
        ([waits, has_started, is_held, is_held_for_a_while], 50.0),
    ],
    ids=lambda value: " ".join(step.__name__ for step in value) if isinstance(value, list) else str(value),
)
def test_a_mailbox_wants_to_be_looked_at_at_the_earliest_deadline_or_end(
    steps: list[Callable[[Mailbox[Item]], None]], next_due: float | None
) -> None:
    """What has started has a deadline only while it is held; None when nothing is timed."""
    mailbox = mailbox_of()
    for step in steps:
        step(mailbox)
    assert mailbox.next_due() == next_due


@pytest.mark.parametrize(
    ("priority", "started", "now", "for_priority", "for_due"),
    [
        pytest.param(6, False, 0.0, True, True, id="a higher priority"),
        pytest.param(5, False, 29.9, False, False, id="an equal that isn't due"),
        pytest.param(4, False, 30.0, False, True, id="a lower one that is due"),
        pytest.param(4, True, 30.0, False, False, id="a lower one that has started"),
    ],
)
def test_what_waits_outranks_what_runs(
    priority: int, now: float, *, started: bool, for_priority: bool, for_due: bool
) -> None:
    """By its priority, or because it is due where that counts; nothing does that is held."""
    running, one = item(1, priority=5, started=True), item(2, priority=priority, needs="a", started=started)
    mailbox = mailbox_of()
    assert not mailbox.outranks(running, now, counting_due=True)
    mailbox.give_back(one)
    assert mailbox.outranks(running, now, counting_due=False) is for_priority
    assert mailbox.outranks(running, now, counting_due=True) is for_due
    mailbox.hold("a", reason="test", until=None)
    assert not mailbox.outranks(running, now, counting_due=True)
