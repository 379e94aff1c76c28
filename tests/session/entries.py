"""What tests of a queue by itself put into it, and how they look at it: no server, and time is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from actors.model.client import Client
from actors.model.outcomes import StepKind
from actors.model.policies import OperationPolicy
from actors.operations.operation import Operation, OperationContext
from actors.runtime.mailbox import Mailbox, Offer
from actors.session.queue import OperationQueue
from actors.session.queued_operation import QueuedOperation
from tests.runtime.mailbox_machine import Kind

__all__ = ["Scrape", "Work", "entry", "permit", "queue_of", "start", "starts", "told", "waiting"]

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
"""The date at second 0 of these tests."""


@dataclass(frozen=True, slots=True)
class Work(Operation[int]):
    """An operation that needs these methods, separated by spaces."""

    operation_type: ClassVar[str] = "working"
    needed: str = "read"

    def methods_needed(self) -> frozenset[str]:
        """Return them."""
        return frozenset(self.needed.split())

    async def run(self, client: Client, context: OperationContext) -> int:
        """Never run: a queue runs nothing."""
        raise AssertionError(client, context)


@dataclass(frozen=True, slots=True)
class Scrape(Work):
    """One of another type."""

    operation_type: ClassVar[str] = "scraping"


def entry(
    number: int,
    operation: Operation[int] = Work(),
    *,
    priority: int = 0,
    at: float = 0.0,
    wait: float = 60.0,
    permits: int | None = None,
    own: bool = False,
) -> QueuedOperation:
    """Return an operation that was accepted at `at`, is due after half of its wait, and may run for 100 s."""
    policy = OperationPolicy(priority=priority, wait_timeout=wait, run_timeout=100.0, permits=permits)
    return QueuedOperation(operation, policy, number, at, ZERO + timedelta(seconds=at), is_own=own)


def queue_of(*entries: QueuedOperation, capacity: int = 100) -> OperationQueue:
    """Return a queue with these in it, offered one after the other."""
    queue = OperationQueue(capacity)
    if Kind.mailbox is not Mailbox:
        queue._mailbox = Kind.mailbox(capacity)
    for one in entries:
        assert queue.offer(one) is Offer.ACCEPTED
    return queue


def permit(_: QueuedOperation) -> bool:
    """Let everything have a permit."""
    return True


def start(queue: OperationQueue, now: float = 0.0) -> QueuedOperation | None:
    """Take a turn, and start what it says."""
    started = queue.turn(now, ready=True, take_permit=permit).start
    if started is not None:
        started.started_at = now
    return started


def starts(queue: OperationQueue, now: float = 0.0) -> list[int]:
    """Start everything that may start, one after the other, and return the numbers."""
    started = [start(queue, now) for _ in range(len(queue))]
    return [one.operation_id for one in started if one is not None]


def told(one: QueuedOperation) -> list[tuple[float, StepKind, str]]:
    """Return what an operation has heard since it was accepted: in which second, what, and in which words."""
    steps = one.trace.timeline().steps[1:]
    return [((step.at - ZERO).total_seconds(), step.kind, step.detail) for step in steps]


def waiting(queue: OperationQueue, now: float = 0.0) -> list[int]:
    """Return the numbers of what waits, in order."""
    return [status.id for status in queue.snapshot(now).first]
