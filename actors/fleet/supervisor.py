"""The supervisor actor: it owns the sessions, the task registry, the permits and time, and restarts what breaks.

One for one: a session that breaks is restarted alone, at most so often, and given up after that. It never waits for
the network in a handler. Sessions come from a factory, so it knows nothing of Telethon.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Self, cast

from actors.fleet.messages import (
    GetSession,
    GetSystemStatus,
    GetTimeline,
    RestartSession,
    Shutdown,
    StartSession,
    Subscribe,
    Unsubscribe,
)
from actors.fleet.owners import LoginOwners
from actors.fleet.shutdown import ShutdownUnderWay
from actors.model.checks import check_kind
from actors.model.client import ClientFactory
from actors.model.config import SessionConfig, SystemConfig
from actors.model.errors import (
    ActorsError,
    InvalidInput,
    NameTaken,
    SessionStartFailed,
    TelegramError,
    UnknownSession,
    Verdict,
)
from actors.model.events import DeadLetter
from actors.model.resilience import GiveUp, Restart
from actors.model.status import SystemStatus, TaskStatus
from actors.runtime import ActorDeadError, AsyncioActor, Envelope, TypedRef, Watchdog, ask_any, later, tell_if_alive
from actors.runtime.delivery import EventStream
from actors.runtime.tasks import TaskRegistry
from actors.runtime.timers import Timers
from actors.session.actor import SessionActor
from actors.session.dedupe import Dedupe
from actors.session.messages import (
    GetStatus,
    GiveUpSession,
    ReplaceClient,
    SessionBroke,
    SessionEnded,
    StopSession,
    WaitOnline,
)
from actors.session.permits import Permits
from actors.session.ref import SessionRef
from actors.session.shared import Clock, Fleet, Shared
from actors.session.traces import Recorder
from actors.telegram.factory import telethon_factory

__all__ = ["SupervisorActor"]

logger = logging.getLogger("actors.supervisor")

Clients = Callable[[SessionConfig], ClientFactory]
"""Makes the factory of one session's clients."""


@dataclass(slots=True, eq=False)
class _Child:
    """A session, and when it was restarted lately (monotonic seconds)."""

    ref: SessionRef
    restarts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _AllStopped:
    """Every session has stopped, or the time for it is up."""


