"""Frozen, picklable copies of our own state: sessions, operations, monitors, tasks. Telegram's things are content.py's.

All dates are aware UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.model.content import Account
from actors.model.phases import Phase
from actors.model.snapshot import Snapshot

__all__ = [
    "HoldStatus",
    "MonitorStatus",
    "OperationStatus",
    "SessionStatus",
    "SystemStatus",
    "TaskStatus",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStatus(Snapshot):
    """Something that operations wait for: what, why, and until when (None: open-ended)."""

    key: str
    reason: str
    until: datetime | None
    operations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus(Snapshot):
    """An operation that waits or runs. held_by names what it waits for besides the slot; empty for the slot alone."""

    id: int
    operation_type: str
    name: str
    key: str | None
    priority: int
    queued_at: datetime
    expires_in: float | None
    attempts: int = 0
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorStatus(Snapshot):
    """A running monitor.

    - queued, dropped, errors: events that wait for the subscriber, that overflow lost, that it answered with an error.
    - filter_errors: messages that its filter raised on.
    - lag: seconds since the message was sent that the subscriber has yet to answer; when it has answered them all, how
      old the last one was then.
    - marks: up to which id the subscriber has answered the messages of each chat: plain data, to be given back to
      `Monitor(marks=...)` after a restart of the program.
    """

    id: int
    chats: tuple[str, ...]
    until: datetime | None
    delivered: int
    queued: int
    dropped: int
    errors: int
    filter_errors: int = 0
    lag: float | None = None
    marks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus(Snapshot):
    """A session at one moment."""

    name: str
    phase: Phase
    account: Account | None
    current_operation: OperationStatus | None
    operation_start_time: datetime | None
    queue_size: int
    capacity: int
    waiting: tuple[OperationStatus, ...]
    holds: tuple[HoldStatus, ...]
    monitors: tuple[MonitorStatus, ...]
    connects: int
    restarts: int
    outcomes: Mapping[str, int]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus(Snapshot):
    """One live task of the library: what it is for, of which session, its age in seconds, and whose child it is."""

    id: int
    name: str
    task_type: str
    session_name: str | None
    age: float
    parent_operation: int | None
    abandoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus(Snapshot):
    """Everything at one moment: sessions by name, live tasks, permits in use by type, and counters.

    quarantined: sessions whose login proved to have two owners; it can't be used again.
    """

    sessions: Mapping[str, SessionStatus]
    tasks: tuple[TaskStatus, ...]
    permits: Mapping[str, tuple[int, int]]
    dead_letters: int
    subscribers: int
    quarantined: tuple[str, ...] = ()

    def tasks_of(self, session_name: str) -> tuple[TaskStatus, ...]:
        """Return the live tasks of one session."""
        return tuple(task for task in self.tasks if task.session_name == session_name)

    def children_of(self, operation_id: int) -> tuple[TaskStatus, ...]:
        """Return the live tasks that an operation started."""
        return tuple(task for task in self.tasks if task.parent_operation == operation_id)

    def count_by_type(self) -> dict[str, int]:
        """Return how many tasks of each type are alive."""
        return dict(Counter(task.task_type for task in self.tasks))

    def count_by_session(self) -> dict[str, int]:
        """Return how many tasks of each session are alive; the supervisor's own are under the empty name."""
        return dict(Counter(task.session_name or "" for task in self.tasks))

    def summary(self) -> dict[str, Any]:
        """Return the little that fits on a page, as plain data: phases by session, tasks by type, permits, counters."""
        return {
            "sessions": {name: status.phase.value for name, status in self.sessions.items()},
            "tasks": self.count_by_type(),
            "permits": {name: list(pair) for name, pair in self.permits.items()},
            "dead_letters": self.dead_letters,
            "subscribers": self.subscribers,
            "quarantined": list(self.quarantined),
        }
