"""Frozen, picklable copies of the library's own state: sessions, operations, monitors and tasks.

They are pictures of one moment and don't change. Copies of what Telegram holds are in `model/content.py`. Sessions and
the supervisor make them; users, the command line and tests read them. All dates are aware UTC.
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
    """Something that operations wait for: what it is, why, and until when (None: the end isn't known)."""

    key: str
    reason: str
    until: datetime | None
    operations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus(Snapshot):
    """An operation that waits or runs.

    held_by names what it waits for besides the slot. It is empty when the operation waits for the slot alone.
    """

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

    - queued: how many events wait for the subscriber.
    - dropped: how many events overflow has lost.
    - errors: how many events the subscriber answered with an error.
    - filter_errors: how many messages its filter raised on.
    - lag: the age, in seconds, of the oldest message that the subscriber has yet to answer. When it has answered all,
      the age that the last one had at its answer.
    - marks: for each chat, the id up to which the subscriber has answered its messages; it stops before a message that
      overflow has lost. This is plain data, to be given back to `Monitor(marks=...)` after a restart of the program.
    - polled: those of its chats that the account isn't in, so that the server is asked for their news.
    - unheard: those of its chats that the account isn't told of any more: it has left, or was banned.
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
    polled: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus(Snapshot):
    """A session at one moment: its phase and account, what runs, waits and is held, its monitors, and its counters.

    queue_size: how many operations wait; waiting: those of them that go first, at most 1,000. unconverted: how many
    messages, chats and members came that this version couldn't convert; unreadable: how many packets held something of
    a newer layer than it knows.
    """

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
    unconverted: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus(Snapshot):
    """One live task of the library: its purpose, its session, its age in seconds, and the operation that started it."""

    id: int
    name: str
    task_type: str
    session_name: str | None
    age: float
    parent_operation: int | None
    abandoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus(Snapshot):
    """A whole system at one moment: sessions by name, live tasks, permits by type, and counters.

    permits has, for each type, two numbers: those in use and the limit. quarantined names the sessions whose login
    proved to have two owners; such a login can't be used again.
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
        """Return how many tasks of each session are alive. The supervisor's own tasks count under the empty name."""
        return dict(Counter(task.session_name or "" for task in self.tasks))

    def summary(self) -> dict[str, Any]:
        """Return what fits on a page, as plain data: phases by session, tasks by type, permits and counters."""
        return {
            "sessions": {name: status.phase.value for name, status in self.sessions.items()},
            "tasks": self.count_by_type(),
            "permits": {name: list(pair) for name, pair in self.permits.items()},
            "dead_letters": self.dead_letters,
            "subscribers": self.subscribers,
            "quarantined": list(self.quarantined),
        }
