"""Tells what monitors lack and can't read any more: to their subscribers, in place, and to the event stream.

It decides nothing: `gaps.py`, which owns it, knows what lacks. What overflow has lost the monitors tell themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actors.model.content import Peer
from actors.model.events import MonitorGap
from actors.model.updates import Unreadable
from actors.runtime.delivery import EventStream
from actors.session.monitoring.monitor import RunningMonitor
from actors.session.monitoring.suspects import MOST

__all__ = ["TOO_MANY", "Teller"]

NO_HISTORY = "Telegram has dropped updates, and a bot may not read the history"
SINCE_THE_MARKS = "a bot may not read what was said since the marks"
NEWER_LAYER = "Telegram sent something of a newer layer, which this version can't read"
TOO_MANY = f"more than {MOST} chats had news at once, and not all of it was read"


class Teller:
    """Tells the gaps of one session. running: its monitors."""

    def __init__(self, session: str, running: Mapping[int, RunningMonitor], events: EventStream) -> None:
        self._session = session
        self._running = running
        self._events = events

    def tell(
        self,
        watching: Sequence[RunningMonitor],
        chat: Peer | None,
        reason: str,
        *,
        first: int | None = None,
        last: int | None = None,
        count: int = 0,
    ) -> None:
        """Tell a gap to those who watch, and publish it; nobody lacks anything where nobody watches."""
        gap = MonitorGap(session=self._session, chat=chat, reason=reason, first_id=first, last_id=last, count=count)
        for monitor in watching:
            monitor.tell_gap(gap)
        if watching:
            self._events.publish(gap)

    def list_unread(self, reason: str) -> None:
        """Tell those who watch all chats that the list of these couldn't be read, or not all of what is new there."""
        self.tell([m for m in self._running.values() if m.tells_messages and not m.watch.peers], None, reason)

    def unreadable(self, update: Unreadable) -> None:
        """Tell that something couldn't be read."""
        watching = [m for m in self._running.values() if m.wants(update.chat)]
        self.tell(watching, update.chat, NEWER_LAYER, count=update.count)

    def updates_lost(self, chat: Peer | None) -> None:
        """Tell what was lost to those who may not read the history."""
        blind = [m for m in self._running.values() if m.tells_messages and not m.watch.reads_history]
        self.tell([m for m in blind if (m.watches_a_box if chat is None else m.wants(chat))], chat, NO_HISTORY)

    def since_marks(self, monitor: RunningMonitor) -> None:
        """Tell what marks were given for in vain."""
        marks = monitor.watch.marks
        for peer in monitor.watch.peers:
            if peer.key in marks:
                self.tell([monitor], peer, SINCE_THE_MARKS, first=marks[peer.key] + 1)
        if marks and not monitor.watch.peers:
            self.tell([monitor], None, SINCE_THE_MARKS)
