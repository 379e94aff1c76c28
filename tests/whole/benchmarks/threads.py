"""Beside Pykka's ThreadingActor: messages from another thread, memory, starting and stopping many."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pykka

from actors.runtime import AsyncioActor
from tests.whole.benchmarks.measure import Row, compare

__all__ = ["rows"]

TELLS = 30_000
ASKS = 3_000
MANY = 10_000
SOME = 1_000


class Ours(AsyncioActor):
    """Answers with what it is sent."""

    def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


class Theirs(pykka.ThreadingActor):
    """The same, on a thread of its own."""

    def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


@contextmanager
def started(actor_class: type[pykka.Actor]) -> Iterator[pykka.ActorRef[Any]]:
    """Start an actor for as long as the block lasts."""
    ref = actor_class.start()
    try:
        yield ref
    finally:
        ref.stop()


def tells(actor_class: type[pykka.Actor]) -> float:
    """Return how many tells a second are sent and handled."""
    with started(actor_class) as ref:
        begun = time.perf_counter()
        for number in range(TELLS):
            ref.tell(number)
        ref.ask(None)
        return TELLS / (time.perf_counter() - begun)


def asks(actor_class: type[pykka.Actor]) -> float:
    """Return how many blocking asks a second are answered."""
    with started(actor_class) as ref:
        ref.ask(None)
        begun = time.perf_counter()
        for number in range(ASKS):
            ref.ask(number)
        return ASKS / (time.perf_counter() - begun)


def memory(actor_class: type[pykka.Actor]) -> float:
    """Return the bytes of Python objects of one idle actor; a thread's stack comes on top of Pykka's."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    refs = [actor_class.start() for _ in range(SOME)]
    for ref in refs:
        ref.ask(None)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    for stop in [ref.stop(block=False) for ref in refs]:
        stop.get()
    return used / SOME


class StartAndStop:
    """Starts and stops many actors; keeps the time of the stop for the row after that of the start."""

    def __init__(self, actor_class: type[pykka.Actor]) -> None:
        self._actor_class = actor_class
        self._stops: list[float] = []

    def start(self) -> float:
        """Return the seconds until all have started and answered once."""
        begun = time.perf_counter()
        refs = [self._actor_class.start() for _ in range(MANY)]
        for future in [ref.ask(None, block=False) for ref in refs]:
            future.get()
        started = time.perf_counter()
        for stopped in pykka.ActorRegistry.stop_all(block=False):
            stopped.get()
        self._stops.append(time.perf_counter() - started)
        return started - begun

    def stop(self) -> float:
        """Return the seconds that one of the stops took."""
        return self._stops.pop(0)


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    pykkas = "Pykka ThreadingActor"
    yield compare("cross-thread tell", pykkas, "1/s", lambda: tells(Ours), lambda: tells(Theirs), bar=1.0)
    yield compare("blocking cross-thread ask", pykkas, "1/s", lambda: asks(Ours), lambda: asks(Theirs), bar=0.75)
    ours, theirs = memory(Ours), memory(Theirs)
    yield compare(
        "an actor without a client: objects",
        "6 KiB",
        "bytes",
        lambda: ours,
        lambda: 6 * 1024.0,
        bar=1.0,
        higher_is_better=False,
        rounds=1,
    )
    yield compare(
        "the same, beside",
        pykkas,
        "bytes",
        lambda: ours,
        lambda: theirs,
        bar=1.0,
        higher_is_better=False,
        rounds=1,
    )
    our_many, their_many = StartAndStop(Ours), StartAndStop(Theirs)
    title = f"of {MANY:,} actors"
    yield compare(
        f"start {title}", pykkas, "s", our_many.start, their_many.start, bar=1.0, higher_is_better=False, rounds=3
    )
    yield compare(
        f"stop {title}", pykkas, "s", our_many.stop, their_many.stop, bar=0.2, higher_is_better=False, rounds=3
    )
