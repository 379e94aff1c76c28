"""The update log of one box: what happened, numbered by pts. It knows no TL; updates.py turns events into updates.

Every account has one, and every channel has one
(https://core.telegram.org/api/updates#message-related-event-sequences).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from actors.testing.server.world.messages import Kind, Message

__all__ = ["Deleted", "Edited", "Event", "Filed", "New", "Pinned", "Read", "Stamped", "UpdateLog"]

FIRST_PTS = 1  # clients take 0 for "unknown"


@dataclass(frozen=True, slots=True)
class New:
    """The event that a message appeared in the box."""

    message: Message


@dataclass(frozen=True, slots=True)
class Edited:
    """The event that a message's text changed."""

    message: Message


@dataclass(frozen=True, slots=True)
class Deleted:
    """The event that messages were deleted."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """The event that a private chat or a group was read up to an id, by the account itself or by the other side."""

    kind: Kind
    chat: int
    max_id: int
    by_other: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Pinned:
    """The event that messages of a chat were pinned, or unpinned."""

    kind: Kind
    chat: int
    ids: tuple[int, ...]
    pinned: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """The event that chats were put into a folder (0: none, 1: the archive)."""

    peers: tuple[tuple[Kind, int], ...]
    folder: int


Event = New | Edited | Deleted | Read | Pinned | Filed


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event with the pts that the box has after it, and the number of steps that it moved the pts."""

    event: Event
    pts: int
    count: int


class UpdateLog:
    """The events of a box, in order. `floor` is the oldest pts from which the log is whole."""

    __slots__ = ("_events", "_points", "date", "floor", "pts")

    def __init__(self) -> None:
        self.pts = self.floor = FIRST_PTS
        self.date = 0  # Unix time of the last event
        self._points: list[int] = []
        self._events: list[Stamped] = []

    def add(self, event: Event, *, now: int, count: int = 1) -> Stamped:
        """Record an event that moves the box by `count`."""
        self.pts += count
        self.date = now
        stamped = Stamped(event, self.pts, count)
        self._points.append(self.pts)
        self._events.append(stamped)
        return stamped

    def forget(self, count: int = 0) -> None:
        """Move the pts by `count` without a record, and drop the records. An older pts is then too old."""
        self.pts += count
        self.floor = self.pts
        self._points.clear()
        self._events.clear()

    def since(self, pts: int, limit: int) -> list[Stamped] | None:
        """Return the events after a pts, at most `limit`; None when the log doesn't reach back that far."""
        if pts < self.floor:
            return None
        place = bisect_right(self._points, pts)
        return self._events[place : place + limit]
