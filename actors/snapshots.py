"""Frozen, picklable copies of Telegram objects and of our own state. Never a live object of Telethon.

Everything that leaves a session is one of these. All dates are aware UTC. Message texts and phone numbers are kept
out of every repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.phases import Phase

__all__ = [
    "Account",
    "HistoryPage",
    "HoldStatus",
    "Message",
    "MonitorStatus",
    "OperationStatus",
    "Participant",
    "ParticipantsPage",
    "Peer",
    "ScrapedMessages",
    "ScrapedParticipants",
    "SentMessage",
    "SessionStatus",
    "SystemStatus",
    "TaskStatus",
]


@dataclass(frozen=True, slots=True)
class Peer:
    """A user, basic group or channel, as one account may address it.

    kind: `user`, `chat` or `channel`; access_hash is valid for the account that learned it, and only for it.
    """

    kind: str
    id: int
    access_hash: int = field(default=0, repr=False)
    username: str | None = None
    title: str = field(default="", repr=False)
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Who a session is logged in as."""

    id: int
    username: str | None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat. `text` is empty for service and media messages without one."""

    id: int
    chat: Peer
    sender_id: int | None
    date: datetime
    text: str = field(repr=False)
    out: bool = False
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What the server made of a sent message: its id in the chat, and the random_id that it was sent with."""

    id: int
    chat: Peer
    date: datetime
    random_id: int


@dataclass(frozen=True, slots=True)
class Participant:
    """A member of a channel or supergroup. role: `creator`, `admin`, `member`, `banned` or `left`."""

    id: int
    username: str | None
    name: str = field(repr=False)
    role: str = "member"
    bot: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One answer of messages.getHistory, newest first; `total` is what the server says the chat holds."""

    messages: tuple[Message, ...]
    total: int
    last: bool


@dataclass(frozen=True, slots=True)
class ParticipantsPage:
    """One answer of channels.getParticipants; `total` is what the server says the chat holds."""

    participants: tuple[Participant, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ScrapedMessages:
    """A scraped history, newest first. complete: the chat holds no more in the range that was asked for."""

    chat: Peer
    messages: tuple[Message, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class ScrapedParticipants:
    """The members that the server was ready to list; `total` is its own count."""

    chat: Peer
    participants: tuple[Participant, ...]
    total: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStatus:
    """Something that operations wait for: what, why, and until when (None: open-ended)."""

    key: str
    reason: str
    until: datetime | None
    operations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus:
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
class MonitorStatus:
    """A running monitor. lag counts: events in its queue, dropped by overflow, and answered with an error."""

    id: int
    chats: tuple[str, ...]
    until: datetime | None
    delivered: int
    queued: int
    dropped: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
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
class TaskStatus:
    """One live task of the library: what it is for, of which session, its age in seconds, and whose child it is."""

    id: int
    name: str
    task_type: str
    session_name: str | None
    age: float
    parent_operation: int | None
    abandoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """Everything at one moment: sessions by name, live tasks, permits in use by type, and counters."""

    sessions: Mapping[str, SessionStatus]
    tasks: tuple[TaskStatus, ...]
    permits: Mapping[str, tuple[int, int]]
    dead_letters: int
    subscribers: int

    def tasks_of(self, session_name: str) -> tuple[TaskStatus, ...]:
        """Return the live tasks of one session."""
        return tuple(task for task in self.tasks if task.session_name == session_name)

    def count_by_type(self) -> dict[str, int]:
        """Return how many tasks of each type are alive."""
        counts: dict[str, int] = {}
        for task in self.tasks:
            counts[task.task_type] = counts.get(task.task_type, 0) + 1
        return counts

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with stable keys, ready for JSON."""
        return {
            "sessions": {name: status.phase.value for name, status in self.sessions.items()},
            "tasks": self.count_by_type(),
            "permits": {name: list(pair) for name, pair in self.permits.items()},
            "dead_letters": self.dead_letters,
            "subscribers": self.subscribers,
        }
