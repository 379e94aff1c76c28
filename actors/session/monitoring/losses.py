"""What a monitor's subscriber lacks at one place of its queue, told as one `MonitorGap` for each chat and reason.

Pure, and bounded: beyond `MOST` chats a gap says no more which chat it was. A monitor's delivery keeps one of these at
each place where it lost events, or where a gap of the chat belongs.
"""

from __future__ import annotations

from dataclasses import replace

from actors.model.content import Peer
from actors.model.events import Event, MessageReceived, MonitorGap, UpdateReceived
from actors.model.updates import EditedMessage, NewMessage

__all__ = ["MOST", "OVERFLOW", "LostEvents"]

OVERFLOW = "the subscriber's queue has overflowed"
"""The reason of the gaps that events leave which were dropped."""

MOST = 1_000
"""Chats that are told one by one at one place of a queue."""


class LostEvents:
    """The losses of one place (`runtime/delivery.py` has the Protocol)."""

    def __init__(self, session: str, monitor_id: int) -> None:
        self._session = session
        self._monitor_id = monitor_id
        self._gaps: dict[tuple[str | None, str], MonitorGap] = {}

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def add(self, event: Event) -> None:
        """Take in an event that was dropped, or a gap as it is."""
        gap = self._gap(event)
        key = (None if gap.chat is None else gap.chat.key, gap.reason)
        if key not in self._gaps and len(self._gaps) >= MOST:
            gap = replace(gap, chat=None, first_id=None, last_id=None)
            key = (None, gap.reason)
        known = self._gaps.get(key)
        self._gaps[key] = gap if known is None else _together(known, gap)

    def take(self) -> MonitorGap:
        """Return the eldest gap, and forget it."""
        return self._gaps.pop(next(iter(self._gaps)))

    def _gap(self, event: Event) -> MonitorGap:
        match event:
            case MonitorGap():
                return event
            case MessageReceived(message=message):
                return self._dropped(message.chat, message.id)
            case UpdateReceived(update=update):
                about = update.message if isinstance(update, NewMessage | EditedMessage) else update
                return self._dropped(about.chat, None)
            case _:
                return self._dropped(None, None)

    def _dropped(self, chat: Peer | None, message_id: int | None) -> MonitorGap:
        return MonitorGap(
            session=self._session,
            chat=chat,
            reason=OVERFLOW,
            first_id=message_id,
            last_id=message_id,
            count=1,
            monitor_id=self._monitor_id,
        )


def _together(one: MonitorGap, other: MonitorGap) -> MonitorGap:
    """Return one gap for two of the same chat and reason."""
    first = [gap.first_id for gap in (one, other) if gap.first_id is not None]
    last = [gap.last_id for gap in (one, other) if gap.last_id is not None]
    return replace(
        one, first_id=min(first, default=None), last_id=max(last, default=None), count=one.count + other.count
    )
