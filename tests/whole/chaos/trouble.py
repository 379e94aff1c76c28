"""Acts a script of faults out: on the server through the test kit, on the sessions through the load.

Not the script (script.py): this is where the clock and the server are. One fault at a time, in a thread, since the kit
blocks; one that takes long, such as a new server process, makes the next one late.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import pykka

import actors
from actors.testing import Loopback
from tests.whole.chaos.load import CHANNEL, Load
from tests.whole.chaos.script import EVERYBODY, Fault, Kind
from tests.whole.chaos.subscribers import Listener, Mood

__all__ = ["Trouble"]


class Trouble:
    """Acts one script out. `done` holds the faults that have been acted out."""

    def __init__(
        self,
        telegram: Loopback,
        system: actors.AsyncSystem,
        load: Load,
        refs: Sequence[actors.AsyncSessionRef],
    ) -> None:
        self.done: list[Fault] = []
        self.revoked: set[str] = set()
        self._telegram = telegram
        self._system = system
        self._load = load
        self._refs = list(refs)
        self._difficult: list[pykka.ActorRef[Listener]] = []
        self._asides: set[asyncio.Task[None]] = set()

    async def run(self, script: Sequence[Fault]) -> None:
        """Act the script out."""
        start = time.monotonic()
        for fault in script:
            await asyncio.sleep(max(0.0, fault.at - (time.monotonic() - start)))
            await self._act(fault)
            self.done.append(fault)

    async def end(self) -> None:
        """Heal the server, and let the difficult subscribers go."""
        await asyncio.to_thread(self._telegram.heal)
        if self._asides:
            await asyncio.wait(self._asides)
        for ref in self._difficult:
            await asyncio.to_thread(ref.stop)
        self._difficult.clear()

    async def _act(self, fault: Fault) -> None:
        session = None if fault.session == EVERYBODY else self._refs[fault.session]
        match fault.kind:
            case Kind.STUBBORN if session is not None:
                self._load.stubborn(session, fault.seconds)
            case Kind.NEW_CLIENT if session is not None:
                self._aside(self._new_client(session.name))
            case Kind.SUBSCRIBER_DIES if session is not None:
                ref = await self._subscribe(session, Mood.KEEN)
                self._aside(self._die(ref, fault.seconds))
            case Kind.SUBSCRIBER_RAISES if session is not None:
                await self._subscribe(session, Mood.RAISING)
            case Kind.SUBSCRIBER_IS_SLOW if session is not None:
                await self._subscribe(session, Mood.SLOW)
            case Kind.PROCESS_RESTART:
                await asyncio.to_thread(self._telegram.start)  # it ends first, and saves what it holds
            case Kind.SERVER_RESTART:
                await asyncio.to_thread(self._telegram.restart, down_for=fault.seconds)
            case Kind.DISCONNECT if session is not None:
                await asyncio.to_thread(self._telegram.disconnect, session.name)
            case Kind.SWALLOW if session is not None:
                await asyncio.to_thread(self._telegram.swallow, session.name)
            case Kind.REVOKE if session is not None:
                self.revoked.add(session.name)
                await asyncio.to_thread(self._telegram.revoke, session.name)
            case _:
                account = None if session is None else session.name
                await asyncio.to_thread(self._fail, fault, account)

    def _fail(self, fault: Fault, account: str | None) -> None:
        where: dict[str, Any] = {"account": account, "times": fault.times}
        how: dict[str, Any]
        match fault.kind:
            case Kind.FLOOD:
                how = {"error": f"FLOOD_WAIT_{fault.seconds:.0f}"}
            case Kind.SLOW_MODE:
                how = {"error": f"SLOWMODE_WAIT_{fault.seconds:.0f}", "chat": CHANNEL}
            case Kind.SERVER_ERROR:
                how = {"error": fault.error}
            case Kind.SILENCE | Kind.DEAFNESS | Kind.LOST_UPDATES:
                how = {"silence": True}
            case Kind.DELAY:
                how = {"delay": fault.seconds}
            case Kind.CUT_BEFORE:
                how = {"drop": "before"}
            case Kind.CUT_AFTER:
                how = {"drop": "after"}
            case _:
                raise ValueError(f"no way to act out {fault}")
        self._telegram.fail(fault.method, **where, **how)

    async def _subscribe(self, session: actors.AsyncSessionRef, mood: Mood) -> pykka.ActorRef[Listener]:
        """Have a difficult actor hear a session's monitor, and all events besides."""
        ref = Listener.start(mood)
        self._difficult.append(ref)
        self._load.monitor(session, ref)
        await self._system.subscribe(ref)
        return ref

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside the script."""
        task = asyncio.ensure_future(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _new_client(self, name: str) -> None:
        with suppress(actors.ActorsError):  # it is revoked, or offline for long; what becomes of it is seen at the end
            await self._system.restart_session(name)

    async def _die(self, ref: pykka.ActorRef[Listener], seconds: float) -> None:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(ref.stop)
