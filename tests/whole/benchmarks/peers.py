"""An ask on one loop, beside the other actor libraries for asyncio. They need Python 3.12: this runs in its own place.

Run by `python -m tests.whole.benchmarks`, in an environment that has them, as `python -m tests.whole.benchmarks.peers`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import actor_for_agents
import async_pykka
import casty

from actors import Call, open_system
from actors.runtime import AsyncioActor, LoopHost, PriorityActor, hosted
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import Row, compare

ASKS = 10_000
BAR = 1.5

Ask = Callable[[int], Awaitable[Any]]


class Ours(AsyncioActor):
    """Echoes."""

    def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


class OursPrioritised(PriorityActor):
    """Echoes what waited in a bounded priority mailbox, with a deadline."""

    def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message

    def wait_timeout_of(self, message: Any) -> float:  # noqa: ARG002  the same for all
        """Return the policy table's."""
        return 60.0


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
    """Return asks a second."""
    await ask(0)
    begun = time.perf_counter()
    for number in range(ASKS):
        await ask(number)
    return ASKS / (time.perf_counter() - begun)


async def ours() -> float:
    """Return our rate."""
    with hosted(LoopHost.on_running_loop()):
        ref = Ours.start()
    result = await rate(lambda number: ref.ask(number, block=False))
    await ref.stop(block=False)
    return result


async def ours_prioritised() -> float:
    """Return our rate with bound, priority and deadline on."""
    with hosted(LoopHost.on_running_loop()):
        ref = OursPrioritised.start()
    result = await rate(lambda number: ref.ask(number, block=False))
    await ref.stop(block=False)
    return result


async def nothing(client: Any, number: int) -> int:
    """Be an operation that only answers."""
    del client
    return number


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


def rows() -> Iterator[Row]:
    """Yield a row for each of the others."""
    others = {
        "async-pykka": by_async_pykka,
        "everything-is-an-actor": by_everything_is_an_actor,
        "casty": by_casty,
    }
    for name, other in others.items():
        yield compare(
            "same-loop ask round trip",
            name,
            "1/s",
            lambda: asyncio.run(ours()),
            lambda other=other: asyncio.run(other()),  # type: ignore[misc]  # bound now, as a loop needs it
            bar=BAR,
        )
    for name, other in others.items():
        yield compare(
            "the same, bound + priority + deadline on",
            name,
            "1/s",
            lambda: asyncio.run(ours_prioritised()),
            lambda other=other: asyncio.run(other()),  # type: ignore[misc]  # as above
            bar=BAR,
        )
    with loopback() as telegram:
        yield compare(
            "an operation on a session: registry, events, timeline as well",
            "async-pykka",
            "1/s",
            lambda: asyncio.run(an_operation(telegram)),
            lambda: asyncio.run(by_async_pykka()),
            bar=BAR,
        )


if __name__ == "__main__":
    print(json.dumps([row.to_dict() for row in rows()]))