class SupervisorActor(AsyncioActor):
    """The owner of a system's sessions.

    clients: makes the maker of one session's clients, Telethon's by default; now: the clock, in monotonic seconds.
    """

    stop_messages = (*AsyncioActor.stop_messages, Shutdown)

    def __init__(
        self,
        config: SystemConfig | None = None,
        *,
        clients: Clients = telethon_factory,
        now: Clock = time.monotonic,
    ) -> None:
        super().__init__()
        check_kind("config", config, SystemConfig | None)
        self._clients = clients
        self._now = now
        self._config = SystemConfig() if config is None else config
        self._children: dict[str, _Child] = {}
        self._registry = TaskRegistry(now)
        self._permits = Permits(self._config.policies)
        self._timers = Timers(now)
        self._events = EventStream()
        self._recorder = Recorder(keep=self._config.traces)
        self._fleet = Fleet(self._config.brake)
        self._dedupe = Dedupe()
        self._owners = LoginOwners()
        self._shutdown: ShutdownUnderWay | None = None

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> TypedRef[Self]:
        """Start a supervisor, as `pykka.Actor.start`; its ref knows the types of its answers."""
        return cast("TypedRef[Self]", super().start(*args, **kwargs))

    def _create_ref(self) -> TypedRef[Any]:
        return TypedRef(self, answers_in_turn=False)

    def on_start(self) -> None:
        """Watch the loop for as long as this supervisor lives."""
        self._watchdog = Watchdog(stuck_after=self._config.stuck_after).start()

    def on_stop(self) -> None:
        """Leave the loop alone."""
        self._watchdog.stop()

    def on_receive(self, message: Any) -> Any:  # noqa: PLR0911  one answer a message
        """Handle a control message."""
        match message:
            case StartSession(config=config, timeout=timeout):
                return self._start_session(config, self._config.start_timeout if timeout is None else timeout)
            case GetSession(name=name):
                return self._child(name).ref
            case StopSession(name=name, drain=drain):
                return later(_ask(self._child(name).ref, StopSession(name, drain)), f"stop {name}")
            case RestartSession(name=name):
                return self._restart_session(name)
            case GetSystemStatus():
                return later(self._status(self._registry.snapshot(self._now())), "status")
            case GetTimeline(operation_id=operation_id):
                return self._recorder.why(operation_id)
            case Subscribe(to=to, only=only):
                return self._events.subscribe(to, tuple(only))
            case Unsubscribe(to=to):
                return self._events.unsubscribe(to)
            case _:
                return self._hear(message)

    def _hear(self, message: Any) -> Any:
        """Take in what a session reports."""
        match message:
            case SessionBroke(name=name, reason=reason):
                self._mend(name, reason)
            case SessionEnded():
                self._bury(message)
            case DeadLetter():
                self._events.dead_letters += 1
                self._events.publish(message)
            case _AllStopped():
                self._close()
            case _:
                raise InvalidInput(field="message", problem=f"means nothing to a supervisor: {type(message).__name__}")
        return None

    # Starting.

    def _start_session(self, config: SessionConfig, timeout: float) -> Any:
        if self._shutdown is not None:
            raise SessionStartFailed(name=config.name, reason="the system is stopping")
        if config.name in self._children:
            raise NameTaken(name=config.name)
        self._owners.claim(config)
        try:
            ref = SessionActor.start(config, self._clients(config), self._shared_with(config))
        except Exception as exc:
            self._owners.release(config.name, cause="")
            raise _start_failure(config.name, exc, timeout) from exc
        self._children[config.name] = _Child(ref)
        self._fleet.join(config.name)
        return later(self._wait_started(ref, timeout), f"start {config.name}")

    def _shared_with(self, config: SessionConfig) -> Shared:
        return Shared(
            system=self._config,
            policies=self._config.policies_of(config),
            supervisor=self.actor_ref,
            now=self._now,
            registry=self._registry,
            permits=self._permits,
            timers=self._timers,
            events=self._events,
            recorder=self._recorder,
            fleet=self._fleet,
            dedupe=self._dedupe,
        )

    async def _wait_started(self, ref: SessionRef, timeout: float) -> SessionRef:  # noqa: ASYNC109  part of the reply
        """Return the session once it is online; else leave nothing of it behind, and raise why."""
        try:
            async with asyncio.timeout(timeout):
                await ask_any(ref, WaitOnline())
        except Exception as exc:
            failure = _start_failure(ref.name, exc, timeout)
            await _ask(ref, StopSession(drain=0.0))
            raise failure from exc
        return ref

    # Mending.

    def _restart_session(self, name: str) -> Any:
        ref = self._child(name).ref
        ref.tell(ReplaceClient("it was asked for"))
        return later(self._wait_restarted(ref), f"restart {name}")

    async def _wait_restarted(self, ref: SessionRef) -> None:
        try:
            async with asyncio.timeout(self._config.start_timeout):
                await ask_any(ref, WaitOnline())
        except TimeoutError as exc:
            reason = f"not online again within {self._config.start_timeout:g} s; it goes on trying"
            raise SessionStartFailed(name=ref.name, reason=reason, verdict=Verdict.TRANSIENT) from exc

    def _mend(self, name: str, reason: str) -> None:
        """Restart what broke, as the restart policy allows."""
        child = self._children.get(name)
        if child is None:
            return
        now = self._now()
        match self._config.restarts.judge(child.restarts, now=now, chance=random.random()):  # noqa: S311  spreads load
            case Restart(delay=delay):
                delay += self._fleet.failed(name, now)
                child.restarts = (*self._config.restarts.recent(child.restarts, now=now), now + delay)
                logger.warning("Session %s is restarted in %.1f s: %s", name, delay, reason)
                tell_if_alive(child.ref, ReplaceClient(reason, delay))
            case GiveUp(reason=limit):
                logger.error("Session %s is given up: %s; %s", name, limit, reason)
                tell_if_alive(child.ref, GiveUpSession(f"{limit}; the last: {reason}"))

    def _bury(self, message: SessionEnded) -> None:
        """Forget a session that has ended; its login is free, unless it has two owners."""
        child = self._children.get(message.name)
        if child is None or child.ref.actor_urn != message.urn:
            return
        del self._children[message.name]
        self._fleet.leave(message.name)
        self._owners.release(message.name, cause=message.cause)
        if self._shutdown is not None:
            self._shutdown.session_ended(message.name)

    def _child(self, name: str) -> _Child:
        try:
            return self._children[name]
        except KeyError:
            raise UnknownSession(name=name) from None

    # Status.

    async def _status(self, tasks: tuple[TaskStatus, ...]) -> SystemStatus:
        """Collect the sessions' snapshots; `tasks` was taken before this task was started."""
        asked = [ask_any(child.ref, GetStatus()) for child in self._children.values()]
        statuses = []
        for future in asked:
            with suppress(ActorDeadError):  # it ended in the meantime
                statuses.append(await future)
        return SystemStatus(
            sessions={status.name: status for status in statuses},
            tasks=tasks,
            permits=self._permits.snapshot(),
            dead_letters=self._events.dead_letters,
            subscribers=len(self._events),
            quarantined=self._owners.quarantined(),
        )

    # Stopping.

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Stop every session within the stop timeout, then this actor."""
        if self._shutdown is None:
            asked = envelope.message.timeout if isinstance(envelope.message, Shutdown) else None
            timeout = self._config.stop_timeout if asked is None else asked
            self._recorder.begin_report()
            sessions, drain = [child.ref for child in self._children.values()], self._config.drain
            self._shutdown = ShutdownUnderWay(sessions, self._recorder, timeout=timeout, drain=drain, now=self._now)
            task = self._spawn(self._shutdown.stop_sessions(), "shutdown")
            task.add_done_callback(lambda _: tell_if_alive(self.actor_ref, _AllStopped()))
        self._shutdown.add_replier(envelope.reply_to, wants_report=isinstance(envelope.message, Shutdown))

    def _close(self) -> None:
        """Leave. What the sessions had to report is in the inbox before this, as they answered after it."""
        if self._shutdown is not None:
            logger.info("Shutdown: %s", self._shutdown.report())
        self._depart(self._answer_stops)

    def loop_gone(self) -> None:
        """Answer those who wait for the stop: there is nothing left to stop."""
        super().loop_gone()
        self._answer_stops()

    def _answer_stops(self) -> None:
        if self._shutdown is not None:
            self._shutdown.answer()

    # What the runtime asks of us.

    def _spawn(
        self, coroutine: Coroutine[Any, Any, Any], name: str, context: Context | None = None
    ) -> asyncio.Task[Any]:
        return self._registry.spawn(coroutine, name=f"supervisor: {name}", task_type="control", context=context).task

    def _told_failed(self, message: Any) -> None:
        """Say what went wrong; no message stops the supervisor."""
        logger.error("The supervisor could not handle %s", type(message).__name__, exc_info=sys.exc_info())


async def _ask(ref: SessionRef, message: Any) -> Any:
    """Ask a session; one that has stopped already has nothing left to stop."""
    try:
        return await ask_any(ref, message)
    except ActorDeadError:
        if isinstance(message, StopSession):
            return False
        raise


def _start_failure(name: str, error: BaseException, timeout: float) -> SessionStartFailed:
    if isinstance(error, SessionStartFailed):
        return error
    if isinstance(error, TimeoutError):
        reason = f"the server did not answer within {timeout:g} s"
        return SessionStartFailed(name=name, reason=reason, verdict=Verdict.TRANSIENT)
    verdict = Verdict.CONFIGURATION if isinstance(error, InvalidInput) else Verdict.UNKNOWN
    if isinstance(error, TelegramError):
        verdict = error.verdict
    reason = str(error) if isinstance(error, ActorsError) else type(error).__name__
    return SessionStartFailed(name=name, reason=reason, verdict=verdict)
