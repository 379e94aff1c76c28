"""Running monitors: which chats, for whom, until when. Not operations: they hold no slot.

Owned by a session and used on its loop alone. They are fed snapshots in the order of the server and pass each on once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from actors.delivery import Delivery
from actors.errors import InvalidInput
from actors.messages import MessageReceived, Monitoring, MonitoringEnded
from actors.policies import MONITORING
from actors.ports import Recipient
from actors.registry import TaskRegistry
from actors.snapshots import Message, MonitorStatus, Peer

__all__ = ["Monitors", "RunningMonitor"]

_ids = count(1)


class RunningMonitor:
    """One monitor. `deadline` is in monotonic seconds, `until` the same as a date; None: without end."""

    def __init__(
        self,
        monitor_id: int,
        session: str,
        peers: Sequence[Peer],
        to: Recipient,
        *,
        deadline: float | None,
        until: datetime | None,
        on_dead: Callable[[int], object],
    ) -> None:
        self.id = monitor_id
        self.deadline = deadline
        self.until = until
        self._session = session
        self._chats = {(peer.kind, peer.id) for peer in peers}
        self._names = tuple(peer.username or f"{peer.kind} {peer.id}" for peer in peers)
        self._delivery = Delivery(to, on_dead=partial(on_dead, monitor_id))
        self._marks: dict[tuple[str, int], int] = {}
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Live until `end`: the monitor's task in the registry."""
        await self._ended.wait()

    def feed(self, message: Message) -> None:
        """Pass a message on, if it is of a chat of ours and newer than the last one of that chat."""
        chat = (message.chat.kind, message.chat.id)
        if self._ended.is_set() or (self._chats and chat not in self._chats):
            return
        if message.id <= self._marks.get(chat, 0):
            return
        self._marks[chat] = message.id
        self._delivery.offer(MessageReceived(session=self._session, monitor_id=self.id, message=message))

    def end(self, reason: str) -> bool:
        """End it, with one `MonitoringEnded` as its last event; say whether it still ran."""
        if self._ended.is_set():
            return False
        self._ended.set()
        self._delivery.offer(MonitoringEnded(session=self._session, monitor_id=self.id, reason=reason))
        return True

    def status(self) -> MonitorStatus:
        """Return a frozen copy for status."""
        return MonitorStatus(
            id=self.id,
            chats=self._names,
            until=self.until,
            delivered=self._delivery.delivered,
            queued=self._delivery.queued,
            dropped=self._delivery.dropped,
            errors=self._delivery.errors,
        )


class Monitors:
    """All monitors of a session: what `Monitor` and `StopMonitoring` ask for while they run."""

    def __init__(self, session: str, registry: TaskRegistry) -> None:
        self._session = session
        self._registry = registry
        self._running: dict[int, RunningMonitor] = {}

    def start_monitor(self, peers: Sequence[Peer], to: Recipient, lifetime: float | None) -> Monitoring:
        """Tell `to` of every new message in `peers` (none: in all chats) for `lifetime` seconds."""
        if not to.is_alive():
            raise InvalidInput(field="to", problem="has stopped")
        until = None if lifetime is None else datetime.now(UTC) + timedelta(seconds=lifetime)
        monitor = RunningMonitor(
            next(_ids),
            self._session,
            peers,
            to,
            deadline=None if lifetime is None else time.monotonic() + lifetime,
            until=until,
            on_dead=lambda monitor_id: self._end(monitor_id, "subscriber is dead"),
        )
        self._running[monitor.id] = monitor
        name = f"{self._session}: monitor {monitor.id}"
        self._registry.spawn(monitor.run(), name=name, task_type=MONITORING, session_name=self._session)
        return Monitoring(monitor.id, until)

    def stop_monitor(self, monitor_id: int) -> bool:
        """End a monitor; say whether there was one."""
        return self._end(monitor_id, "stopped")

    def feed(self, message: Message) -> None:
        """Show a new message to every monitor."""
        for monitor in tuple(self._running.values()):
            monitor.feed(message)

    def tick(self, now: float) -> None:
        """End those whose lifetime is over."""
        for monitor in tuple(self._running.values()):
            if monitor.deadline is not None and monitor.deadline <= now:
                self._end(monitor.id, "lifetime")

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        return min((m.deadline for m in self._running.values() if m.deadline is not None), default=None)

    def end_all(self, reason: str) -> None:
        """End every monitor."""
        for monitor_id in tuple(self._running):
            self._end(monitor_id, reason)

    def status(self) -> tuple[MonitorStatus, ...]:
        """Return frozen copies, oldest first."""
        return tuple(monitor.status() for monitor in self._running.values())

    def _end(self, monitor_id: int, reason: str) -> bool:
        monitor = self._running.pop(monitor_id, None)
        return monitor is not None and monitor.end(reason)
