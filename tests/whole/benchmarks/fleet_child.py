"""One side of the rows of a fleet, in a process that has seen nothing else: `fleet` and `growth` run it as a module.

It reads the logins from its input as JSON, starts that many sessions or plain clients, measures, and prints JSON.
What is loaded or made by the first one is there before anything is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import actors
from tests.whole.benchmarks.measure import cpu_of
from tests.whole.benchmarks.sending import by_client, by_session, side_by_side
from tests.whole.benchmarks.stage import all_at_once, connect, hang_up

__all__ = ["SIDES", "measured"]

SENDS = 1000
Configs = Sequence[actors.SessionConfig]


class Ours:
    """Sessions of a system."""

    def __init__(self) -> None:
        self._exits = AsyncExitStack()
        self._sessions: list[actors.AsyncSessionRef] = []

    async def start(self, configs: Configs) -> None:
        """Bring as many online."""
        opener = actors.open_system(start_timeout=300, stop_timeout=300, drain=0.0)
        self._system = await self._exits.enter_async_context(opener)
        starts = [partial(self._system.start_session, config, timeout=300) for config in configs]
        self._sessions = await all_at_once(starts)

    async def stop(self) -> None:
        """Stop them all."""
        await self._exits.aclose()

    async def senders(self) -> list[Any]:
        """Return how each of them sends."""
        return [by_session(session) for session in self._sessions]


class Plain:
    """Plain clients."""

    def __init__(self) -> None:
        self._clients: list[Any] = []

    async def start(self, configs: Configs) -> None:
        """Connect as many."""
        self._clients = await all_at_once([partial(connect, config) for config in configs])

    async def stop(self) -> None:
        """Disconnect them all."""
        await hang_up(self._clients)

    async def senders(self) -> list[Any]:
        """Return how each of them sends."""
        return [by_client(client, await client.get_input_entity("bob")) for client in self._clients]


SIDES: dict[str, Callable[[], Ours | Plain]] = {"ours": Ours, "plain": Plain}


def resident() -> int:
    """Return the bytes of memory that this process has in use, as Linux tells."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  nothing to be found in a Path
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


async def start_and_stop(side: Ours | Plain, configs: Configs) -> dict[str, float]:
    """Return CPU and wall seconds of starting and of stopping.

    What the collector owes is paid before each: a pass over all that the start has made isn't the stop's.
    """
    gc.collect()
    begun = time.perf_counter()
    start = await cpu_of(partial(side.start, configs))
    online = time.perf_counter()
    gc.collect()
    stopping = time.perf_counter()
    stop = await cpu_of(side.stop)
    ended = time.perf_counter()
    return {"start": start, "stop": stop, "start wall": online - begun, "stop wall": ended - stopping}


async def memory(side: Ours | Plain, configs: Configs) -> dict[str, float]:
    """Return the bytes of Python objects of each, and what the process grew by for each."""
    gc.collect()
    before = resident()
    await side.start(configs)
    gc.collect()
    grown = resident() - before
    await side.stop()
    again = type(side)()
    gc.collect()
    tracemalloc.start()
    await again.start(configs)
    gc.collect()
    objects = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    await again.stop()
    return {"resident": grown / len(configs), "objects": objects / len(configs)}


async def growth(side: Ours | Plain, configs: Configs) -> dict[str, float]:
    """Return CPU seconds of a send, all of them sending at once, and what the process grew by for each."""
    gc.collect()
    before = resident()
    await side.start(configs)
    gc.collect()
    grown = resident() - before
    senders = await side.senders()
    await side_by_side(senders, 3)
    each = max(2, SENDS // len(senders))
    cpu = await cpu_of(lambda: side_by_side(senders, each))
    await side.stop()
    return {"send": cpu / (each * len(senders)), "resident": grown / len(configs)}


TASKS: dict[str, Callable[[Ours | Plain, Configs], Awaitable[dict[str, float]]]] = {
    "start_and_stop": start_and_stop,
    "memory": memory,
    "growth": growth,
}


async def measured(side: str, task: str, configs: Configs) -> dict[str, float]:
    """Do a task once everything is loaded: the first login is for that."""
    first, *others = configs
    warm = SIDES[side]()
    await warm.start([first])
    await side_by_side(await warm.senders(), 3)
    await warm.stop()
    return await TASKS[task](SIDES[side](), others)


def main() -> None:
    """Read the logins, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("task", choices=TASKS)
    arguments = parser.parse_args()
    told = json.load(sys.stdin)
    server = actors.ServerAddress(**told["server"])
    configs = [actors.SessionConfig(server=server, **login) for login in told["logins"]]
    print(json.dumps(asyncio.run(measured(arguments.side, arguments.task, configs))))


if __name__ == "__main__":
    main()
