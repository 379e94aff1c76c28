"""The session actor: one Telegram account. Its mailbox is the queue of its operations; its reference lasts for life.

It handles control messages always, and has its core decide; what the core decides it carries out. No handler waits for
the network: what must wait runs in a task of the registry and comes back as a message. Started by the supervisor.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from contextvars import Context, copy_context
from functools import partial
from typing import Any, assert_never, cast

from actors.model.client import ClientFactory
from actors.model.config import SessionConfig
from actors.model.errors import InvalidInput, SessionStartFailed
from actors.model.events import SessionDown
from actors.model.outcomes import Outcome
from actors.model.phases import Phase
from actors.model.updates import Update
from actors.operations.operation import Checkpoint
from actors.runtime import (
    ActorDeadError,
    AsyncioActor,
    Envelope,
    Node,
    enter,
    later,
    reply_error,
    tell_if_alive,
)
from actors.session.acts import Acts, Ask, Break, Close, Dial, HangUp, Miss, Reconnect, Retire, Settle, Start
from actors.session.admission import Admission, refused
from actors.session.arrival import Arrival
from actors.session.assembly import new_core
from actors.session.attempt import Ended, Failed, run_attempt
from actors.session.connection import News
from actors.session.dialler import Dialler
from actors.session.dispatcher import interrupted
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
from actors.session.queue import OperationQueue
from actors.session.queued_operation import WRITING, permit_key
from actors.session.ref import SessionRef
from actors.session.shared import Shared
from actors.session.slot import Running
from actors.session.status import session_status
from actors.session.stopping import Stopping

__all__ = ["SessionActor"]

logger = logging.getLogger("actors.session")

AT_ONCE = 16
"""Operations that needn't wait for anything, one after the other, before the loop turns to others."""


