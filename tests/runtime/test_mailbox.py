"""The mailbox against a plain sorted list, with time passed in."""

from __future__ import annotations

from bisect import insort

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from actors.model.config import Ageing
from actors.runtime.mailbox import Mailbox, Offer
from actors.session.queued_operation import QueuedOperation
from tests.runtime.mailbox_machine import MailboxMachine, entry


def order(mailbox: Mailbox[QueuedOperation], now: float) -> list[int]:
    """Take everything that can be taken, and return the ids in order."""
    taken = []
    while (first := mailbox.peek(now)) is not None:
        assert mailbox.take(first)
        taken.append(first.operation_id)
    return taken


def test_higher_priorities_go_first_and_equals_in_order_of_arrival() -> None:
    """Priority, then first come first served."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    for number, priority in enumerate([1, 5, 1, 10, 5], start=1):
        assert mailbox.offer(entry(number, priority=priority)) is Offer.ACCEPTED
    assert order(mailbox, now=0.0) == [4, 2, 5, 1, 3]


def test_a_due_operation_goes_before_every_priority_earliest_deadline_first() -> None:
    """What has waited half of its wait timeout is due."""
    mailbox: Mailbox[QueuedOperation] = Mailbox(ageing=Ageing())
    mailbox.offer(entry(1, priority=10, at=50, wait=60))
    mailbox.offer(entry(2, priority=1, at=0, wait=80))
    mailbox.offer(entry(3, priority=1, at=0, wait=60))
    assert order(mailbox, now=45.0) == [3, 2, 1]


def test_strict_priority_knows_no_due_operations() -> None:
    """`ageing=None` turns the first rule off."""
    mailbox: Mailbox[QueuedOperation] = Mailbox(ageing=None)
    mailbox.offer(entry(1, priority=1, at=0))
    mailbox.offer(entry(2, priority=10, at=50))
    assert order(mailbox, now=59.0) == [2, 1]


def test_one_more_than_the_capacity_is_refused_and_nothing_is_lost() -> None:
    """The bound is exact."""
    mailbox: Mailbox[QueuedOperation] = Mailbox(3)
    offers = [mailbox.offer(entry(number)) for number in range(1, 5)]
    assert offers == [Offer.ACCEPTED] * 3 + [Offer.FULL]
    assert order(mailbox, now=0.0) == [1, 2, 3]


def test_the_control_lane_is_outside_the_bound() -> None:
    """Control messages come first in, first out, however full the mailbox is."""
    mailbox: Mailbox[QueuedOperation] = Mailbox(1)
    mailbox.offer(entry(1))
    for message in "abc":
        mailbox.control.append(message)
    assert [mailbox.control.popleft() for _ in range(3)] == ["a", "b", "c"]
    assert len(mailbox) == 1


def test_an_operation_that_has_started_goes_back_to_its_old_place_outside_the_bound() -> None:
    """Paused operations keep their sequence number, and count for nothing."""
    mailbox: Mailbox[QueuedOperation] = Mailbox(2)
    first, second = entry(1), entry(2)
    mailbox.offer(first)
    mailbox.take(first)
    first.started_at = 1.0
    mailbox.offer(second)
    mailbox.give_back(first)
    assert mailbox.offer(entry(3)) is Offer.ACCEPTED
    assert order(mailbox, now=1.0) == [1, 2, 3]


def test_an_operation_that_has_started_never_expires() -> None:
    """The wait limit is for those that wait for their first start."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    started, fresh = entry(1, wait=5), entry(2, wait=5)
    started.started_at = 1.0
    mailbox.give_back(started)
    mailbox.offer(fresh)
    assert mailbox.expire(5.0) == [fresh]
    assert order(mailbox, now=100.0) == [1]


def test_what_is_held_is_passed_over_and_keeps_its_place() -> None:
    """A hold binds what needs its key, until it ends."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    mailbox.offer(entry(1, priority=5, needs="method:a"))
    mailbox.offer(entry(2, priority=1))
    mailbox.hold("method:a", reason="FLOOD_WAIT", until=10.0)
    first = mailbox.peek(1.0)
    assert first is not None
    assert first.operation_id == 2
    mailbox.release_ended(10.0)
    assert order(mailbox, now=10.0) == [1, 2]


def test_a_hold_that_outlasts_a_deadline_gives_the_operation_up_at_once() -> None:
    """Deadline: accepted + wait timeout; once started, + run timeout."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    fresh, started = entry(1, wait=60, needs="method:a"), entry(2, wait=60, needs="method:a")
    started.started_at = 1.0
    mailbox.offer(fresh)
    mailbox.give_back(started)
    mailbox.hold("method:a", reason="FLOOD_WAIT", until=61.0)
    assert [gone.operation_id for gone, _ in mailbox.outlasted()] == [1]
    assert [left.operation_id for left in mailbox] == [2]


@pytest.mark.parametrize("until", [None, 7.0])
def test_the_later_end_of_two_holds_counts(until: float | None) -> None:
    """A second, shorter hold doesn't end the first."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    mailbox.hold("k", reason="first", until=until)
    mailbox.hold("k", reason="second", until=3.0)
    assert [held.until for held in mailbox.holds()] == [until]


def test_a_closed_mailbox_refuses_and_keeps_what_it_has() -> None:
    """Close is for the way in."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    mailbox.offer(entry(1))
    mailbox.close()
    assert mailbox.offer(entry(2)) is Offer.CLOSED
    assert order(mailbox, now=0.0) == [1]


def test_next_due_is_the_earliest_deadline_or_end_of_a_hold() -> None:
    """It says when to look again."""
    mailbox: Mailbox[QueuedOperation] = Mailbox()
    assert mailbox.next_due() is None
    mailbox.offer(entry(1, at=0, wait=60))
    assert mailbox.next_due() == 60.0
    mailbox.hold("k", reason="r", until=12.0)
    assert mailbox.next_due() == 12.0


MailboxMachine.TestCase.settings = settings(stateful_step_count=40, deadline=None)
TestMailbox = MailboxMachine.TestCase


class Unstable(Mailbox[QueuedOperation]):
    """A newcomer overtakes its equals."""

    def offer(self, entry: QueuedOperation) -> Offer:
        """Give the youngest the first place among its equals."""
        offer = super().offer(entry)
        if offer is Offer.ACCEPTED:
            self._waiting.remove(entry)
            entry.sequence = -entry.sequence
            insort(self._waiting, entry, key=lambda item: (-item.priority, item.sequence))
        return offer


class Boundless(Mailbox[QueuedOperation]):
    """One more than the capacity is accepted."""

    def offer(self, entry: QueuedOperation) -> Offer:
        """Look at the bound too late."""
        self.capacity += 1
        offer = super().offer(entry)
        self.capacity -= 1
        return offer


class Ajar(Mailbox[QueuedOperation]):
    """It doesn't close."""

    def close(self) -> None:
        """Leave it open."""


class Unheld(Mailbox[QueuedOperation]):
    """A hold binds nobody."""

    def _is_held(self, entry: QueuedOperation) -> bool:
        del entry
        return False


class Undue(Mailbox[QueuedOperation]):
    """Due operations have no right of way."""

    def _is_due(self, entry: QueuedOperation, now: float) -> bool:
        del entry, now
        return False


@pytest.mark.parametrize("mutant", [Unstable, Boundless, Ajar, Unheld, Undue], ids=lambda mutant: mutant.__name__)
def test_the_machine_finds_a_mailbox_that_breaks_its_promise(mutant: type[Mailbox[QueuedOperation]]) -> None:
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
