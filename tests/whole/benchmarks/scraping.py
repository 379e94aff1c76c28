"""A history of 20,000 messages read into memory, beside `iter_messages` of a plain client: CPU and speed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import actors
from tests.whole.benchmarks.measure import Row, row_of
from tests.whole.benchmarks.stage import Stage, staged

__all__ = ["rows"]

MESSAGES = 20_000
CHAT = "news"
ROUNDS = 5


async def by_session(alice: actors.AsyncSessionRef) -> int:
    """Scrape all of it; return how many there were."""
    read = await alice.ask(actors.ScrapeHistory(f"@{CHAT}", limit=MESSAGES).with_(run_timeout=3600))
    return len(read.messages)


async def by_client(client: Any) -> int:
    """Iterate over all of it, and keep it; return how many there were. Without Telethon's pause between pages."""
    return len([message async for message in client.iter_messages(CHAT, limit=MESSAGES, wait_time=0)])


async def timed(work: Any) -> tuple[float, float]:
    """Return CPU seconds, and messages a second."""
    begun, cpu = time.perf_counter(), time.process_time()
    count = await work
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if count != MESSAGES:
        raise AssertionError(f"{count} messages of {MESSAGES}")
    return cpu, count / seconds


def _measured(stage: Stage) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    stage.telegram.add_channel(CHAT, messages=MESSAGES, members=["alice", "plain"])
    alice, plain = stage.session("alice"), stage.client("plain")
    pairs = []
    for number in range(ROUNDS):
        if number % 2:
            second = stage.run(timed(by_client(plain)))
            pairs.append((stage.run(timed(by_session(alice))), second))
        else:
            first = stage.run(timed(by_session(alice)))
            pairs.append((first, stage.run(timed(by_client(plain)))))
    return pairs


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with staged() as stage:
        pairs = _measured(stage)
    what, beside = f"{MESSAGES:,} messages scraped", "iter_messages of a plain client"
    cpu = [(ours[0], theirs[0]) for ours, theirs in pairs]
    rates = [(ours[1], theirs[1]) for ours, theirs in pairs]
    yield row_of(f"{what}, CPU", beside, "s", cpu, bar=1.0, higher_is_better=False)
    yield row_of("the same, speed", beside, "1/s", rates, bar=1.0)
