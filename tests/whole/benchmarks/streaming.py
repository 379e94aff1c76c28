"""A history that is streamed to an actor, beside a bare `iter_messages` loop of the same client; and its memory."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import actors
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import Row, compare

__all__ = ["rows"]

MESSAGES = 20_000
MANY = 200_000
CHAT = "news"


class Counter(actors.AsyncioActor):
    """Counts the messages that go by and notes, if it is traced, how much memory is in use at most: early and late."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.early = self.late = 0

    def on_receive(self, message: Any) -> Any:
        """Take a page in, or say what there was."""
        if message == "memory":
            return self.early, self.late
        self.count += len(message.messages)
        in_use = tracemalloc.get_traced_memory()[0]
        if self.count <= MANY // 2:
            self.early = max(self.early, in_use)
        else:
            self.late = max(self.late, in_use)
        return None


class Race:
    """Both ways of reading a history, on one session of one server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, alice: actors.AsyncSessionRef, raw: Any) -> None:
        self._loop = loop
        self._alice = alice
        self._raw = raw

    def to_an_actor(self) -> float:
        """Return messages a second."""
        return self._loop.run_until_complete(self._to_an_actor())

    def by_the_client(self) -> float:
        """Return messages a second."""
        return self._loop.run_until_complete(self._by_the_client())

    async def _to_an_actor(self) -> float:
        counter = Counter.start()
        begun = time.perf_counter()
        reply = await self._alice.ask(actors.ScrapeHistory(CHAT, limit=None, to=counter))
        seconds = time.perf_counter() - begun
        await counter.stop(block=False)
        return _checked(reply.count) / seconds

    async def _by_the_client(self) -> float:
        count = 0
        begun = time.perf_counter()
        async for _ in self._raw.iter_messages(CHAT, limit=None, wait_time=0):
            count += 1
        return _checked(count) / (time.perf_counter() - begun)


def _checked(count: int) -> int:
    if count != MESSAGES:
        raise AssertionError(f"{count} messages of {MESSAGES}")
    return count


async def _telethon(client: actors.Client) -> Any:
    return client.telethon


async def _ask(alice: actors.AsyncSessionRef, operation: actors.Operation[Any]) -> Any:
    return await alice.ask(operation)


def _speed(loop: asyncio.AbstractEventLoop, telegram: Loopback) -> Row:
    opener = actors.open_system()
    system = loop.run_until_complete(opener.__aenter__())
    try:
        telegram.add_channel(CHAT, messages=MESSAGES, members=["alice"])
        alice = loop.run_until_complete(system.start_session(telegram.add_session("alice")))
        race = Race(loop, alice, loop.run_until_complete(_ask(alice, actors.Call("client", _telethon))))
        race.by_the_client()
        return compare(
            "a history streamed to an actor",
            "iter_messages(wait_time=0)",
            "1/s",
            race.to_an_actor,
            race.by_the_client,
            bar=0.9,
            rounds=15,
        )
    finally:
        loop.run_until_complete(opener.__aexit__(None, None, None))


def _memory() -> Row:
    """Compare the most that is in use while the second half of 200,000 messages goes by with that of the first."""
    with loopback() as telegram, actors.open_system() as system:
        telegram.add_channel(CHAT, messages=MANY, members=["alice"])
        alice = system.start_session(telegram.add_session("alice"))
        counter = Counter.start()
        tracemalloc.start()
        try:
            alice.ask(actors.ScrapeHistory(CHAT, limit=None, to=counter).with_(run_timeout=3600))
            early, late = counter.ask("memory", block=True)
        finally:
            tracemalloc.stop()
            counter.stop()
    return Row(
        what=f"memory at most, second half of {MANY:,} messages streamed",
        beside="the first half",
        unit="B",
        ours=late,
        theirs=early,
        ratio=late / early,
        bar=1.1,
        higher_is_better=False,
        ratios=(late / early,),
    )


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with loopback() as telegram, asyncio.Runner() as runner:
        yield _speed(runner.get_loop(), telegram)
    yield _memory()
