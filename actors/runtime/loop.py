"""Where actors live: one event loop, on a thread of its own or the one that is running already.

Not a scheduler: asyncio is. A host wakes actors on their loop, from any thread, at the price of one wake-up for a
burst of messages, and knows which of them are alive.
"""

from __future__ import annotations

import asyncio
import atexit
import sys
import threading
from asyncio import _get_running_loop
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol
from weakref import WeakValueDictionary

from pykka import ActorRef, ActorRegistry

from actors.model.checks import check_kind
from actors.runtime.envelope import safely
from actors.runtime.place import Home, Place, enter, go, here

if TYPE_CHECKING:
    from typing import Self

__all__ = ["LoopGone", "LoopHost", "current_host", "hosted", "on_hosted_loop"]

LAST_WORDS = 1.0
"""Seconds that cancelled tasks have to end when their loop is closed."""

NEVER = 1e9
"""Seconds, some thirty years, that the tripwire of a loop lies in wait."""

MANY = 16
"""Actors that leave in one turn from which on one pass over Pykka's registry beats a search for each."""

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class LoopGone(Exception):
    """The loop is closed: nothing can be handed to it any more."""


class Hosted(Protocol):
    """What a host knows of an actor on its loop."""

    @property
    def actor_urn(self) -> str:
        """Its name in Pykka's registry."""

    def loop_gone(self) -> None:
        """Be dead: the loop is closing."""


class LoopHost:
    """One loop and the actors on it. Make one with `on_thread` or `on_running_loop`."""

    _by_loop: ClassVar[WeakValueDictionary[int, LoopHost]] = WeakValueDictionary()
    """By the id of the loop, which a host keeps alive; the loop keeps its host, so the two are dropped together."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.is_closing = False
        self.has_ended = False
        self.actors: dict[str, Hosted] = {}
        self.place = Place(Home(self, None))
        self._thread: threading.Thread | None = None
        self._context = Context()  # a message brings its own; what wakes an actor brings none
        enter(self._context, self.place)
        self._ready: deque[Callable[[], Any]] = deque()
        self._lock = threading.RLock()  # what is collected while it is held may schedule something
        self._woken = False
        self._leaving: list[tuple[ActorRef[Any], Callable[[], Any]]] = []
        self._by_loop[id(loop)] = self

    @classmethod
    def on_thread(cls, loop_factory: LoopFactory | None = None) -> LoopHost:
        """Start a daemon thread with a loop and return its host."""
        loop = (loop_factory or asyncio.new_event_loop)()
        check_kind("loop_factory", loop, asyncio.AbstractEventLoop, "a function that makes an event loop")
        host = cls(loop)
        host._thread = threading.Thread(target=_run, args=(host,), name="actors-loop", daemon=True)
        try:
            host._thread.start()
        except RuntimeError:  # the interpreter is exiting
            host.loop.close()
            raise
        return host

    @classmethod
    def on_running_loop(cls) -> LoopHost:
        """Return the host of the running loop, one for each loop."""
        loop = asyncio.get_running_loop()
        host = cls._by_loop.get(id(loop))
        if host is None:
            host = cls(loop)
            loop.call_later(NEVER, _Tripwire(host), context=host._context)
        return host

    @classmethod
    def of_running_loop(cls) -> LoopHost | None:
        """Return the host of the running loop if it has one."""
        loop = _get_running_loop()
        return None if loop is None else cls._by_loop.get(id(loop))

    def adopt(self, actor: Hosted) -> bool:
        """Take an actor in; say whether it could be: nobody would run it on a loop that has ended."""
        with self._lock:
            if not self.has_ended:
                self.actors[actor.actor_urn] = actor
            return not self.has_ended

    def fresh_context(self) -> Context:
        """Return a context for code of an actor's that no message brings one for: what is set there stays there."""
        return self._context.copy()

    def is_here(self) -> bool:
        """Say whether this is its loop, and its thread."""
        return _get_running_loop() is self.loop

    def schedule(self, callback: Callable[[], Any]) -> None:
        """Run `callback` soon on the loop; callable from any thread. Raises LoopGone when the loop is closed."""
        try:
            if _get_running_loop() is self.loop:
                self.loop.call_soon(callback, context=self._context)
                return
            with self._lock:
                self._ready.append(callback)
                if self._woken:
                    return
                self._woken = True
            self.loop.call_soon_threadsafe(self._run_ready, context=self._context)
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
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run_ready(self) -> None:
        with self._lock:
            self._woken = False
            ready, self._ready = self._ready, deque()
        for callback in ready:
            safely(callback)

    def pass_on(self, error: BaseException) -> None:
        """Let whoever runs the loop see a Ctrl-C that an actor was hit by, if its thread isn't one of ours."""
        if isinstance(error, KeyboardInterrupt) and self._thread is None and not self.has_ended:
            self.loop.call_soon(_raise, error)

    def end(self) -> None:
        """Let go of a loop that has run its last: every actor on it is dead, and whoever waits for one hears so.

        It may be closed, or be on its way to the garbage: nothing on it is touched. Who was started last goes first, so
        that parents hear what their children have to say.
        """
        self.is_closing = True
        self._by_loop.pop(id(self.loop), None)
        with self._lock:
            self.has_ended = True
        self._let_go()
        actors, self.actors = self.actors, {}
        for actor in reversed(actors.values()):
            safely(actor.loop_gone)


