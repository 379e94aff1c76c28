"""Events: what sessions and monitors tell their subscribers.

Events are frozen data. Sessions make them, the runtime delivers them, and subscribers match on their class. They are
not requests: those are in `session/messages.py` and `fleet/messages.py`, beside the actors that answer them.
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
    """The reply to `Monitor`: the monitor's id, and the time when it ends (None: it has no end)."""

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
    """Something that happened to a session. Every other event is a subclass."""

    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A monitored chat has a new message."""

    monitor_id: int
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReceived(Event):
    """A monitored chat has news other than a new message: an edit, a deletion, reactions, a join or a leave."""

    monitor_id: int
    update: Update


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorGap(Event):
    """A monitor lacks messages of a chat, or may lack them, and can't get them any more; `reason` says why.

    The monitor's subscriber gets it where they lack, between the messages before and after, and the event stream gets
    it too. The monitor goes on with new messages.

    - chat: None when Telegram doesn't say which chat it was.
    - first_id, last_id: the ids of the first and the last message that lack, as far as they are known; there may be
      fewer messages than ids.
    - count: how many events lack, 0 when that isn't known.
    - monitor_id: the monitor that lacks them; None, on the event stream, for all that watch the chat.
    """

    chat: Peer | None
    reason: str
    first_id: int | None = None
    last_id: int | None = None
    count: int = 0
    monitor_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorEnded(Event):
    """The last event of a monitor. detail: why its session stopped, when nobody had asked for that."""

    monitor_id: int
    reason: MonitorEnd
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScraped(Event):
    """A page of a history, for the actor that a scrape has as `to`. The actor answers when it is ready for more.

    done: how many messages were read, this page included. total: how many messages the server says there are, whatever
    the bounds of the scrape.
    """

    operation_id: int
    chat: Peer
    messages: tuple[Message, ...]
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """A resumable operation reached a checkpoint. total: how much there is, when the server says so."""

    operation_id: int
    operation: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOnline(Event):
    """The session is connected, for the first time or again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOffline(Event):
    """The connection is lost, and the session is making it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRestarted(Event):
    """The session has a new client. Its reference, its URN and its waiting operations are the same as before."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDown(Event):
    """The session has ended for good. `reason` is empty when it was told to stop."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodWaiting(Event):
    """Telegram asked for a pause. The event says what is held, for how many seconds, and until when."""

    key: str
    seconds: float
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFailed(Event):
    """An operation that nobody waits for ended badly: it was told, not asked."""

    operation_id: int
    operation_type: str
    error: ActorsError | BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(Event):
    """A told message was refused. The event has its class and the reason; the sender got the error as well."""

    message_type: str
    reason: Refusal
