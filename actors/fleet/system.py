"""The composition root: `open_system` puts the parts together. No behaviour of its own.

`with` and `async with` give two thin, typed faces over one supervisor: on a loop thread of its own, or on the
running loop.
"""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, cast

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
from actors.fleet.supervisor import SupervisorActor
from actors.model.checks import check_function
from actors.model.config import SessionConfig, SystemConfig
from actors.model.errors import InvalidInput
from actors.model.events import Event
from actors.model.outcomes import ShutdownReport, Timeline
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff, FleetBrake, RestartPolicy
from actors.model.status import SystemStatus
from actors.runtime import ActorFuture, LoopHost, TypedRef, hosted
from actors.runtime.recipient import Recipient
from actors.session.messages import StopSession
from actors.session.ref import AsyncSessionRef, SessionRef

__all__ = ["AsyncSystem", "System", "SystemOpener", "open_system"]

STOP_SLACK = 5.0
"""Seconds that a blocking stop waits beyond the stop timeout, for the answer to arrive."""


class System:
    """The blocking face: for scripts, threads and Pykka programs. Every method may be called from any thread.

    report: what became of everything, once the block has been left.
    """

    def __init__(self, supervisor: TypedRef[Any], opener: SystemOpener | None = None) -> None:
        self.supervisor = supervisor
        self.report: ShutdownReport | None = None
        self._opener = opener  # so that the two are collected together

    def start_session(self, config: SessionConfig, *, timeout: float | None = None) -> SessionRef:
        """Return the session once it is online.

        Raises NameTaken, or SessionStartFailed with the reason after `timeout` seconds at the latest (default: 30).
        """
        return cast("SessionRef", self.supervisor.ask(StartSession(config, timeout)))

    def session(self, name: str) -> SessionRef:
        """Return a running session; UnknownSession when there is none of this name."""
        return cast("SessionRef", self.supervisor.ask(GetSession(name)))

    def stop_session(self, name: str, *, drain: float | None = None) -> bool:
        """Stop a session; what it accepted gets `drain` seconds (default: 10). Returns when it has stopped."""
        return self.supervisor.ask(StopSession(name, drain))

    def restart_session(self, name: str) -> None:
        """Replace a session's client; returns when it is online again."""
        self.supervisor.ask(RestartSession(name))

    def status(self) -> SystemStatus:
        """Return a frozen snapshot of everything."""
        return self.supervisor.ask(GetSystemStatus())

    def why(self, operation_id: int) -> Timeline:
        """Return what happened to an operation, step by step; its id is on its future and in its error.

        UnknownOperation when there is none: of those that have ended the last 1,000 are known.
        """
        return self.supervisor.ask(GetTimeline(operation_id))

    def shutdown(self, timeout: float | None = None) -> ShutdownReport:
        """Stop everything within `timeout` seconds (default: the system's), and return every operation's fate."""
        if self.report is None:
            self.report = self.supervisor.ask(Shutdown(timeout))
        return self.report

    def subscribe(self, to: Recipient, *only: type[Event]) -> None:
        """Send the event stream to an actor; events of the classes `only` alone, if any are given."""
        self.supervisor.ask(Subscribe(to, only))

    def unsubscribe(self, to: Recipient) -> bool:
        """End a subscription; say whether there was one."""
        return self.supervisor.ask(Unsubscribe(to))


class AsyncSystem:
    """The asyncio face: the same, awaited, on the loop of the program."""

    def __init__(self, supervisor: TypedRef[Any], opener: SystemOpener | None = None) -> None:
        self.supervisor = supervisor
        self.report: ShutdownReport | None = None
        self._opener = opener  # so that the two are collected together

    async def start_session(self, config: SessionConfig, *, timeout: float | None = None) -> AsyncSessionRef:  # noqa: ASYNC109  the same name as in System
        """Return the session once it is online; raises as `System.start_session` does."""
        ref = await self.supervisor.ask(StartSession(config, timeout), block=False)
        return AsyncSessionRef(ref)

    async def session(self, name: str) -> AsyncSessionRef:
        """Return a running session; UnknownSession when there is none of this name."""
        return AsyncSessionRef(await self.supervisor.ask(GetSession(name), block=False))

    async def stop_session(self, name: str, *, drain: float | None = None) -> bool:
        """Stop a session; what it accepted gets `drain` seconds (default: 10)."""
        return await self.supervisor.ask(StopSession(name, drain), block=False)

    async def restart_session(self, name: str) -> None:
        """Replace a session's client; returns when it is online again."""
        await self.supervisor.ask(RestartSession(name), block=False)

    async def status(self) -> SystemStatus:
        """Return a frozen snapshot of everything."""
        return await self.supervisor.ask(GetSystemStatus(), block=False)

    async def why(self, operation_id: int) -> Timeline:
        """Return what happened to an operation, step by step; raises as `System.why` does."""
        return await self.supervisor.ask(GetTimeline(operation_id), block=False)

    async def shutdown(self, timeout: float | None = None) -> ShutdownReport:  # noqa: ASYNC109  the same name as in System
        """Stop everything within `timeout` seconds (default: the system's), and return every operation's fate."""
        if self.report is None:
            self.report = await self.supervisor.ask(Shutdown(timeout), block=False)
        return self.report

    async def subscribe(self, to: Recipient, *only: type[Event]) -> None:
        """Send the event stream to an actor; events of the classes `only` alone, if any are given."""
        await self.supervisor.ask(Subscribe(to, only), block=False)

    async def unsubscribe(self, to: Recipient) -> bool:
        """End a subscription; say whether there was one."""
        return await self.supervisor.ask(Unsubscribe(to), block=False)