class SessionActor(AsyncioActor):
    """One account as an actor. It gets a maker of clients for it, and what the supervisor shares with its sessions."""

    stop_messages = (*AsyncioActor.stop_messages, StopSession)

    def __init__(self, config: SessionConfig, clients: ClientFactory, shared: Shared) -> None:
        self._config = config
        self._shared = shared
        super().__init__()
        node, self._now = Node(self.actor_urn, config.name), shared.now
        self._queue = OperationQueue(config.capacity)
        admission = Admission(node, config, shared, self._queue, tell=self._tell_quietly)
        self.actor_inbox.admit = admission.admit
        self.actor_inbox.on_refused = partial(refused, config.name, shared.supervisor)
        self.actor_inbox.on_abandoned = self._abandoned
        self._arrival = Arrival()
        self._turning = self._again = False
        self._look_at = partial(shared.timers.arm, self.actor_urn, self._tick)
        self._monitors = Monitors(config.name, shared, admission.submit)
        self._core = new_core(
            config,
            shared,
            self._queue,
            self._monitors,
            node,
            on_grant=self._permit_granted,
            look_at=self._look_at,
            last_byte=lambda: self._dialler.last_byte,
        )
        self._dialler = Dialler(
            clients,
            spawn=lambda coroutine, kind: self._spawn(coroutine, kind, kind=kind),
            tell=self._tell_self,
            feed=self._heard,
            pause=self._pause,
            floods=self._core.dispatcher.floods,
            connect_timeout=shared.system.connect_timeout,
            disconnect_timeout=shared.system.disconnect_timeout,
        )

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> SessionRef:
        """Start a session, as `pykka.Actor.start`."""
        return cast("SessionRef", super().start(*args, **kwargs))

    def _create_ref(self) -> SessionRef:
        return SessionRef(self, self._config.name)

    def on_start(self) -> None:
        """Connect."""
        self._do(self._core.dial(self._now()))

    def on_receive(self, message: Any) -> Any:
        """Handle a control message; operations never come here, they wait in the queue."""
        match message:
            case Tick():
                pass  # what is due is looked at after every turn
            case GetStatus():
                unconverted = self._dialler.unconverted
                return session_status(self._config, self._core, self._monitors, self._now(), unconverted=unconverted)
            case CancelOperation(operation_id=operation_id, key=key):
                return self._core.dispatcher.cancel(operation_id, key, self._now())
            case WaitOnline():
                return later(self._wait_online(), "wait online")
            case ReplaceClient(reason=reason, delay=delay):
                self._do(self._core.replace_client(reason, delay, self._now()))
            case GiveUpSession(reason=reason):
                self._core.give_up(reason, self._now())
            case LiftRestriction():
                return self._queue.release(WRITING)
            case _ if isinstance(message, News):
                self._do(self._core.hear(message, self._now()))
            case _:
                raise InvalidInput(field="message", problem=f"means nothing to a session: {type(message).__name__}")
        return None

    # Turns.

    def _on_turn(self) -> None:
        """After every batch of messages: do what is due, and say when to look again."""
        now = self._now()
        due = self._monitors.next_due()
        if due is not None and due <= now:
            self._monitors.tick(now)
        self._turning = True
        try:
            for _ in range(AT_ONCE):
                self._again = False
                self._do(self._core.turn(now))
                if not self._again:
                    break
                now = self._now()
            else:
                self._tell_self(Tick())
        finally:
            self._turning = False
        for at in (self._core.look_again, self._monitors.next_due()):
            if at is not None:
                self._look_at(at)

    def _do(self, acts: Acts) -> None:
        """Carry out what the core has decided."""
        for act in acts:
            match act:
                case Start(running=running):
                    self._run(running)
                case Dial(generation=generation):
                    self._dialler.dial(generation)
                case Ask(check=check, question=question, patience=patience):
                    self._dialler.ask(check, question, patience)
                case HangUp():
                    self._dialler.hang_up()
                case Reconnect():
                    logger.warning("Session %s: its connection is dead; it is made anew", self._config.name)
                    self._dialler.reconnect()
                case Retire():
                    self._dialler.retire()
                case Miss():
                    self._dialler.stop_asking()
                    self._monitors.lost()
                case Settle(error=error):
                    self._arrival.settle(error)
                case Break(reason=reason):
                    self._report(SessionBroke(self._config.name, reason))
                case Close(stopping=stopping):
                    self._monitors.end_all(stopping.reason)
                    self._spawn(self._dialler.close(), "close").add_done_callback(partial(self._close, stopping))
                case _:
                    assert_never(act)

    def _tick(self) -> None:
        """Have a turn taken."""
        self._tell_self(Tick())

    # Running.

    def _run(self, running: Running) -> None:
        """Start an attempt, in the context that its operation was sent in."""
        entry = running.entry
        context = entry.context.copy() if entry.context is not None else copy_context()
        running.stay.home = self._host.place.home
        enter(context, running.stay)
        record = self._shared.registry.spawn(
            self._attempt(running),
            name=f"{self._config.name}: {entry.trace.label}",
            task_type=entry.operation_type,
            session_name=self._config.name,
            parent=entry,
            context=context,
            on_end=partial(self._attempt_over, running),
            at_once=True,
        )
        if running.ended is None:
            running.task = record.task

    async def _attempt(self, running: Running) -> None:
        """Run an attempt and report its end, as the last thing that its task does."""
        client = self._dialler.client
        assert client is not None  # noqa: S101  the core starts nothing without one
        ended = await run_attempt(
            running.entry,
            client,
            running.context,
            running.patience,
            on_checkpoint=partial(self._checkpoint, running),
        )
        self._attempt_ended(running, ended)

    def _checkpoint(self, running: Running, checkpoint: Checkpoint) -> bool:
        return self._core.dispatcher.checkpoint(running, checkpoint, self._now())

    def _attempt_over(self, running: Running, task: asyncio.Task[None]) -> None:
        """Report the end of an attempt that couldn't do so itself, because it was cancelled or worse."""
        if running.ended is None:
            error = None if task.cancelled() else task.exception()
            self._attempt_ended(running, Failed(error or interrupted(running.entry)))

    def _attempt_ended(self, running: Running, ended: Ended) -> None:
        """Take the end of an attempt in, and start the next one at once: that needs no further turn of the loop."""
        try:
            self._core.finish(running, ended, self._now())
            if self._turning:  # it began in this turn, and has ended without a wait
                self._again = not self._core.is_at_rest
            elif not self._core.is_at_rest and not self._departing:
                self._on_turn()
            elif (due := self._monitors.next_due()) is not None:
                self._look_at(due)
        except Exception as exc:  # noqa: BLE001  as for a handler: it is logged, and the session lives on
            self._core.dispatcher.conclude_running(running, Outcome.FAILED, exc, self._now())
            self._told_failed(ended)

    def _permit_granted(self, operation_type: str) -> None:
        self._queue.release(permit_key(operation_type))
        self._tick()

    # The connection.

    def _heard(self, update: Update) -> None:
        self._core.connection.heard(self._now())
        self._monitors.feed(update)

    def _pause(self, generation: int) -> float:
        """Return how long a client waits before it reconnects by itself; one that was retired doesn't count."""
        if generation != self._core.connection.generation:
            return 0.0
        return self._shared.fleet.failed(self._config.name, self._now())

    async def _wait_online(self) -> None:
        """Return when the session is online; raise what made the first attempt fail, or that it has ended."""
        if self._core.phase is not Phase.ONLINE:
            await self._arrival.wait()

    # Stopping.

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Close the queue and finish what was accepted, within the drain time."""
        drain = None
        if isinstance(envelope.message, StopSession):
            if envelope.message.name not in ("", self._config.name):
                problem = f"is another session's; this is {self._config.name!r}"
                reply_error(envelope.reply_to, InvalidInput(field="name", problem=problem))
                return
            drain = envelope.message.drain
        stopping = self._core.stop(self._shared.system.drain if drain is None else drain, self._now())
        if envelope.reply_to is not None:
            stopping.repliers.append(envelope.reply_to)

    def _close(self, stopping: Stopping, _: object) -> None:
        """Leave: no task, no timer, no permit and no waiter is left behind."""
        self._core.close(self._now())
        self._arrival.settle(SessionStartFailed(name=self._config.name, reason=stopping.why))
        self._shared.timers.disarm(self.actor_urn)
        self._depart(partial(self._gone, stopping))

    def _gone(self, stopping: Stopping) -> None:
        """Say so: to the supervisor, to subscribers, to whoever waits for the stop."""
        self._report(SessionEnded(self._config.name, self.actor_urn, stopping.cause))
        self._shared.events.publish(SessionDown(session=self._config.name, reason=stopping.reason))
        stopping.answer()

    def _abandoned(self) -> None:
        """Answer everything that was accepted, and say that it is over: the loop has closed under us."""
        stopping = self._core.loop_gone("its event loop has ended", self._now())
        self._monitors.end_all(stopping.why)
        self._shared.events.publish(SessionDown(session=self._config.name, reason=stopping.reason))
        stopping.answer()

    # What the runtime asks of us.

    def _spawn(
        self, coroutine: Coroutine[Any, Any, Any], name: str, context: Context | None = None, kind: str = "control"
    ) -> asyncio.Task[Any]:
        session = self._config.name
        task_name = f"{session}: {name}"
        spawn = self._shared.registry.spawn
        return spawn(coroutine, name=task_name, task_type=kind, session_name=session, context=context).task

    def _told_failed(self, message: Any) -> None:
        """Say what went wrong, and live on: no message stops a session."""
        logger.error(
            "Session %s could not handle %s", self._config.name, type(message).__name__, exc_info=sys.exc_info()
        )

    def _report(self, message: Any) -> None:
        """Tell the supervisor; one that has stopped needs no reports."""
        tell_if_alive(self._shared.supervisor, message)

    def _tell_self(self, message: Any) -> None:
        self._tell_quietly(Envelope(message))

    def _tell_quietly(self, envelope: Envelope[Any]) -> None:
        """Put a message into our own inbox; once we have stopped, nobody needs it."""
        try:
            self.actor_inbox.put(envelope)
        except ActorDeadError:
            logger.debug("Session %s has stopped; %s is dropped", self._config.name, type(envelope.message).__name__)
