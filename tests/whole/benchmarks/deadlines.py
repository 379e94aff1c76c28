"""Lateness: 10,000 wait limits spread over ten seconds, beside bare `loop.call_at` timers, while messages are sent."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import actors
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import Row, compare

__all__ = ["rows"]

DEADLINES = 10_000
SECONDS = 10.0
SENDS = 500
"""Sends a second, by another session on the same loop, while both are measured."""


def p99(latenesses: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(latenesses, n=100)[98]


async def send_along(bob: actors.AsyncSessionRef, over: asyncio.Event) -> None:
    """Send at the stated rate until it is over."""
    number = 0
    begun = time.monotonic()
    while not over.is_set():
        number += 1
        await bob.ask(actors.SendMessage("alice", f"{number}"))
        await asyncio.sleep(max(0.0, begun + number / SENDS - time.monotonic()))


async def measure(telegram: Loopback) -> tuple[float, float]:
    """Return the p99 lateness of our wait limits and of bare timers, both in the same ten seconds."""
    async with actors.open_system(drain=0.0) as system:
        alice = await system.start_session(telegram.add_session("alice").with_(capacity=2 * DEADLINES))
        bob = await system.start_session(telegram.add_session("bob"))
        forever = alice.ask(actors.Call("blocker", _wait).with_(run_timeout=60))
        loop = asyncio.get_running_loop()
        limits, timers = list[float](), list[float]()
        chance = random.Random(7)  # noqa: S311  the same spread in every run
        begun = loop.time() + 1.0
        noted = actors.Call("noted", _wait)
        for _ in range(DEADLINES):
            at = begun + chance.random() * SECONDS
            loop.call_at(at, partial(_late, timers, at))
            limited = noted.with_(wait_timeout=at - time.monotonic())
            due = time.monotonic() + (limited.overrides.wait_timeout or 0.0)
            alice.ask(limited).add_done_callback(partial(_late, limits, due))
        over = asyncio.Event()
        sending = asyncio.create_task(send_along(bob, over))
        await asyncio.sleep(begun + SECONDS + 1.0 - loop.time())
        over.set()
        await sending
        forever.cancel()
    assert len(limits) == len(timers) == DEADLINES
    return p99(limits), p99(timers)


async def _wait(client: Any) -> None:
    del client
    await asyncio.Event().wait()


def _late(into: list[float], due: float, _: Any = None) -> None:
    into.append(time.monotonic() - due)


def rows() -> Iterator[Row]:
    """Yield the row of this file."""
    pairs: list[tuple[float, float]] = []

    def ours() -> float:
        with loopback() as telegram:
            pairs.append(asyncio.run(measure(telegram)))
        return pairs[-1][0]

    yield compare(
        f"lateness of {DEADLINES:,} wait limits, p99, under {SENDS} sends/s",
        "loop.call_at",
        "s",
        ours,
        lambda: pairs[-1][1],
        bar=2.0,
        higher_is_better=False,
        rounds=1,
    )