class SystemOpener:
    """What `open_system` returns: enter it with `with` or `async with`, once."""

    def __init__(self, config: SystemConfig, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
        self._config = config
        self._loop_factory = loop_factory
        self._exits = ExitStack()
        self._was_entered = False
        self._host: LoopHost | None = None
        self._block: hosted | None = None
        self._supervisor: TypedRef[Any] | None = None
        self._system: weakref.ref[System | AsyncSystem] | None = None

    def __enter__(self) -> System:
        self._enter()
        host = self._host = LoopHost.on_thread(self._loop_factory)
        self._exits.callback(host.close)
        self._block = self._exits.enter_context(hosted(host))
        system = System(SupervisorActor.start(self._config), self)
        self._opened(system)
        return system

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._exits:
            ending = self._leave()
            if ending is not None:
                self._ended(ending.get(timeout=self._config.stop_timeout + STOP_SLACK))

    async def __aenter__(self) -> AsyncSystem:
        if self._loop_factory is not None:
            raise InvalidInput(field="loop_factory", problem="is for `with`: `async with` is on the running loop")
        self._enter()
        self._block = self._exits.enter_context(hosted(LoopHost.on_running_loop()))
        system = AsyncSystem(SupervisorActor.start(self._config), self)
        self._opened(system)
        return system

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._exits:
            ending = self._leave()
            if ending is not None:
                self._ended(await ending)

    def __del__(self) -> None:
        if self._supervisor is None or self._block is None:
            return
        self._block.end()  # what is started from now on lives elsewhere
        if not self._supervisor.is_alive():  # it was shut down, and the block never left
            _close(self._host, None)
        else:
            text = "a system was dropped without being closed; leave its block, or call shutdown()"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)
            self._supervisor.stop(block=False).add_done_callback(partial(_close, self._host))

    def _enter(self) -> None:
        if self._was_entered:
            raise RuntimeError("this system was opened before; call open_system() once more")
        self._was_entered = True

    def _opened(self, system: System | AsyncSystem) -> None:
        self._supervisor = system.supervisor
        self._system = weakref.ref(system)

    def _leave(self) -> ActorFuture[ShutdownReport] | None:
        """Begin the shutdown, unless the system has been shut down already."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None or not supervisor.is_alive():
            return None
        return supervisor.ask(Shutdown(), block=False)

    def _ended(self, report: ShutdownReport) -> None:
        system = None if self._system is None else self._system()
        if system is not None:
            system.report = report


def _close(host: LoopHost | None, _: Any) -> None:
    """Close a host without waiting for it: this is called by the collector, in the middle of whatever."""
    if host is not None:
        host.close(timeout=0)


_DEFAULTS = SystemConfig()


def open_system(  # noqa: PLR0913  every limit there is
    *,
    policies: Mapping[str, OperationPolicy] | None = None,
    start_timeout: float = _DEFAULTS.start_timeout,
    stop_timeout: float = _DEFAULTS.stop_timeout,
    drain: float = _DEFAULTS.drain,
    connect_timeout: float = _DEFAULTS.connect_timeout,
    disconnect_timeout: float = _DEFAULTS.disconnect_timeout,
    cancel_grace: float = _DEFAULTS.cancel_grace,
    backoff: Backoff | None = None,
    restarts: RestartPolicy | None = None,
    brake: FleetBrake | None = None,
    stuck_after: float = _DEFAULTS.stuck_after,
    traces: int = _DEFAULTS.traces,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> SystemOpener:
    """Open a system of sessions, to be entered with `with` (own loop thread) or `async with` (the running loop).

    policies: rows of the policy table to replace or add. The limits are those of `SystemConfig`, in seconds. backoff,
    restarts, brake: between attempts, of sessions that break, of fleets that fail together. loop_factory:
    `uvloop.new_event_loop`, say, for the own loop thread; `async with` refuses one. Leaving the block drains: what was
    accepted gets `drain` seconds, and every operation has its outcome before the block is left. Raises InvalidInput,
    naming the field.
    """
    check_function("loop_factory", loop_factory, or_none=True)
    config = SystemConfig(
        policies={} if policies is None else policies,
        start_timeout=start_timeout,
        stop_timeout=stop_timeout,
        drain=drain,
        connect_timeout=connect_timeout,
        disconnect_timeout=disconnect_timeout,
        cancel_grace=cancel_grace,
        backoff=Backoff() if backoff is None else backoff,
        restarts=RestartPolicy() if restarts is None else restarts,
        brake=FleetBrake() if brake is None else brake,
        stuck_after=stuck_after,
        traces=traces,
    )
    return SystemOpener(config, loop_factory)
