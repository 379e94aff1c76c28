"""A Hypothesis machine that holds the mailbox against a plain list, for the real one and for mutants of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors.model.client import Client
from actors.model.config import Ageing
from actors.model.policies import OperationPolicy
from actors.operations import Operation, OperationContext
from actors.runtime.mailbox import Mailbox, Offer
from actors.session.queued_operation import QueuedOperation

__all__ = ["MailboxMachine", "entry"]


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


@dataclass
class Modelled:
    """What the model knows of an operation."""

    entry: QueuedOperation
    started: bool = False


class MailboxMachine(RuleBasedStateMachine):
    """Every rule is done to the mailbox and to a plain list; they must tell the same."""

    MAILBOX: ClassVar[type[Mailbox[QueuedOperation]]] = Mailbox
    CAPACITY = 5
    KEYS = ("a", "b")

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = self.MAILBOX(self.CAPACITY, ageing=Ageing())
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
        """Take one out."""
        item = data.draw(st.sampled_from(self.model))
        assert self.mailbox.take(item.entry)
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
