"""The queue's entry around an operation: its place, its limits, its life, and what has become of it so far.

Not the operation, which is a user's frozen message. Owned by one session, which alone changes it. Times are monotonic
seconds, but for `queued_at`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from actors.model.outcomes import Outcome
from actors.model.policies import OperationPolicy
from actors.model.status import OperationStatus
from actors.operations.operation import Checkpoint, Operation
from actors.runtime.recipient import Reply
from actors.session.life import Life
from actors.session.traces import Trace

__all__ = ["OFFLINE", "WRITING", "QueuedOperation", "chat_key", "method_key", "permit_key"]

OFFLINE = "offline"
"""What everything needs: a session without a connection holds all of its operations."""

WRITING = "writing"
"""What a restricted account must not do; every operation with `writes` needs it."""


def method_key(method: str) -> str:
    """Return what a flood wait of a method holds."""
    return f"method:{method}"


def chat_key(chat: str) -> str:
    """Return what the slow mode of a chat holds. chat: the key of its peer."""
    return f"chat:{chat}"


def permit_key(operation_type: str) -> str:
    """Return what a type without a free permit is held by."""
    return f"permit:{operation_type}"


@lru_cache(maxsize=256)
def _keys(methods: frozenset[str], operation_type: str, *, writes: bool, permits: bool) -> frozenset[str]:
    """Return what may hold up every operation of a kind."""
    keys = {OFFLINE, *(method_key(method) for method in methods)}
    if writes:
        keys.add(WRITING)
    if permits:
        keys.add(permit_key(operation_type))
    return frozenset(keys)


@dataclass(slots=True, eq=False)
class QueuedOperation:
    """One accepted operation. Made from the operation, its policy, its number and the time it was accepted at.

    sequence: its place among its equals, for good. due_after: from which share of its wait timeout on it goes before
    all others, None for never. is_own: it is the session's, and no user's. ran: how long it has run, all attempts
    together. methods: what the operation said that it needs, when it was accepted. may_have_left: a request of it may
    have been carried out without an answer.
    """

    operation: Operation[Any]
    policy: OperationPolicy
    operation_id: int
    accepted_at: float
    queued_at: datetime
    result_future: Reply | None = field(default=None, repr=False)
    due_after: float | None = 0.5
    is_own: bool = False
    context: Context | None = field(default=None, repr=False)
    session: str = ""
    sequence: int = 0
    life: Life = Life.WAITING
    outcome: Outcome | None = None
    started_at: float | None = None
    attempts: int = 0
    failures: int = 0
    ran: float = 0.0
    may_have_left: bool = False
    checkpoint: Checkpoint | None = None
    partial: list[Any] = field(default_factory=list, repr=False)
    metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    last_error: BaseException | None = field(default=None, repr=False)
    priority: int = field(init=False)
    operation_type: str = field(init=False)
    wait_deadline: float = field(init=False)
    due_at: float = field(init=False)
    methods: frozenset[str] = field(init=False)
    needs: frozenset[str] = field(init=False)
    trace: Trace = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out what doesn't change: its place, its deadlines, what may hold it up. Begin its trace."""
        operation, policy = self.operation, self.policy
        self.priority = policy.priority
        self.operation_type = operation.operation_type
        self.wait_deadline = self.accepted_at + policy.wait_timeout
        self.due_at = math.inf if self.due_after is None else self.accepted_at + self.due_after * policy.wait_timeout
        self.methods = operation.methods_needed()
        permits = policy.permits is not None
        self.needs = _keys(self.methods, self.operation_type, writes=operation.writes, permits=permits)
        self.trace = Trace(self.operation_id, operation, self.session, self.queued_at, self.accepted_at, self.priority)

    @property
    def own_key(self) -> str:
        """What holds this operation alone: its backoff."""
        return f"operation:{self.operation_id}"

    @property
    def operation_func(self) -> Callable[..., Any]:
        """What is run: `operation.run`."""
        return self.operation.run

    @property
    def args(self) -> tuple[Any, ...]:
        """Always empty: an operation carries its own arguments."""
        return ()

    @property
    def kwargs(self) -> dict[str, Any]:
        """Always empty: an operation carries its own arguments."""
        return {}

    @property
    def timeout(self) -> float:
        """The run timeout in seconds."""
        return self.policy.run_timeout

    @property
    def has_started(self) -> bool:
        """Whether it has ever been in the slot."""
        return self.started_at is not None

    @property
    def is_bounded(self) -> bool:
        """Whether it counts against the queue's capacity."""
        return self.started_at is None and not self.is_own

    @property
    def is_abandoned(self) -> bool:
        """Whether its task has outlived the cancel grace, and was left to itself."""
        return self.life is Life.ABANDONED

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended for the operation still to make sense."""
        return self.wait_deadline + (self.policy.run_timeout if self.has_started else 0.0)

    def need(self, key: str) -> None:
        """Be held up by `key`, too."""
        self.needs |= {key}
        self.trace.needs = self.needs

    def is_called(self, operation_id: int | None, key: str | None) -> bool:
        """Say whether this is meant by an id, or by a key of the user's."""
        return self.operation_id == operation_id or (key is not None and self.operation.key == key)

    def snapshot(self, *, now: float, held_by: tuple[str, ...] = ()) -> OperationStatus:
        """Return a frozen copy for status."""
        return OperationStatus(
            id=self.operation_id,
            operation_type=self.operation_type,
            name=type(self.operation).__name__,
            key=self.operation.key,
            priority=self.priority,
            queued_at=self.queued_at,
            expires_in=None if self.has_started else self.wait_deadline - now,
            attempts=self.attempts,
            held_by=held_by,
        )
