"""The mailbox against a plain sorted list, with time passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors.config import Ageing
from actors.mailbox import Mailbox, Offer
from actors.operations import Operation, OperationContext, QueuedOperation
from actors.policies import OperationPolicy
from actors.ports import Client


@dataclass(frozen=True)
class Nothing(Operation[None]):
    """An operation that is only queued."""

    operation_type: ClassVar[str] = "nothing"

    async def run(self, client: Client, context: OperationContext) -> None:
        """Do nothing."""


def entry(number: int, *, priority: int = 0, at: float = 0.0, wait: float = 60.0, needs: str = "") -> QueuedOperation:
    """Return a queued operation, accepted at `at`."""
    policy = OperationPolicy(priority=priority, wait_timeout=wait)
    queued = QueuedOperation(Nothing(), policy, number, at)
    if needs:
        queued.needs.add(needs)
    return queued


def order(mailbox: Mailbox, now: float) -> list[int]:
    """Take everything that can be taken, and return the ids in order."""
    taken = []
    while (first := mailbox.peek(now)) is not None:
        assert mailbox.take(first)
        taken.append(first.operation_id)
    return taken


def test_higher_priorities_go_first_and_equals_in_order_of_arrival() -> None:
    """Priority, then first come first served."""
    mailbox = Mailbox()
    for number, priority in enumerate([1, 5, 1, 10, 5], start=1):
        assert mailbox.offer(entry(number, priority=priority)) is Offer.ACCEPTED
    assert order(mailbox, now=0.0) == [4, 2, 5, 1, 3]


def test_a_due_operation_goes_before_every_priority_earliest_deadline_first() -> None:
    """What has waited half of its wait timeout is due."""
    mailbox = Mailbox(ageing=Ageing())
    mailbox.offer(entry(1, priority=10, at=50, wait=60))
    mailbox.offer(entry(2, priority=1, at=0, wait=80))
    mailbox.offer(entry(3, priority=1, at=0, wait=60))
    assert order(mailbox, now=45.0) == [3, 2, 1]


def test_strict_priority_knows_no_due_operations() -> None:
    """`ageing=None` turns the first rule off."""
    mailbox = Mailbox(ageing=None)
    mailbox.offer(entry(1, priority=1, at=0))
    mailbox.offer(entry(2, priority=10, at=50))
    assert order(mailbox, now=59.0) == [2, 1]


def test_one_more_than_the_capacity_is_refused_and_nothing_is_lost() -> None:
    """The bound is exact."""
    mailbox = Mailbox(3)
    offers = [mailbox.offer(entry(number)) for number in range(1, 5)]
    assert offers == [Offer.ACCEPTED] * 3 + [Offer.FULL]
    assert order(mailbox, now=0.0) == [1, 2, 3]


def test_the_control_lane_is_outside_the_bound() -> None:
    """Control messages come first in, first out, however full the mailbox is."""
    mailbox = Mailbox(1)
    mailbox.offer(entry(1))
    for message in "abc":
        mailbox.put_control(message)
    assert [mailbox.next_control() for _ in range(4)] == ["a", "b", "c", None]


def test_an_operation_that_has_started_goes_back_to_its_old_place_outside_the_bound() -> None:
    """Paused operations keep their sequence number, and count for nothing."""
    mailbox = Mailbox(2)
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
    mailbox = Mailbox()
    started, fresh = entry(1, wait=5), entry(2, wait=5)
    started.started_at = 1.0
    mailbox.give_back(started)
    mailbox.offer(fresh)
    assert mailbox.expire(5.0) == [fresh]
    assert order(mailbox, now=100.0) == [1]


def test_what_is_held_is_passed_over_and_keeps_its_place() -> None:
    """A hold binds what needs its key, until it ends."""
    mailbox = Mailbox()
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
    mailbox = Mailbox()
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
    mailbox = Mailbox()
    mailbox.hold("k", reason="first", until=until)
    mailbox.hold("k", reason="second", until=3.0)
    assert [held.until for held in mailbox.holds()] == [until]


def test_a_closed_mailbox_refuses_and_keeps_what_it_has() -> None:
    """Close is for the way in."""
    mailbox = Mailbox()
    mailbox.offer(entry(1))
    mailbox.close()
    assert mailbox.offer(entry(2)) is Offer.CLOSED
    assert order(mailbox, now=0.0) == [1]


def test_next_due_is_the_earliest_deadline_or_end_of_a_hold() -> None:
    """It says when to look again."""
    mailbox = Mailbox()
    assert mailbox.next_due() is None
    mailbox.offer(entry(1, at=0, wait=60))
    assert mailbox.next_due() == 60.0
    mailbox.hold("k", reason="r", until=12.0)
    assert mailbox.next_due() == 12.0


@dataclass
class Modelled:
    """What the model knows of an operation."""

    entry: QueuedOperation
    started: bool = False


class MailboxMachine(RuleBasedStateMachine):
    """Every rule is done to the mailbox and to a plain list; they must tell the same."""

    CAPACITY = 5
    KEYS = ("a", "b")

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = Mailbox(self.CAPACITY, ageing=Ageing())
        self.now = 0.0
        self.number = 0
        self.sequence = 0
        self.closed = False
        self.model: list[Modelled] = []
        self.running: list[Modelled] = []
        self.held: dict[str, float] = {}
        self.accepted: set[int] = set()
        self.ended: list[int] = []

    def fresh(self) -> int:
        """Return how many wait that have never started."""
        return sum(not item.started for item in self.model)

    def runnable(self) -> list[Modelled]:
        """Return what isn't held."""
        return [item for item in self.model if not item.entry.needs & self.held.keys()]

    def expected_first(self) -> Modelled | None:
        """Return whose turn it is, by sorting."""
        due = [
            item
            for item in self.runnable()
            if not item.started and item.entry.accepted_at + item.entry.policy.wait_timeout / 2 <= self.now
        ]
        if due:
            return min(due, key=lambda item: (item.entry.wait_deadline, item.entry.operation_id))
        return min(
            self.runnable(), key=lambda item: (-item.entry.policy.priority, item.entry.operation_id), default=None
        )

    @rule(priority=st.integers(0, 3), wait=st.sampled_from([5.0, 10.0, 60.0]), needs=st.sampled_from(["", *KEYS]))
    def offer(self, priority: int, wait: float, needs: str) -> None:
        """Offer a new operation."""
        self.number += 1
        new = entry(self.number, priority=priority, at=self.now, wait=wait, needs=needs)
        full = self.fresh() >= self.CAPACITY
        expected = Offer.CLOSED if self.closed else Offer.FULL if full else Offer.ACCEPTED
        assert self.mailbox.offer(new) is expected
        if expected is Offer.ACCEPTED:
            self.accepted.add(self.number)
            self.model.append(Modelled(new))

    @rule()
    def take(self) -> None:
        """Start whoever's turn it is."""
        expected = self.expected_first()
        first = self.mailbox.peek(self.now)
        assert first is (None if expected is None else expected.entry)
        if expected is not None and first is not None:
            assert self.mailbox.take(first)
            assert not self.mailbox.take(first)
            self.model.remove(expected)
            first.started_at = first.started_at or self.now
            expected.started = True
            self.running.append(expected)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), done=st.booleans())
    def end_or_pause(self, data: st.DataObject, *, done: bool) -> None:
        """End what runs, or put it back."""
        item = data.draw(st.sampled_from(self.running))
        self.running.remove(item)
        if done:
            self.ended.append(item.entry.operation_id)
        else:
            self.mailbox.give_back(item.entry)
            self.model.append(item)

    @rule(seconds=st.sampled_from([0.5, 3.0, 8.0]))
    def time_passes(self, seconds: float) -> None:
        """Let holds end and operations expire."""
        self.now += seconds
        self.mailbox.release_ended(self.now)
        self.held = {key: until for key, until in self.held.items() if until > self.now}
        late = [item for item in self.model if not item.started and item.entry.wait_deadline <= self.now]
        expired = self.mailbox.expire(self.now)
        assert {gone.operation_id for gone in expired} == {item.entry.operation_id for item in late}
        for item in late:
            self.model.remove(item)
            self.ended.append(item.entry.operation_id)

    @rule(key=st.sampled_from(KEYS), seconds=st.sampled_from([1.0, 4.0]))
    def hold(self, key: str, seconds: float) -> None:
        """Hold a key."""
        until = self.now + seconds
        self.mailbox.hold(key, reason="test", until=until)
        self.held[key] = max(until, self.held.get(key, 0.0))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Take one out by its id."""
        item = data.draw(st.sampled_from(self.model))
        found = self.mailbox.find(item.entry.operation_id, None)
        assert found is item.entry
        assert self.mailbox.take(found)
        self.model.remove(item)
        self.ended.append(item.entry.operation_id)

    @precondition(lambda self: self.number > 20)
    @rule()
    def close(self) -> None:
        """Refuse from now on."""
        self.mailbox.close()
        self.closed = True

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Every accepted operation is in exactly one place."""
        places = [item.entry.operation_id for item in self.model + self.running] + self.ended
        assert sorted(places) == sorted(self.accepted)
        assert sorted(left.operation_id for left in self.mailbox) == sorted(
            item.entry.operation_id for item in self.model
        )

    @invariant()
    def the_bound_holds(self) -> None:
        """At most `capacity` wait that have never started."""
        assert self.fresh() <= self.CAPACITY


MailboxMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestMailbox = MailboxMachine.TestCase