class _Tripwire:
    """A timer's callback that never comes due. A loop that closes drops its timers, and by that its host hears of it.

    So it does not matter how a loop is closed: by `asyncio.run`, a test's fixture, or by hand.
    """

    __slots__ = ("_host",)

    def __init__(self, host: LoopHost) -> None:
        self._host = host

    def __call__(self) -> None:
        """Lie in wait, and again: thirty years pass in no time where a test sets the clock."""
        self._host.loop.call_later(NEVER, self, context=self._host._context)

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self._host.end()


def _run(host: LoopHost) -> None:
    """Run a loop until it is stopped, then end what is left on it."""
    loop = host.loop
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        host.end()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=LAST_WORDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
        with suppress(
            RuntimeError
        ):  # Python 3.12 starts no thread to wait in at exit; its executors are joined by then
            loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _raise(error: BaseException) -> NoReturn:
    raise error


class _Process:
    """The host of actors of no system: made at the first use, made anew when its loop has ended, closed at exit."""

    def __init__(self) -> None:
        self._host: LoopHost | None = None
        self._lock = threading.RLock()
        self._is_exiting = False

    def host(self) -> LoopHost:
        """Return it; raises RuntimeError when the interpreter is exiting."""
        with self._lock:
            if self._host is None or self._host.is_closing:
                if self._is_exiting:
                    raise RuntimeError("no actor can be started any more: the interpreter is exiting")
                self._host = LoopHost.on_thread()
            return self._host

    def close(self) -> None:
        """Close it for good."""
        with self._lock:
            self._is_exiting = True
            host = self._host
        if host is not None:
            host.close()


_process = _Process()
atexit.register(_process.close)


def begin_anew() -> list[LoopHost]:
    """Have no hosts, in a forked child, and return those of its parent, which end here: nobody runs their loops."""
    hosts = list(LoopHost._by_loop.values())
    LoopHost._by_loop.clear()
    for host in hosts:
        host._lock = threading.RLock()
        host.is_closing = host.has_ended = True
    _process.__init__()  # type: ignore[misc]  # the one that is closed at exit
    return hosts


def _open_home() -> Home | None:
    home = here().home
    return None if home is None else home.open_one()


def current_host() -> LoopHost:
    """Return where a new actor starts.

    On its parent's loop; else in the system that is open; else on the loop that runs; else on the process's own thread.
    """
    home = _open_home()
    if home is not None:
        host: LoopHost = home.host
        return host
    return _process.host() if _get_running_loop() is None else LoopHost.on_running_loop()


class hosted:  # noqa: N801  a context manager, and no generator: the collector would leave one that is dropped
    """Start actors on `host` inside this block, and in contexts that are copied in it for as long as it lasts."""

    def __init__(self, host: LoopHost) -> None:
        self._outer = _open_home()
        self._home = Home(host, self._outer)

    def __enter__(self) -> Self:
        go(Place(self._home, here().stay))
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Start nothing on the host any more, from whichever context."""
        self._home.is_over = True
        if here().home is self._home:
            go(Place(self._outer, here().stay))


def on_hosted_loop() -> bool:
    """Say whether this thread runs a loop that actors live on, so that blocking it could block the answer."""
    return LoopHost.of_running_loop() is not None
