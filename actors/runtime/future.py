"""A Pykka future that can really be awaited. Not an asyncio future: any thread may set it, get it or wait for it.

Pykka's own `__await__` blocks the loop; this one suspends the awaiter. A cancelled awaiter leaves the work alone, and
so does the timeout of `get`: only `cancel()` cancels it.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sys
import threading
import time
from asyncio import _get_running_loop
from collections.abc import Callable, Generator, Iterable
from functools import reduce
from typing import Any, TypeVar, cast

from pykka import Future, Timeout
from pykka._future import _Unset

from actors.model.errors import BlockingCallError
from actors.runtime.cycles import waiting_for
from actors.runtime.loop import on_hosted_loop
from actors.runtime.place import Node, here

__all__ = ["ActorFuture"]

T = TypeVar("T")
J = TypeVar("J")
M = TypeVar("M")
R = TypeVar("R")

_PENDING: Any = object()
_UNSET: Any = _Unset()
_NONE: list[Any] = []  # of a future that is done, to which nobody adds any
_BAD_CALLBACK = "A done-callback of a future failed; the future's owner goes on"

logger = logging.getLogger("actors.runtime")


class ActorFuture(Future[T]):
    """The reply to an ask: `get()` it from a thread, `await` it on any loop, `cancel()` what it stands for."""

    _value: Any = _PENDING
    _exception: BaseException | None = None
    _sources: tuple[Future[Any], ...] = ()
    _canceller: Callable[[], Any] | None = None
    _get_hook: Callable[[float | None], T] | None = None
    operation_id: int = 0
    was_refused: bool = False
    """Whether the message wasn't accepted, so that no handler has seen it."""

    def __init__(self, answered_by: Node | None = None) -> None:
        # Pykka's own constructor sets what stands above as defaults of the class: an ask makes one of these.
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[ActorFuture[T]], None] | asyncio.Future[None]] = []  # and awaiters to wake
        self._get_hook_result = _UNSET
        self.answered_by = answered_by

    def __repr__(self) -> str:
        return f"<ActorFuture {'done' if self.done() else 'pending'}>"

    # What Pykka's futures do.

    def get(self, *, timeout: float | None = None) -> T:
        """Wait for the value in this thread, for at most `timeout` seconds.

        Raises `pykka.Timeout`, the exception that was set, or BlockingCallError when this thread's loop would have
        to bring the answer.
        """
        if self._get_hook is not None:
            return self._get_from_hook(timeout)
        if self._value is _PENDING:
            self._block(timeout)
        return self._result()

    def set(self, value: T | None = None) -> None:
        """Give the value; raises `queue.Full` when there is an outcome or a hook already, as Pykka's do."""
        self._settle(value, None)

    def set_exception(self, exc_info: Any = None) -> None:
        """Give an exception, by default the one being handled."""
        info: tuple[Any, Any, Any] = exc_info or sys.exc_info()
        exc_type, exc_value, traceback = info
        exception: BaseException = exc_type() if exc_value is None else exc_value
        if exception.__traceback__ is not traceback:
            exception = exception.with_traceback(traceback)
        self._settle(None, exception)

    def set_get_hook(self, func: Callable[[float | None], T]) -> None:
        """Let `func(timeout)` make the value at the first `get`."""
        with self._lock:
            if self._value is not _PENDING:
                raise queue.Full
            super().set_get_hook(func)

    def filter(self: Future[Iterable[J]], func: Callable[[J], bool]) -> ActorFuture[Iterable[J]]:
        """Return a future of those items of this one's for which `func(item)` is true."""
        return _derived((self,), lambda values: list(filter(func, values[0])))

    def join(self: Future[Any], *futures: Future[Any]) -> ActorFuture[Iterable[Any]]:
        """Return a future of the list of all values; a timeout of its `get` is one deadline for them all."""
        return _derived((self, *futures), lambda values: values)

    def map(self, func: Callable[[T], M]) -> ActorFuture[M]:
        """Return a future of `func(value)`."""
        return _derived((self,), lambda values: func(values[0]))

    def reduce(self: Future[Iterable[J]], func: Callable[[R, J], R], *args: R) -> ActorFuture[R]:
        """Return a future of the items reduced by `func`, from an initial value if one is given."""
        return _derived((self,), lambda values: cast("R", reduce(cast("Any", func), values[0], *args)))

    def __await__(self) -> Generator[Any, None, T]:
        if self._get_hook is not None:
            return (yield from self._await_hook().__await__())
        if self._value is _PENDING:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            with self._lock:
                if self._value is _PENDING:
                    self._callbacks.append(waiter)
                else:
                    waiter.set_result(None)
            try:
                if self.answered_by is None or here().stay is None:
                    yield from waiter
                else:
                    with waiting_for(self.answered_by):
                        yield from waiter
            finally:
                if self._callbacks:
                    self.remove_done_callback(waiter)
        if self._exception is not None:
            raise self._exception
        value: T = self._value
        return value

    __iter__ = __await__

    # What they lack.

    def done(self) -> bool:
        """Say whether `get` would return at once."""
        if self._get_hook is None:
            return self._value is not _PENDING
        return bool(self._sources) and all(isinstance(f, ActorFuture) and f.done() for f in self._sources)

    def cancel(self) -> bool:
        """Cancel the waiting or running operation; say whether it could still be asked to.

        The outcome arrives in this future as usual: cancelled, or what it came to before the cancel arrived.
        """
        if self._sources:
            cancelled = [source.cancel() for source in self._sources if isinstance(source, ActorFuture)]
            return any(cancelled)
        canceller = self._canceller
        if canceller is None or self.done():
            return False
        canceller()
        return True

    def on_cancel(self, canceller: Callable[[], Any]) -> None:
        """Say how the work is cancelled; for whoever makes the future."""
        self._canceller = canceller

    def add_done_callback(self, callback: Callable[[ActorFuture[T]], None]) -> None:
        """Call `callback(self)` when there is an outcome, in the thread that brings it; now, if there is one.

        A derived future has its outcome when all its sources have; a source of Pykka's own can't say when.
        """
        if self._get_hook is not None:
            self._when_sources_are_done(callback)
            return
        with self._lock:
            if self._value is _PENDING:
                self._callbacks.append(callback)
                return
        try:
            callback(self)
        except BaseException:  # an exit, too: it is not the business of whoever brings the outcome
            logger.exception(_BAD_CALLBACK)

    def remove_done_callback(self, callback: Callable[[ActorFuture[T]], None] | asyncio.Future[None]) -> None:
        """Forget a callback that wasn't called yet."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def exception(self) -> BaseException | None:
        """Return the exception of a future that is done, None when it has a value."""
        if self._get_hook is None:
            return self._exception
        try:
            self.get()
        except Exception as exc:
            return exc
        return None

    def _result(self) -> T:
        if self._exception is not None:
            raise self._exception
        value: T = self._value
        return value

    def _settle(self, value: Any, exception: BaseException | None) -> None:
        with self._lock:
            if self._value is not _PENDING or self._get_hook is not None:
                raise queue.Full
            self._exception = exception
            self._value = value
            callbacks, self._callbacks = self._callbacks, _NONE
            if self._canceller is not None:
                self._canceller = None  # it knows the actor, which may stop long before the future is dropped
        for callback in callbacks:
            try:
                if isinstance(callback, asyncio.Future):
                    _wake(callback)
                else:
                    callback(self)
            except BaseException:  # an exit, too: it is not the business of whoever brings the outcome
                logger.exception(_BAD_CALLBACK)

    def _block(self, timeout: float | None) -> None:
        if on_hosted_loop():
            raise BlockingCallError(call="ActorFuture.get()")
        gate = threading.Lock()
        gate.acquire()

        def open_gate(_: ActorFuture[T]) -> None:
            gate.release()

        with waiting_for(self.answered_by):
            self.add_done_callback(open_gate)
            if not gate.acquire(timeout=-1 if timeout is None else min(max(0.0, timeout), threading.TIMEOUT_MAX)):
                self.remove_done_callback(open_gate)
                raise Timeout(f"{timeout} seconds")

    def _get_from_hook(self, timeout: float | None) -> T:
        pending = [f for f in self._sources if isinstance(f, ActorFuture) and not f.done()]
        if pending and on_hosted_loop():
            raise BlockingCallError(call="ActorFuture.get()")
        return super().get(timeout=timeout)

    def _when_sources_are_done(self, callback: Callable[[ActorFuture[T]], None]) -> None:
        sources = [source for source in self._sources if isinstance(source, ActorFuture)]
        if not sources or len(sources) < len(self._sources):
            raise TypeError("only futures that are derived from ActorFutures alone can call back")
        waiting = iter(sources)

        def next_one(_: Any) -> None:
            for source in waiting:
                if not source.done():
                    source.add_done_callback(next_one)
                    return
            callback(self)

        next_one(None)

    async def _await_hook(self) -> T:
        """Wait for the sources where they are known; a hook of somebody else's may block, so it gets a thread."""
        if not self._sources:
            return await asyncio.to_thread(super().get)
        for source in self._sources:
            if not isinstance(source, ActorFuture):
                await asyncio.to_thread(source.get)
            elif not source.done():
                await _outcome_of(source)
        return super().get()


def _wake(waiter: asyncio.Future[None]) -> None:
    """Wake the task that awaits a future, on its own loop, from whichever thread brings the outcome."""
    loop = waiter.get_loop()
    if _get_running_loop() is loop:
        if not waiter.done():
            waiter.set_result(None)
    elif not loop.is_closed():
        loop.call_soon_threadsafe(_finish, waiter)


def _finish(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


async def _outcome_of(future: ActorFuture[Any]) -> None:
    """Return when there is an outcome, whatever it is."""
    try:
        await future
    except BaseException as error:
        if error is not future._exception:
            raise


def _derived(sources: tuple[Future[Any], ...], compute: Callable[[list[Any]], M]) -> ActorFuture[M]:
    """Return a future whose value is computed from those of its sources, at the first `get` or `await`."""

    def hook(timeout: float | None) -> M:
        deadline = None if timeout is None else time.monotonic() + timeout
        return compute(
            [
                source.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
                for source in sources
            ]
        )

    future: ActorFuture[M] = ActorFuture()
    future._sources = sources
    future.set_get_hook(hook)
    return future
