"""An ask on one loop, beside the other actor libraries for asyncio. They need Python 3.12: this runs in its own place.

Run by `python -m tests.whole.benchmarks`, in an environment that has them, as `python -m tests.whole.benchmarks.peers`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import actor_for_agents
import async_pykka
import casty

from actors import AsyncioActor, Call, open_system
from actors.runtime import LoopHost, hosted
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.counts import Count, Echo, EchoByPriority, counted, counts_of_asks, nothing
from tests.whole.benchmarks.measure import Row, row_of
from tests.whole.benchmarks.stage import staged

ASKS = 2_000
ROUNDS = 21
BAR = 1.4
BAR_BY_PRIORITY = 1.1

Ask = Callable[[int], Awaitable[Any]]
Measure = Callable[[], Awaitable[float]]


class AsyncPykka(async_pykka.AsyncioActor):  # type: ignore[misc]  # it has no types here
    """Echoes."""

    async def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


class EverythingIs(actor_for_agents.Actor):  # type: ignore[misc]  # it has no types here
    """Echoes."""

    async def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


@dataclasses.dataclass(frozen=True)
class Number(casty.Askable[int]):  # type: ignore[misc]  # it has no types here
    """A question of casty's kind."""

    value: int


@casty.actor(initial=0)  # type: ignore[untyped-decorator]  # it has no types here
async def casty_echo(ctx: casty.Context[int, Number]) -> None:
    """Echo."""
    async for message in ctx.inbox:
        message.reply_to.tell(message.value)


async def rate(ask: Ask) -> float:
    """Return asks a second of CPU: nobody else is needed for an answer, and other programs don't count."""
    await ask(0)
    begun = time.process_time()
    for number in range(ASKS):
        await ask(number)
    return ASKS / (time.process_time() - begun)


async def by_ours(actor_class: type[AsyncioActor]) -> float:
    """Return the rate of an actor of ours."""
    with hosted(LoopHost.on_running_loop()):
        ref = actor_class.start()
    result = await rate(lambda number: ref.ask(number, block=False))
    await ref.stop(block=False)
    return result


async def an_operation(telegram: Loopback) -> float:
    """Return our rate for operations: bound, priority, deadline, registry and events on."""
    async with open_system() as system:
        alice = await system.start_session(telegram.add_session(f"a{time.monotonic_ns()}"))
        return await rate(lambda number: alice.ask(Call("echo", nothing, number)))


async def by_async_pykka() -> float:
    """Return async-pykka's rate."""
    ref = AsyncPykka.start()
    result = await rate(ref.ask)
    await ref.stop()
    return result


async def by_everything_is_an_actor() -> float:
    """Return everything-is-an-actor's rate."""
    system = actor_for_agents.ActorSystem("benchmark")
    ref = await system.spawn(EverythingIs, "echo")
    result = await rate(ref.ask)
    await system.shutdown()
    return result


async def by_casty() -> float:
    """Return casty's rate."""
    async with casty.ActorSystem() as system:
        ref = system.ref(casty_echo, "echo")
        return await rate(lambda number: ref.ask(Number(number)))


OTHERS: dict[str, Measure] = {
    "async-pykka": by_async_pykka,
    "everything-is-an-actor": by_everything_is_an_actor,
    "casty": by_casty,
}

OURS: dict[str, tuple[type[AsyncioActor], str, float]] = {
    "ask": (Echo, "ask of an async handler, AsyncioActor, rate", BAR),
    "ask by priority": (EchoByPriority, "the same, PriorityActor: bound, priority, deadline", BAR_BY_PRIORITY),
}


def measured(telegram: Loopback) -> dict[str, list[float]]:
    """Return the rates of everybody, round by round, each round in another order."""
    todo: dict[str, Measure] = {name: partial(by_ours, ours[0]) for name, ours in OURS.items()}
    todo |= OTHERS
    todo["operation"] = partial(an_operation, telegram)
    names, found = list(todo), {name: list[float]() for name in todo}
    for number in range(ROUNDS):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            gc.collect()
            found[name].append(asyncio.run(todo[name]()))  # type: ignore[arg-type]  # every one is a coroutine
    return found


def counted_asks() -> dict[str, int]:
    """Return the Python calls of an ask, by whom."""
    with staged(drain=0.0) as stage:
        counts = {name: count.total for name, count in counts_of_asks(stage).items()}
        counts["async-pykka"] = stage.run(_counted_async_pykka()).total
    return counts


async def _counted_async_pykka() -> Count:
    ref = AsyncPykka.start()
    count = await counted(ref.ask)
    await ref.stop()
    return count


def rows() -> Iterator[Row]:
    """Yield a row beside the fastest of the others, and one beside each."""
    with loopback() as telegram:
        found = measured(telegram)
    calls = counted_asks()
    fastest = [max(rates) for rates in zip(*(found[name] for name in OTHERS), strict=True)]
    for ours, (_, what, bar) in OURS.items():
        yield row_of(what, "the fastest of the three", "1/s", list(zip(found[ours], fastest, strict=True)), bar=bar)
        for other in OTHERS:
            row = row_of(what, other, "1/s", list(zip(found[ours], found[other], strict=True)), bar=bar)
            yield row.with_calls(calls[ours], calls[other]) if other in calls else row
    what = "an empty operation on a session: registry, events, timeline as well"
    pairs = list(zip(found["operation"], found["async-pykka"], strict=True))
    yield row_of(what, "async-pykka", "1/s", pairs, bar=None).with_calls(calls["operation"], calls["async-pykka"])


if __name__ == "__main__":
    print(json.dumps([row.to_dict() for row in rows()]))
