"""Where actors live: one event loop, on a thread of its own or the one that is running already.

Not a scheduler: asyncio is. A host wakes actors on their loop, from any thread, at the price of one wake-up for a
burst of messages, and knows which of them are alive.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar
from typing import Any, ClassVar, Protocol

from pykka import ActorRef, ActorRegistry

from actors.runtime.envelope import safely

__all__ = ["LoopGone", "LoopHost", "current_host", "hosted", "on_hosted_loop"]

LAST_WORDS = 1.0
"""Seconds that cancelled tasks have to end when their loop is closed."""

MANY = 16
"""Actors that leave in one turn from which on one pass over Pykka's registry beats a search for each."""

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class LoopGone(Exception):
    """The loop is closed: nothing can be handed to it any more."""


class Hosted(Protocol):
    """What a host knows of an actor on its loop."""

    def loop_gone(self) -> None:
        """Be dead: the loop is closing."""


class LoopHost:
    """One loop and the actors on it. Make one with `on_thread` or `on_running_loop`."""

    _by_loop: ClassVar[dict[asyncio.AbstractEventLoop, LoopHost]] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop, thread: threading.Thread | None = None) -> None:
        self.loop = loop
        self.is_closing = False
        self.actors: dict[str, Hosted] = {}
        self._thread = thread
        self._thread_id = thread.ident if thread is not None else threading.get_ident()
        self._context = Context()  # a message brings its own; what wakes an actor brings none
        self._ready: deque[Callable[[], Any]] = deque()
        self._lock = threading.Lock()
        self._woken = False
        self._leaving: list[tuple[ActorRef[Any], Callable[[], Any]]] = []
        self._sentinel: AsyncGenerator[None, None] | None = None
        self._by_loop[loop] = self

    @classmethod
    def on_thread(cls, loop_factory: LoopFactory | None = None) -> LoopHost:
        """Start a daemon thread with a loop and return its host."""
        loop = (loop_factory or asyncio.new_event_loop)()
        thread = threading.Thread(target=_run, args=(loop,), name="actors-loop", daemon=True)
        thread.start()
        return cls(loop, thread)

    @classmethod
    def on_running_loop(cls) -> LoopHost:
        """Return the host of the running loop, one for each loop."""
        loop = asyncio.get_running_loop()
        host = cls._by_loop.get(loop)
        if host is None:
            for stale in [other for other in cls._by_loop.values() if other.loop.is_closed()]:
                stale.end()  # closed by hand, without a word to its async generators
            host = cls(loop)
            host._sentinel = _sentinel(host)
            with suppress(StopIteration):
                host._sentinel.__anext__().send(None)  # its first step, so that the loop knows it
        return host

    @classmethod
    def of_running_loop(cls) -> LoopHost | None:
        """Return the host of the running loop if it has one."""
        loop = asyncio._get_running_loop()
        return None if loop is None else cls._by_loop.get(loop)

    def schedule(self, callback: Callable[[], Any]) -> None:
        """Run `callback` soon on the loop; callable from any thread. Raises LoopGone when the loop is closed."""
        try:
            if threading.get_ident() == self._thread_id:
                self.loop.call_soon(callback, context=self._context)
                return
            with self._lock:
                self._ready.append(callback)
                if self._woken and not self.loop.is_closed():
                    return
                self._woken = True
            self.loop.call_soon_threadsafe(self._run_ready)
        except RuntimeError as exc:
            raise LoopGone from exc

    def leave(self, ref: ActorRef[Any], then: Callable[[], Any]) -> None:
        """Take a stopped actor out of Pykka's registry, then call `then`; on the loop, at its next turn.

        Pykka's registry is one list, searched from the front for each actor that leaves. Those that leave in the
        same turn leave in one pass.
        """
        if not self._leaving:
            self.loop.call_soon(self._let_go)
        self._leaving.append((ref, then))

    def _let_go(self) -> None:
        leaving, self._leaving = self._leaving, []
        if len(leaving) < MANY:
            for ref, _ in leaving:
                ActorRegistry.unregister(ref)
        else:
            gone = {id(ref) for ref, _ in leaving}
            with ActorRegistry._actor_refs_lock:
                refs = ActorRegistry._actor_refs
                refs[:] = [ref for ref in refs if id(ref) not in gone]
        for _, then in leaving:
            safely(then)

    def close(self, timeout: float = 5.0) -> None:
        """Stop and close the loop of an own thread; what was scheduled before is run first."""
        self.is_closing = True
        if self._thread is None or not self._thread.is_alive():
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        if threading.get_ident() != self._thread_id:
            self._thread.join(timeout)

    def _run_ready(self) -> None:
        with self._lock:
            self._woken = False
            ready = list(self._ready)
            self._ready.clear()
        for callback in ready:
            safely(callback)

    def end(self) -> None:
        """Let go of a loop that is closing: every actor on it is dead, and whoever waits for one hears so."""
        self._by_loop.pop(self.loop, None)
        for actor in tuple(self.actors.values()):
            safely(actor.loop_gone)
        self.actors.clear()


async def _sentinel(host: LoopHost) -> AsyncGenerator[None, None]:
    """End the host when the loop ends: `asyncio.run` closes the async generators that are still open."""
    try:
        yield
    finally:
        host.end()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, then end what is left on it."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=LAST_WORDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        if loop in LoopHost._by_loop:
            LoopHost._by_loop[loop].end()
        loop.close()


_open_host: ContextVar[LoopHost | None] = ContextVar("actors_open_host", default=None)
_process: dict[str, LoopHost] = {}
_process_lock = threading.Lock()


def _process_host() -> LoopHost:
    """Return the host that serves actors of no system: made at the first use, closed at exit."""
    with _process_lock:
        if "host" not in _process:
            _process["host"] = LoopHost.on_thread()
            atexit.register(_process["host"].close)
        return _process["host"]


def current_host() -> LoopHost:
    """Return where a new actor starts.

    On its parent's loop; else in the system that is open; else on the loop that runs; else on the process's own thread.
    """
    parents = LoopHost.of_running_loop()
    if parents is not None:
        return parents
    opened = _open_host.get()
    if opened is not None and not opened.is_closing:  # it is, in a system that was dropped, and closed from elsewhere
        return opened
    return _process_host() if asyncio._get_running_loop() is None else LoopHost.on_running_loop()


@contextmanager
def hosted(host: LoopHost) -> Iterator[None]:
    """Start actors on `host` inside this block."""
    before = _open_host.get()
    _open_host.set(host)
    try:
        yield
    finally:
        _open_host.set(before)  # and not a reset by token: the block may be left in another context


def on_hosted_loop() -> bool:
    """Say whether this thread runs a loop that actors live on, so that blocking it could block the answer."""
    return LoopHost.of_running_loop() is not None
