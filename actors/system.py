"""The composition root: `open_system` puts the parts together. No behaviour of its own.

`with` and `async with` give two thin, typed faces over one supervisor: on a loop thread of its own, or on the
running loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from types import TracebackType
from typing import Any, cast

from actors.config import SessionConfig, SystemConfig
from actors.messages import (
    GetSession,
    GetSystemStatus,
    MessageReceived,
    Monitoring,
    RestartSession,
    StartSession,
    StopSession,
    Subscribe,
    Unsubscribe,
)
from actors.operations import Monitor, StopMonitoring
from actors.policies import OperationPolicy
from actors.ports import Recipient
from actors.runtime import ActorFuture, AsyncSessionRef, LoopHost, SessionRef, Stream, TypedRef, hosted
from actors.services import Services
from actors.session import SessionActor
from actors.snapshots import Message, SystemStatus
from actors.supervisor import SupervisorActor
from actors.telegram import telethon_factory

__all__ = ["AsyncSystem", "System", "SystemOpener", "open_system"]

STOP_SLACK = 5.0
"""Seconds that a blocking stop waits beyond the stop timeout, for the answer to arrive."""


def _start_session_actor(config: SessionConfig, services: Services) -> SessionRef:
    return cast("SessionRef", SessionActor.start(config, telethon_factory(config), services))


SupervisorActor.session_factory = staticmethod(_start_session_actor)


class System:
    """The blocking face: for scripts, threads and Pykka programs. Every method may be called from any thread."""

    def __init__(self, supervisor: TypedRef[Any]) -> None:
        self.supervisor = supervisor

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

    def subscribe(self, to: Recipient, *only: type[Any]) -> None:
        """Send the event stream to an actor; events of the classes `only` alone, if any are given."""
        self.supervisor.ask(Subscribe(to, only))

    def unsubscribe(self, to: Recipient) -> bool:
        """End a subscription; say whether there was one."""
        return self.supervisor.ask(Unsubscribe(to))


class AsyncSystem:
    """The asyncio face: the same, awaited, on the loop of the program."""

    def __init__(self, supervisor: TypedRef[Any]) -> None:
        self.supervisor = supervisor

    async def start_session(self, config: SessionConfig, *, timeout: float | None = None) -> AsyncSessionRef:  # noqa: ASYNC109  the same name as in System
        """Return the session once it is online; raises as `System.start_session` does."""
        ref = await self.supervisor.ask(StartSession(config, timeout), block=False)
        return AsyncSessionRef(ref, _listen)

    async def session(self, name: str) -> AsyncSessionRef:
        """Return a running session; UnknownSession when there is none of this name."""
        return AsyncSessionRef(await self.supervisor.ask(GetSession(name), block=False), _listen)

    async def stop_session(self, name: str, *, drain: float | None = None) -> bool:
        """Stop a session; what it accepted gets `drain` seconds (default: 10)."""
        return await self.supervisor.ask(StopSession(name, drain), block=False)

    async def restart_session(self, name: str) -> None:
        """Replace a session's client; returns when it is online again."""
        await self.supervisor.ask(RestartSession(name), block=False)

    async def status(self) -> SystemStatus:
        """Return a frozen snapshot of everything."""
        return await self.supervisor.ask(GetSystemStatus(), block=False)

    async def subscribe(self, to: Recipient, *only: type[Any]) -> None:
        """Send the event stream to an actor; events of the classes `only` alone, if any are given."""
        await self.supervisor.ask(Subscribe(to, only), block=False)

    async def unsubscribe(self, to: Recipient) -> bool:
        """End a subscription; say whether there was one."""
        return await self.supervisor.ask(Unsubscribe(to), block=False)


async def _listen(ref: SessionRef, chats: Any, lifetime: float | None) -> AsyncGenerator[Message, None]:
    """Iterate over new messages: a monitor for as long as the iteration lasts."""
    stream = Stream()
    setting_up = ref.ask(Monitor(chats, to=stream, lifetime=lifetime), block=False)
    try:
        await setting_up
        async for event in stream:
            if not isinstance(event, MessageReceived):
                return
            yield event.message
    finally:
        stream.close()
        setting_up.cancel()
        setting_up.add_done_callback(partial(_stop_listening, ref))


def _stop_listening(ref: SessionRef, setting_up: ActorFuture[Monitoring]) -> None:
    """End the monitor, if it was set up; nobody waits for that, and a session that has stopped ended it."""
    if setting_up.exception() is None:
        ref.ask(StopMonitoring(setting_up.get().id), block=False)


class SystemOpener:
    """What `open_system` returns: enter it with `with` or `async with`, once."""

    def __init__(self, config: SystemConfig, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
        self._config = config
        self._loop_factory = loop_factory
        self._exits = ExitStack()
        self._async_exits = AsyncExitStack()

    def __enter__(self) -> System:
        host = LoopHost.on_thread(self._loop_factory)
        self._exits.callback(host.close)
        self._exits.enter_context(hosted(host))
        supervisor = SupervisorActor.start(self._config)
        self._exits.callback(supervisor.stop, timeout=self._config.stop_timeout + STOP_SLACK)
        return System(supervisor)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._exits.close()

    async def __aenter__(self) -> AsyncSystem:
        LoopHost.on_running_loop()  # from now on actors that are started on this loop live on it
        supervisor = SupervisorActor.start(self._config)
        self._async_exits.push_async_callback(_stop, supervisor)
        return AsyncSystem(supervisor)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._async_exits.aclose()


async def _stop(supervisor: TypedRef[Any]) -> None:
    await supervisor.stop(block=False)


def open_system(
    *,
    policies: Mapping[str, OperationPolicy] | None = None,
    start_timeout: float = 30.0,
    stop_timeout: float = 30.0,
    drain: float = 10.0,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> SystemOpener:
    """Open a system of sessions, to be entered with `with` (own loop thread) or `async with` (the running loop).

    policies: rows of the policy table to replace or add; start_timeout, stop_timeout, drain: seconds, see
    `SystemConfig`; loop_factory: `uvloop.new_event_loop`, say, for the own loop thread. Leaving the block drains:
    what was accepted gets `drain` seconds, and every operation has its outcome before the block is left.
    """
    config = SystemConfig(policies=policies or {}, start_timeout=start_timeout, stop_timeout=stop_timeout, drain=drain)
    return SystemOpener(config, loop_factory)
