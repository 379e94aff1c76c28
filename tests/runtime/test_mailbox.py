"""The mailbox against a plain sorted list, with time passed in."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from actors.runtime.mailbox import Mailbox, Offer
from actors.runtime.overripe import Overripe
from tests.runtime.mailbox_machine import Item, MailboxMachine, item, mailbox_of, order


def test_higher_priorities_go_first_and_equals_in_order_of_arrival() -> None:
    """Priority, then first come first served."""
    mailbox = mailbox_of(*(item(number, priority=level) for number, level in enumerate([1, 5, 1, 10, 5], start=1)))
    assert order(mailbox, now=0.0) == [4, 2, 5, 1, 3]


def test_what_is_due_goes_before_every_priority_earliest_deadline_first() -> None:
    """What has waited half of its wait timeout is due."""
    mailbox = mailbox_of(
        item(1, priority=10, at=50, wait=60), item(2, priority=1, wait=80), item(3, priority=1, wait=60)
    )
    assert order(mailbox, now=45.0) == [3, 2, 1]


def test_one_more_than_the_capacity_is_refused_and_nothing_is_lost() -> None:
    """The bound is exact."""
    mailbox = mailbox_of(item(1), item(2), item(3), capacity=3)
    assert mailbox.offer(item(4)) is Offer.FULL
    assert order(mailbox, now=0.0) == [1, 2, 3]


def test_what_has_started_goes_back_to_its_old_place_outside_the_bound() -> None:
    """What is paused keeps its sequence number, and counts for nothing."""
    first, second = item(1), item(2)
    mailbox = mailbox_of(first, capacity=2)
    mailbox.take(first)
    first.has_started = True
    mailbox.offer(second)
    mailbox.give_back(first)
    assert mailbox.offer(item(3)) is Offer.ACCEPTED
    assert order(mailbox, now=1.0) == [1, 2, 3]


def test_what_has_started_never_expires() -> None:
    """The wait limit is for those that wait for their first start."""
    started, fresh = item(1, wait=5, started=True), item(2, wait=5)
    mailbox = mailbox_of(fresh)
    mailbox.give_back(started)
    assert mailbox.ripe(5.0).expired == (fresh,)
    assert order(mailbox, now=100.0) == [1]


def test_what_is_held_is_passed_over_and_keeps_its_place() -> None:
    """A hold binds what needs its key, until it ends."""
    mailbox = mailbox_of(item(1, priority=5, needs="method:a"), item(2, priority=1))
    mailbox.hold("method:a", reason="FLOOD_WAIT", until=10.0)
    first = mailbox.peek(1.0)
    assert first is not None
    assert first.number == 2
    mailbox.ripe(10.0)
    assert order(mailbox, now=10.0) == [1, 2]


def test_a_hold_that_outlasts_a_deadline_gives_up_at_once() -> None:
    """What has started has its run timeout besides."""
    fresh, started = item(1, needs="method:a"), item(2, needs="method:a", started=True)
    mailbox = mailbox_of(fresh)
    mailbox.give_back(started)
    mailbox.hold("method:a", reason="FLOOD_WAIT", until=61.0)
    assert [(gone.number, held.reason) for gone, held in mailbox.ripe(0.0).outlasted] == [(1, "FLOOD_WAIT")]
    assert list(mailbox) == [started]


@pytest.mark.parametrize("until", [None, 7.0])
def test_the_later_end_of_two_holds_counts(until: float | None) -> None:
    """A second, shorter hold doesn't end the first, nor take its reason."""
    mailbox = mailbox_of()
    mailbox.hold("k", reason="first", until=until)
    mailbox.hold("k", reason="second", until=3.0)
    assert [(held.until, held.reason) for held in mailbox.holds()] == [(until, "first")]


def test_a_closed_mailbox_refuses_and_keeps_what_it_has() -> None:
    """Close is for the way in."""
    mailbox = mailbox_of(item(1))
    mailbox.close()
    assert mailbox.offer(item(2)) is Offer.CLOSED
    assert order(mailbox, now=0.0) == [1]


