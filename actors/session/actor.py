"""The session actor: one Telegram account. Its mailbox is the queue of its operations; its ref lasts for life.

It handles control messages always and takes an operation while its slot is free. No handler waits for the network:
what must wait runs in a task of the registry and comes back as a message. The work is done by its parts: the
connection (client and phase), the slot (what runs, limits, outcomes) and the monitors.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine
from contextvars import Context
from functools import partial
from typing import Any, cast

from actors.model.client import Client, ClientFactory
from actors.model.config import SessionConfig
from actors.model.errors import FloodWait, TelegramError
from actors.model.events import SessionDown, SessionOffline, SessionOnline, SessionRestarted
from actors.model.phases import Phase, Signal
from actors.model.resilience import Check
from actors.model.status import SessionStatus
from actors.runtime import ActorDeadError, AsyncioActor, Envelope, Node, later, tell_if_alive
from actors.runtime.mailbox import Mailbox
from actors.session.attempt import AttemptEnded
from actors.session.connection import Checked, Connection, ConnectionEnded, News
from actors.session.health import is_silence
from actors.session.messages import (
    CancelOperation,
    GetStatus,
    GiveUpSession,
    LiftRestriction,
    ReplaceClient,
    SessionBroke,
    SessionEnded,
    StopSession,
    Tick,
    WaitOnline,
)
from actors.session.monitoring.monitors import Monitors
from actors.session.queue import Admission
from actors.session.queued_operation import WRITING
from actors.session.ref import SessionRef
from actors.session.retries import PERMANENT
from actors.session.shared import Services
from actors.session.slot import Slot
from actors.session.status import session_status
from actors.session.stopping import Stopping, error_name

__all__ = ["SessionActor"]

logger = logging.getLogger("actors.session")


class SessionActor(AsyncioActor):
    """See the module. Started by the supervisor, with a factory for its clients and the supervisor's services."""

    stop_messages = (*AsyncioActor.stop_messages, StopSession)

    def __init__(self, config: SessionConfig, client_factory: ClientFactory, services: Services) -> None:
        self._config = config
        self._services = services
        super().__init__()
        self.actor_inbox.mailbox = Mailbox(config.capacity, ageing=config.ageing)
        node = Node(self.actor_urn, config.name)
        admission = Admission(node, config, services, self.actor_inbox, tell=self._tell_quietly)
        self.actor_inbox.admit = admission.admit
        self.actor_inbox.on_refused = admission.refused
        self._monitors = Monitors(config.name, services, admission.submit)
        self._stopping: Stopping | None = None
        self._restarts = 0
        self._connection = Connection(
            config.name,
            client_factory,
            services,
            health=config.health,
            tell=self._tell_self,
            feed=self._monitors.feed,
            lost=self._monitors.lost,
        )
        self._slot = Slot(
            node,
            self.actor_inbox,
            services,
            facilities=self._monitors,
            tell=self._tell_self,
            on_ended=self._attempt_ended,
            on_doom=self._doomed,
            on_abandoned=self._abandoned,
        )

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> SessionRef:
        """Start a session, as `pykka.Actor.start`."""
        return cast("SessionRef", super().start(*args, **kwargs))

    def _create_ref(self) -> SessionRef:
        return SessionRef(self, self._config.name)

    def on_start(self) -> None:
        """Connect."""
        self._connection.dial()

    def on_receive(self, message: Any) -> Any:
        """Handle a control message; operations never come here, they wait in the mailbox."""
        match message:
            case Tick():
                pass  # what is due is looked at after every turn
            case GetStatus():
                return self._status()
            case CancelOperation(operation_id=operation_id, key=key):
                return self._slot.cancel(operation_id, key)
            case WaitOnline():
                return later(self._connection.wait_online(), "wait online")
            case ReplaceClient(reason=reason, delay=delay):
                self._replace_client(reason, delay)
            case GiveUpSession(reason=reason):
                self._wind_down(reason)
            case LiftRestriction():
                return self._slot.waiting.release(WRITING)
            case _ if isinstance(message, News):
                self._hear(message)
            case _:
                return super().on_receive(message)
        return None

    # Turns.

    def _on_turn(self) -> None:
        """After every batch of messages: enforce limits, fill the slot, say when to look again."""
        now = time.monotonic()
        self._monitors.tick(now)
        self._connection.tick(now)
        self._note_connection()
        self._slot.tick(now)  # which may take the client away
        self._note_connection()
        if self._connection.is_ready and self._connection.client is not None:
            self._slot.pump(self._connection.client)
        self._slot.give_back_unused()
        if self._stopping is not None:
            self._drain(self._stopping, now)
        self._services.timers.arm(self.actor_urn, self._next_due(now), partial(self._tell_self, Tick()))

    def _note_connection(self) -> None:
        """Hold everything while there is no connection, and nothing for that reason while there is one."""
        if self._connection.is_ready and self._connection.client is not None:
            self._slot.waiting.go_online()
        else:
            self._slot.waiting.go_offline(self._connection.phase.value)

    def _attempt_ended(self, message: AttemptEnded) -> None:
        """Take the end of an attempt in, as the last act of its task: the next one needs no further turn."""
        try:
            self._slot.finish(message)
            if not self._departing:
                self._on_turn()
        except Exception as exc:  # noqa: BLE001  as for a handler: it is logged, and the session lives on
            self._slot.outcomes.fail(message.running.entry, exc)
            self._told_failed(message)

    def _next_due(self, now: float) -> float | None:
        times = [
            self._slot.next_due(),
            self._monitors.next_due(),
            self._connection.next_due(),
            None if self._stopping is None else self._stopping.next_due(now),
        ]
        return min((at for at in times if at is not None), default=None)

    # The connection.

    def _hear(self, news: News) -> None:
        before = self._connection.phase
        if not self._connection.hear(news):
            return
        if self._connection.phase is Phase.ONLINE and before is not Phase.ONLINE:
            self._services.events.publish(SessionOnline(session=self._config.name))
        if before is Phase.ONLINE and self._connection.phase is not Phase.ONLINE:
            self._services.events.publish(SessionOffline(session=self._config.name))
        if isinstance(news, ConnectionEnded):
            self._disconnected(news.error)
        if isinstance(news, Checked) and news.error is not None:
            self._sick(news.check, news.error)

    def _sick(self, check: Check, error: BaseException) -> None:
        """End a session that its server disowns; replace a client that gets no difference any more."""
        if isinstance(error, TelegramError) and error.verdict in PERMANENT:
            self._doomed(error)
        elif check is Check.DIFFERENCE and is_silence(error):
            self._broke("no update and no answer for too long")

    def _disconnected(self, error: BaseException | None) -> None:
        """Dial again after a lost connection; doom and breakage are another matter."""
        if self._stopping is not None:
            self._stopping.hurry(0.0)  # nothing more can be carried out
        elif isinstance(error, TelegramError) and error.verdict in PERMANENT:
            self._doomed(error)
        elif isinstance(error, FloodWait):
            self._connection.back_off(error.retry_after)
        elif error is None or isinstance(error, TelegramError | OSError):
            self._connection.back_off()
        else:
            self._broke(f"connecting failed with {type(error).__name__}")

    def _broke(self, reason: str) -> None:
        """Take the client away, and let the supervisor decide when there is a new one, if at all."""
        self._slot.interrupt()
        self._connection.retire()
        if self._stopping is not None:
            self._stopping.hurry(0.0)
        else:
            self._report(SessionBroke(self._config.name, reason))

    def _abandoned(self, client: Client, reason: str) -> None:
        """A task that doesn't end took its client with it, unless that was replaced before."""
        if client is self._connection.client:
            self._broke(reason)

    def _replace_client(self, reason: str, delay: float) -> None:
        if self._stopping is not None:
            return
        self._restarts += 1
        self._slot.interrupt()
        self._connection.replace(delay)
        self._services.events.publish(SessionRestarted(session=self._config.name, reason=reason))

    def _doomed(self, error: BaseException) -> None:
        self._wind_down(str(error), cause=error)

    # Stopping.

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Close the mailbox and finish what was accepted, within the drain time."""
        drain = envelope.message.drain if isinstance(envelope.message, StopSession) else None
        stopping = self._wind_down("", drain=self._services.drain if drain is None else drain)
        if envelope.reply_to is not None:
            stopping.repliers.append(envelope.reply_to)

    def _wind_down(self, reason: str, *, cause: BaseException | None = None, drain: float = 0.0) -> Stopping:
        """Begin to stop, or hurry a stop that is under way. With a reason it is the end of the session's life."""
        self._slot.waiting.close()
        deadline = time.monotonic() + (drain if self._connection.is_ready else 0.0)
        if self._stopping is None:
            self._stopping = Stopping(deadline, reason, error_name(cause))
            self._connection.move(Signal.DOOM if reason else Signal.DRAIN)
        self._stopping.hurry(deadline)
        if reason:
            self._slot.reject_all(reason, cause)
        return self._stopping

    def _drain(self, stopping: Stopping, now: float) -> None:
        """Reject what is left when the time is up; close when nothing runs any more."""
        if stopping.is_closing:
            return
        if now >= stopping.deadline:
            self._slot.reject_all(stopping.why)
        if self._slot.running is not None or len(self._slot.waiting):
            return
        stopping.is_closing = True
        self._monitors.end_all(stopping.reason or "session stopped")
        self._spawn(self._connection.close(), "close").add_done_callback(lambda _: self._close(stopping))

    def _close(self, stopping: Stopping) -> None:
        """Leave: no task, no timer, no permit and no waiter is left behind."""
        self._connection.move(Signal.STOP)
        self._connection.give_up(stopping.why)
        self._slot.let_go()
        self._services.timers.disarm(self.actor_urn)
        self._depart(partial(self._gone, stopping))

    def _gone(self, stopping: Stopping) -> None:
        """Say so: to the supervisor, to subscribers, to whoever waits for the stop."""
        self._report(SessionEnded(self._config.name, self.actor_urn, stopping.cause))
        self._services.events.publish(SessionDown(session=self._config.name, reason=stopping.reason))
        stopping.answer()

    def loop_gone(self) -> None:
        """Answer everything that was accepted: the loop is closing under us."""
        self._slot.answer_all("its event loop has ended")
        super().loop_gone()
        if self._stopping is not None:
            self._stopping.answer()

    # What the runtime asks of us.

    def _spawn(
        self, coroutine: Coroutine[Any, Any, Any], name: str, context: Context | None = None
    ) -> asyncio.Task[Any]:
        entry = self._services.registry.spawn(
            coroutine,
            name=f"{self._config.name}: {name}",
            task_type="control",
            session_name=self._config.name,
            context=context,
        )
        return entry.task

    def _told_failed(self, message: Any) -> None:
        """Say what went wrong, and live on: no message stops a session."""
        logger.error(
            "Session %s could not handle %s", self._config.name, type(message).__name__, exc_info=sys.exc_info()
        )

    def _report(self, message: Any) -> None:
        """Tell the supervisor; one that has stopped needs no reports."""
        tell_if_alive(self._services.supervisor, message)

    def _tell_self(self, message: Any) -> None:
        self._tell_quietly(Envelope(message))

    def _tell_quietly(self, envelope: Envelope[Any]) -> None:
        """Put a message into our own inbox; once we have stopped, nobody needs it."""
        try:
            self.actor_inbox.put(envelope)
        except ActorDeadError:
            logger.debug("Session %s has stopped; %s is dropped", self._config.name, type(envelope.message).__name__)

    def _status(self) -> SessionStatus:
        return session_status(
            self._config,
            self._connection,
            self._slot,
            self.actor_inbox,
            self._monitors.status(),
            restarts=self._restarts,
            reason="" if self._stopping is None else self._stopping.reason,
        )
