"""All monitors of a session, and the filling of gaps: what they missed is read from the history, in order, once each.

Owned by a session and used on its loop alone. When the connection is lost, or the server can't say any more what
happened, the watched chats are held back until the session's own operation `CatchUp` has read on from the marks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from actors.content import Message, Peer
from actors.errors import InvalidInput
from actors.messages import Monitoring, MonitoringGap
from actors.monitor import RunningMonitor
from actors.operations import Operation, Watch, catch_up
from actors.policies import MONITORING
from actors.ports import Receipt, Recipient
from actors.runtime import ActorFuture, ask_any
from actors.services import Services
from actors.snapshots import MonitorStatus
from actors.suspects import Suspects
from actors.updates import EditedMessage, Gap, NewMessage, Update

__all__ = ["Monitors"]

logger = logging.getLogger("actors.monitor")

AGAIN = 2.0
"""Seconds until catching up is begun anew, after somebody cancelled it."""

_ids = count(1)


class Monitors:
    """See the module. `submit` accepts an operation of the session's own."""

    def __init__(self, session: str, services: Services, submit: Callable[[Operation[Any]], ActorFuture[Any]]) -> None:
        self._session = session
        self._services = services
        self._submit = submit
        self._running: dict[int, RunningMonitor] = {}
        self._suspects = Suspects()
        self._catching_up = False
        self._again_at: float | None = None

    # What operations ask for.

    @property
    def catching_up(self) -> Monitors:
        """Itself, as what `CatchUp` works on."""
        return self

    def hand_over(self, to: Recipient, message: Any) -> Receipt:
        """Send a page to whoever wants it; the receipt is done when it is answered."""
        return ask_any(to, message)

    def start_monitor(self, watch: Watch) -> Monitoring:
        """Begin to watch; what is missing since the marks is read first."""
        if not watch.to.is_alive():
            raise InvalidInput(field="to", problem="has stopped")
        until = None if watch.lifetime is None else datetime.now(UTC) + timedelta(seconds=watch.lifetime)
        monitoring = Monitoring(next(_ids), until)
        monitor = RunningMonitor(
            monitoring,
            self._session,
            watch,
            deadline=None if watch.lifetime is None else time.monotonic() + watch.lifetime,
            once=self._services.once,
            on_end=self._end,
        )
        self._running[monitor.id] = monitor
        name = f"{self._session}: monitor {monitor.id}"
        self._services.registry.spawn(monitor.run(), name=name, task_type=MONITORING, session_name=self._session)
        for peer in watch.peers:
            newest = watch.newest.get(peer.key, 0)
            if watch.marks.get(peer.key, newest) < newest:
                self._suspects.hold(peer, newest)
        self._begin_to_catch_up()
        return monitoring

    def stop_monitor(self, monitor_id: int) -> bool:
        """End a monitor; say whether there was one."""
        return self._end(monitor_id, "stopped")

    # What the connection tells.

    def feed(self, update: Update) -> None:
        """Show an update to every monitor, or hold it back."""
        match update:
            case NewMessage(message=message) if self._suspects.takes(message):
                return
            case EditedMessage(message=message) if self._suspects.holds(message.chat) and self._is_to_come(message):
                return  # it comes as it is now
            case Gap(chat=chat):
                self._suspect(None if chat is None else [chat])
                self._begin_to_catch_up()
            case _:
                for monitor in tuple(self._running.values()):
                    monitor.feed(update)

    def lost(self) -> None:
        """Suspect everything: the connection is gone, and the next one may not know what was missed."""
        self._suspect(None)
        self._begin_to_catch_up()

    def _suspect(self, chats: Sequence[Peer] | None) -> None:
        """Hold back what monitors watch among these chats; None: all that they watch."""
        for monitor in self._running.values():
            if not monitor.tells_messages:
                continue
            if chats is None and not monitor.watch.peers:
                self._suspects.everything = True
            for peer in monitor.watch.peers if chats is None else chats:
                if monitor.wants(peer):
                    self._suspects.hold(peer)

    def _is_to_come(self, message: Message) -> bool:
        mark = self.mark(message.chat)
        return mark is None or message.id > mark

    # Catching up: what `CatchUp` works on.

    @property
    def since(self) -> datetime:
        """Return when the first of the monitors began."""
        return min((monitor.since for monitor in self._running.values()), default=datetime.now(UTC))

    def wants_dialogs(self) -> bool:
        """Say whether all chats are held back."""
        return self._suspects.everything

    def dialogs_read(self) -> None:
        """Hold back those chats alone that were found."""
        self._suspects.everything = False

    def found(self, peer: Peer, newest: int) -> None:
        """Note the newest message of a chat that somebody watches."""
        if any(monitor.wants(peer) for monitor in self._running.values()):
            self._suspects.hold(peer, newest)

    def pending(self) -> tuple[Peer, ...]:
        """Return the chats that are held back."""
        return self._suspects.pending()

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message known in a chat that is held back."""
        return self._suspects.newest(peer)

    def mark(self, peer: Peer) -> int | None:
        """Return the lowest mark of those who watch a chat."""
        marks = [m.mark(peer) for m in self._running.values() if m.tells_messages and m.wants(peer)]
        return min((mark for mark in marks if mark is not None), default=None)

    def set_mark(self, peer: Peer, message_id: int) -> None:
        """Move the mark of everybody who watches a chat, where it is lower."""
        for monitor in self._running.values():
            if monitor.wants(peer):
                monitor.set_mark(peer, message_id)

    def missed(self, peer: Peer, messages: Sequence[Message]) -> None:  # noqa: ARG002  the messages know their chat
        """Show missed messages to every monitor."""
        for message in messages:
            for monitor in tuple(self._running.values()):
                monitor.feed(NewMessage(message))

    def caught_up(self, peer: Peer) -> None:
        """Let a chat's messages through again."""
        self._suspects.release(peer)

    def gave_up(self, peer: Peer, reason: str) -> None:
        """Say that something may be missing, and let the chat's messages through again."""
        self.set_mark(peer, self.newest(peer))
        self._suspects.release(peer)
        self._services.events.publish(MonitoringGap(session=self._session, chat=peer, reason=reason))

    def _begin_to_catch_up(self) -> None:
        self._again_at = None
        if self._suspects and not self._catching_up and self._running:
            self._catching_up = True
            self._submit(catch_up()).add_done_callback(self._ended_catching_up)

    def _ended_catching_up(self, future: ActorFuture[int]) -> None:
        """Begin anew for what was suspected in the meantime; after a failure, which no retry could mend, later."""
        self._catching_up = False
        if future.exception() is None:
            self._begin_to_catch_up()
        else:
            self._again_at = time.monotonic() + AGAIN

    # Time and ends.

    def tick(self, now: float) -> None:
        """End those whose lifetime is over, and go on catching up."""
        for monitor in tuple(self._running.values()):
            if monitor.deadline is not None and monitor.deadline <= now:
                self._end(monitor.id, "lifetime")
        if self._again_at is not None and self._again_at <= now:
            self._begin_to_catch_up()

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        times = [monitor.deadline for monitor in self._running.values()]
        return min((at for at in (*times, self._again_at) if at is not None), default=None)

    def end_all(self, reason: str) -> None:
        """End every monitor."""
        for monitor_id in tuple(self._running):
            self._end(monitor_id, reason)

    def status(self) -> tuple[MonitorStatus, ...]:
        """Return frozen copies, oldest first."""
        return tuple(monitor.status() for monitor in self._running.values())

    def _end(self, monitor_id: int, reason: str) -> bool:
        monitor = self._running.pop(monitor_id, None)
        if not self._running:
            self._suspects.clear()
        return monitor is not None and monitor.end(reason)