MailboxMachine.TestCase.settings = settings(stateful_step_count=40, deadline=None)
TestMailbox = MailboxMachine.TestCase


class OfLanes(Mailbox[Item]):
    """What was held stays in its lane, however few they are."""

    few = 0


class LanesMachine(MailboxMachine):
    """The same, with a lane for everything that was ever held."""

    MAILBOX = OfLanes


LanesMachine.TestCase.settings = MailboxMachine.TestCase.settings
TestMailboxOfLanes = LanesMachine.TestCase


class Unstable(Mailbox[Item]):
    """A newcomer overtakes its equals."""

    def offer(self, entry: Item) -> Offer:
        """Give the youngest the first place among its equals."""
        offer = super().offer(entry)
        if offer is Offer.ACCEPTED:
            del self._new[entry.sequence]
            entry.sequence = -entry.sequence
            self._new[entry.sequence] = entry
        return offer


class Boundless(Mailbox[Item]):
    """One more than the capacity is accepted."""

    def offer(self, entry: Item) -> Offer:
        """Look at the bound too late."""
        self.capacity += 1
        offer = super().offer(entry)
        self.capacity -= 1
        return offer


class Ajar(Mailbox[Item]):
    """It doesn't close."""

    def close(self) -> None:
        """Leave it open."""


class Unheld(Mailbox[Item]):
    """A hold binds nobody."""

    def peek(self, now: float) -> Item | None:
        """Look as if nothing were held."""
        held, self.held = self.held, {}
        first = super().peek(now)
        self.held = held
        return first


class Undue(Mailbox[Item]):
    """What is due has no right of way."""

    def peek(self, now: float) -> Item | None:
        """Look as if no time had passed."""
        return super().peek(now - 1e9)


class Forgetful(OfLanes):
    """What was held once is never let go."""

    def release(self, key: str) -> bool:
        """Leave the lane closed."""
        released = super().release(key)
        self._open.pop(key, None)
        return released


class Lazy(Mailbox[Item]):
    """What has come since the last look isn't looked at in time."""

    def next_due(self) -> float | None:
        """Look at what has its place."""
        new, self._new = self._new, {}
        due = super().next_due()
        self._new = new
        return due


class Unready(Mailbox[Item]):
    """What comes while something is held isn't doubted."""

    def _put_in_order(self) -> None:
        """Forget whom a hold may outlast."""
        super()._put_in_order()
        self._doubtful.clear()


class Late(Mailbox[Item]):
    """What waits alone is handed out though its time has passed."""

    def take_next(self, now: float) -> tuple[Overripe[Item], Item | None]:
        """Look as if no time had passed."""
        return super().take_next(now - 1e9 if len(self._new) == 1 else now)


class Uncounted(Mailbox[Item]):
    """Who waited alone leaves no room behind."""

    def take_next(self, now: float) -> tuple[Overripe[Item], Item | None]:
        """Count it as if it waited."""
        alone = len(self._new) == 1 and not self._lane_of
        ripe, first = super().take_next(now)
        self._fresh += alone and first is not None and first.is_bounded
        return ripe, first


class Hasty(Mailbox[Item]):
    """Who comes alone goes before those that have their places, held or not."""

    def _has_held_alone(self, now: float) -> bool:
        """Look at nobody else."""
        del now
        return True


MUTANTS = [Unstable, Boundless, Ajar, Unheld, Undue, Forgetful, Lazy, Unready, Late, Uncounted, Hasty]


@pytest.mark.gate
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_machine_finds_a_mailbox_that_breaks_its_promise(mutant: type[Mailbox[Item]]) -> None:
    """The test of the test."""
    machine = type(f"{mutant.__name__}Machine", (MailboxMachine,), {"MAILBOX": mutant})
    thorough = settings(
        max_examples=2000,
        stateful_step_count=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=thorough)
