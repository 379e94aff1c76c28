"""The mailbox's entry around an operation: its place, its limits, and what became of it so far.

Owned by one session; nobody else keeps one. Readings of time are monotonic seconds, but for `queued_at`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from actors.model.policies import OperationPolicy
from actors.model.status import OperationStatus
from actors.operations.operation import Checkpoint, Operation
from actors.runtime.recipient import Reply
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
    """Return what the slow mode of a chat holds."""
    return f"chat:{chat}"


def permit_key(operation_type: str) -> str:
    """Return what a type without a free permit is held by."""
    return f"permit:{operation_type}"


@dataclass(slots=True, eq=False)
class QueuedOperation:
    """One accepted operation. `sequence` is its place among its equals, for good; is_own: the session's, no user's."""

    operation: Operation[Any]
    policy: OperationPolicy
    operation_id: int
    accepted_at: float
    result_future: Reply | None = field(default=None, repr=False)
    queued_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sequence: int = 0
    needs: set[str] = field(default_factory=set)
    started_at: float | None = None
    attempts: int = 0
    failures: int = 0
    ran: float = 0.0
    may_have_left: bool = False
    checkpoint: Checkpoint | None = None
    partial: list[Any] = field(default_factory=list, repr=False)
    metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    last_error: BaseException | None = field(default=None, repr=False)
    context: Context | None = field(default=None, repr=False)
    answered: bool = False
    is_own: bool = False
    trace: Trace = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Note what may hold this operation up, and begin its trace."""
        self.needs.update(method_key(method) for method in self.operation.methods_needed())
        self.needs.update((OFFLINE, self.own_key))
        if self.operation.writes:
            self.needs.add(WRITING)
        if (chat := self.operation.slow_mode_chat()) is not None:
            self.needs.add(chat_key(chat))
        if self.policy.permits is not None:
            self.needs.add(permit_key(self.operation_type))
        self.trace = Trace(self.operation_id, self.operation_type, type(self.operation).__name__, self.operation.key)
        self.trace.begin(self.queued_at, self.accepted_at, f"priority {self.priority}")

    @property
    def own_key(self) -> str:
        """What holds this operation alone: its backoff."""
        return f"operation:{self.operation_id}"

    @property
    def operation_type(self) -> str:
        """The operation's type."""
        return self.operation.operation_type

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
    def priority(self) -> int:
        """Higher runs first."""
        return self.policy.priority

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
        """Whether it counts against the mailbox's capacity."""
        return not self.has_started and not self.is_own

    @property
    def wait_deadline(self) -> float:
        """By when it must have started."""
        return self.accepted_at + self.policy.wait_timeout

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended for the operation still to make sense."""
        return self.wait_deadline + (self.policy.run_timeout if self.has_started else 0.0)

    def due_at(self, share: float) -> float:
        """From when it goes before all others: after `share` of its wait timeout."""
        return self.accepted_at + share * self.policy.wait_timeout

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
