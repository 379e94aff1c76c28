"""All monitors of a session: set up and ended by operations, fed by the connection. They hold no slot.

Owned by a session and used on its loop alone. What they miss is the business of `gaps.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from actors.model.content import Peer
from actors.model.errors import InvalidInput
from actors.model.events import MonitorEnd, MonitorStarted
from actors.model.policies import MONITORING
from actors.model.status import MonitorStatus
from actors.model.updates import AccessChanged, EditedMessage, Gap, NewMessage, Unreadable, Update
from actors.operations import Operation, Watch
from actors.runtime import ActorFuture
from actors.session.monitoring.catch_up import catch_up
from actors.session.monitoring.gaps import Gaps
from actors.session.monitoring.monitor import RunningMonitor
from actors.session.shared import Shared

__all__ = ["Monitors"]

_ids = count(1)


class Monitors:
    """The monitors of one session. `submit` accepts an operation of the session's own.

    unreadable: how many packets held something of a newer layer.
    """

    def __init__(self, session: str, shared: Shared, submit: Callable[[Operation[Any]], ActorFuture[Any]]) -> None:
        self._session = session
        self._shared = shared
        self._running: dict[int, RunningMonitor] = {}
        self._gaps = Gaps(session, self._running, shared.events, self._catch_up, shared.now)
        self._submit = submit
        self.unreadable = 0

    # What operations ask for.

    def start_monitor(self, watch: Watch) -> MonitorStarted:
        """Begin to watch; what is missing since the marks is read first."""
        if not watch.to.is_alive():
            raise InvalidInput(field="to", problem="has stopped")
        until = None if watch.lifetime is None else datetime.now(UTC) + timedelta(seconds=watch.lifetime)
        monitoring = MonitorStarted(next(_ids), until)
        monitor = RunningMonitor(
            monitoring,
            self._session,
            watch,
            deadline=None if watch.lifetime is None else self._shared.now() + watch.lifetime,
            dedupe=self._shared.dedupe,
            on_end=self._end,
            on_follow=lambda chat: self._gaps.suspect([chat]),
            publish=self._shared.events.publish,
        )
        self._running[monitor.id] = monitor
        name = f"{self._session}: monitor {monitor.id}"
        self._shared.registry.spawn(monitor.run(), name=name, task_type=MONITORING, session_name=self._session)
        self._gaps.started(monitor)
        return monitoring

    def stop_monitor(self, monitor_id: int) -> bool:
        """End a monitor; say whether there was one."""
        return self._end(monitor_id, MonitorEnd.STOPPED)

    def is_polled(self, channel: Peer) -> bool:
        """Say whether a monitor runs that hears of a channel only because the channel is polled."""
        return any(channel.key == peer.key for monitor in self._running.values() for peer in monitor.watch.polled)

    # What the connection tells.

    def feed(self, update: Update) -> None:
        """Show an update to every monitor, or hold it back."""
        match update:
            case NewMessage(message=message) if self._gaps.takes(message):
                return
            case Gap(chat=chat):
                self._gaps.updates_lost(chat)
                return
            case AccessChanged(chat=chat, lost=lost):
                self._gaps.access_changed(chat, lost)
                return
            case Unreadable(count=packets):
                self.unreadable += packets
                self._gaps.unreadable(update)
                return
        held = isinstance(update, EditedMessage) and self._gaps.is_to_come(update.message)
        for monitor in tuple(self._running.values()):
            if not (held and monitor.tells_messages):  # a message that is held back comes as it is now
                monitor.feed(update)

    def lost(self) -> None:
        """Suspect everything: the connection is gone, and the next one may not know what was missed."""
        self._gaps.suspect(None)

    # Time and ends.

    def tick(self, now: float) -> None:
        """End those whose lifetime is over, and go on catching up."""
        for monitor in tuple(self._running.values()):
            if monitor.deadline is not None and monitor.deadline <= now:
                self._end(monitor.id, MonitorEnd.LIFETIME)
        if self._gaps.again_at is not None and self._gaps.again_at <= now:
            self._gaps.begin()

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        if not self._running:
            return None
        times = [self._gaps.again_at, *(monitor.deadline for monitor in self._running.values())]
        return min((at for at in times if at is not None), default=None)

    def end_all(self, detail: str) -> None:
        """End every monitor, with its session; detail: why, when nobody had asked for that."""
        for monitor_id in tuple(self._running):
            self._end(monitor_id, MonitorEnd.SESSION_STOPPED, detail)

    def status(self) -> tuple[MonitorStatus, ...]:
        """Return frozen copies, oldest first."""
        return tuple(monitor.status(self._gaps.is_unheard) for monitor in self._running.values())

    def _catch_up(self) -> ActorFuture[int]:
        return self._submit(catch_up(self._gaps))

    def _end(self, monitor_id: int, reason: MonitorEnd, detail: str = "") -> bool:
        monitor = self._running.pop(monitor_id, None)
        if monitor is None:
            return False
        self._gaps.ended()
        return monitor.end(reason, detail)
