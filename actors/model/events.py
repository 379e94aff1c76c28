"""Events: what sessions and monitors tell their subscribers. Frozen data, made by sessions, delivered by the runtime.

Not requests: those are in `session/messages.py` and `fleet/messages.py`, beside the actors that answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from actors.model.content import Message, Peer
from actors.model.errors import ActorsError
from actors.model.updates import Update

__all__ = [
    "DeadLetter",
    "Event",
    "FloodWaiting",
    "MessageReceived",
    "MonitorEnd",
    "MonitorEnded",
    "MonitorGap",
    "MonitorStarted",
    "OperationFailed",
    "PageScraped",
    "Progress",
    "Refusal",
    "SessionDown",
    "SessionOffline",
    "SessionOnline",
    "SessionRestarted",
    "UpdateReceived",
]


@dataclass(frozen=True, slots=True)
class MonitorStarted:
    """The reply to `Monitor`: the monitor's id, and until when it runs (None: without end)."""

    id: int
    until: datetime | None


class MonitorEnd(StrEnum):
    """Why a monitor ended."""

    LIFETIME = "lifetime"
    STOPPED = "stopped"
    OVERFLOW = "overflow"
    SUBSCRIBER_DEAD = "subscriber is dead"
    SESSION_STOPPED = "session stopped"


class Refusal(StrEnum):
    """Why a message was refused: no room, nobody there any more, or nothing that could be carried out."""

    FULL = "full"
    STOPPED = "stopped"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a session."""

    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A monitored chat has a new message."""

    monitor_id: int
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReceived(Event):
    """Something else than a new message in a monitored chat: an edit, a deletion, reactions, a coming or going."""

    monitor_id: int
    update: Update


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorGap(Event):
    """What was missed in a chat can't be had any more; reason says why. Monitoring goes on with what is new."""

    chat: Peer
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorEnded(Event):
    """The last event of a monitor. detail: why its session stopped, when nobody had asked for that."""

    monitor_id: int
    reason: MonitorEnd
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScraped(Event):
    """A page of a history, to the actor that a scrape was given as `to`. Answer it when you are ready for more.

    done: how many messages were read, this page included; total: how many the server says there are, whatever the
    bounds.
    """

    operation_id: int
    chat: Peer
    messages: tuple[Message, ...]
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """A resumable operation reached a checkpoint. total: what the server says there is, when it says so."""

    operation_id: int
    operation: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOnline(Event):
    """The session is connected (again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOffline(Event):
    """The connection is gone; it is being made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRestarted(Event):
    """The client was replaced. The ref, the URN and the waiting operations are the same."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDown(Event):
    """The session has ended for good. reason is empty when it was told to stop."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodWaiting(Event):
    """Telegram asked for a pause: what is held, for how many seconds, until when."""

    key: str
    seconds: float
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFailed(Event):
    """An operation that nobody waits for (it was told, not asked) ended badly."""

    operation_id: int
    operation_type: str
    error: ActorsError | BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(Event):
    """A told message was refused: the class of the message, and why. Its sender got the error as well."""

    message_type: str
    reason: Refusal
