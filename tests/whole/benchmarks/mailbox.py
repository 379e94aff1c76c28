"""What waits must cost next to nothing: an operation beside many that wait, or are held, and many that are worked off.

Beside: what is measured goes in and comes out of a mailbox in which so many others stay, since they matter less or are
held by a flood wait. Worked off: so many are put in at once, and all are handled; the figure is for one of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import actors
from actors.runtime import LoopHost, hosted
from tests.whole.benchmarks.measure import Row, compare
from tests.whole.benchmarks.stage import Stage, staged

__all__ = ["rows"]

STEPS = 250
WORKED_OFF = (1000, 4000, 16_000, 64_000)
AT_LEAST = 4000
"""Messages that are worked off for one figure: fewer at once are put in several times."""

FOR_EVER = 36_000.0


async def _nothing(client: Any) -> None:
    del client


def _empty(priority: int = 0) -> actors.Call[None]:
    return actors.Call("empty", _nothing).with_(wait_timeout=FOR_EVER, priority=priority)


class Chain:
    """Operations each of which puts the next one into the mailbox before it ends: one is in it all the time."""

    def __init__(self, session: actors.AsyncSessionRef, steps: int) -> None:
        self._session = session
        self._left = steps
        self._begun = 0.0
        self._done = asyncio.get_running_loop().create_future()

    def operation(self) -> actors.Call[None]:
        """Return one that overtakes whatever waits."""
        return actors.Call("chain", self._step).with_(priority=50)

    async def _step(self, client: Any) -> None:
        del client
        if not self._begun:
            self._begun = time.process_time()
        if self._left:
            self._left -= 1
            self._session.tell(self.operation())
        else:
            self._done.set_result(time.process_time() - self._begun)

    @property
    def is_over(self) -> bool:
        """Whether the last one has run."""
        return self._done.done()

    async def seconds(self) -> float:
        """Return the CPU seconds from the first one's start to the last one's."""
        return float(await self._done)


async def beside_waiting(session: actors.AsyncSessionRef, waiting: int) -> float:
    """Return CPU seconds of an operation while so many others wait in the same mailbox for their turn."""
    opened = asyncio.Event()

    async def gate(client: Any) -> None:
        del client
        await opened.wait()

    at_the_gate = session.ask(actors.Call("gate", gate).with_(run_timeout=FOR_EVER))
    await asyncio.sleep(0)
    ran: list[bool] = []
    chain = Chain(session, STEPS)

    async def other(client: Any) -> None:
        del client
        ran.append(chain.is_over)

    others = [session.ask(actors.Call("other", other).with_(wait_timeout=FOR_EVER)) for _ in range(waiting)]
    session.tell(chain.operation())
    opened.set()
    await at_the_gate
    seconds = await chain.seconds()
    if not all(ran):
        raise AssertionError(f"{ran.count(False)} of {waiting} didn't wait")
    for one in others:
        one.cancel()
    await session.ask(_empty(priority=-1))
    return seconds / STEPS


def _beside_waiting(stage: Stage) -> Row:
    sessions = {number: stage.session(f"waiting-{number}", capacity=2 * number) for number in (10_000, 100)}

    def side(number: int) -> Callable[[], float]:
        return lambda: stage.run(beside_waiting(sessions[number], number))

    what = "an operation beside 10,000 that wait, CPU"
    return compare(what, "beside 100", "s", side(10_000), side(100), bar=1.3, higher_is_better=False, rounds=11)


async def _hold(stage: Stage, name: str, number: int) -> actors.AsyncSessionRef:
    """Return a session with so many sends that a flood wait holds."""
    config = stage.telegram.add_session(name).with_(capacity=number + 100)
    session = await stage.system.start_session(config)
    stage.telegram.fail("messages.sendMessage", account=name, error="FLOOD_WAIT_3000", times=1)
    send = actors.SendMessage("@bob", "held").with_(wait_timeout=FOR_EVER, run_timeout=FOR_EVER)
    for _ in range(number):
        session.ask(send)
    for _ in range(100):
        status = await session.status()
        if status.holds and status.queue_size == number:
            return session
        await asyncio.sleep(0.05)
    raise AssertionError(f"{number} sends aren't held")


async def _one_after_another(session: actors.AsyncSessionRef) -> float:
    begun = time.process_time()
    for _ in range(STEPS):
        await session.ask(_empty())
    return (time.process_time() - begun) / STEPS


def _beside_held(stage: Stage) -> Iterator[Row]:
    free = stage.session("free")
    for number, bar in ((5000, 3.0), (100, 1.3)):
        held = stage.run(_hold(stage, f"held-{number}", number))
        yield compare(
            f"an operation beside {number:,} held by a flood wait, CPU",
            "beside none",
            "s",
            lambda held=held: stage.run(_one_after_another(held)),  # type: ignore[misc]  # bound now, as a loop needs it
            lambda: stage.run(_one_after_another(free)),
            bar=bar,
            higher_is_better=False,
            rounds=25,
        )


class Worker(actors.PriorityActor):
    """Takes messages that wait in a bounded priority mailbox."""

    capacity = 2 * max(WORKED_OFF)

    def on_receive(self, message: Any) -> Any:
        """Be done with it."""
        return message


async def by_actor(at_once: int) -> float:
    """Return CPU seconds of a message to a `PriorityActor` when so many are put in at once, all waiting."""
    with hosted(LoopHost.on_running_loop()):
        ref = Worker.start()
    times = max(1, AT_LEAST // at_once)
    begun = time.process_time()
    for _ in range(times):
        futures = [ref.ask(actors.WithPriority(n, priority=n % 3), block=False) for n in range(at_once)]
        for future in futures:
            await future
    seconds = time.process_time() - begun
    await ref.stop(block=False)
    return seconds / (times * at_once)


async def by_session(session: actors.AsyncSessionRef, at_once: int) -> float:
    """Return CPU seconds of an operation when so many are put in at once, all waiting."""
    times = max(1, AT_LEAST // at_once)
    begun = time.process_time()
    for _ in range(times):
        futures = [session.ask(_empty(priority=n % 3)) for n in range(at_once)]
        for future in futures:
            await future
    return (time.process_time() - begun) / (times * at_once)


def _worked_off(stage: Stage) -> Iterator[Row]:
    session = stage.session("worked", capacity=2 * max(WORKED_OFF))
    sides: dict[str, Callable[[int], Any]] = {
        "a message of a PriorityActor": by_actor,
        "an operation of a session": partial(by_session, session),
    }
    for what, side in sides.items():
        for number in WORKED_OFF:
            yield compare(
                f"{what}, {number:,} put in at once and worked off, CPU",
                "100 at once",
                "s",
                lambda side=side, number=number: stage.run(side(number)),  # type: ignore[misc]  # as above
                lambda side=side: stage.run(side(100)),  # type: ignore[misc]  # as above
                bar=1.5,
                higher_is_better=False,
                rounds=11 if number <= AT_LEAST else 3 if number > 20_000 else 7,
            )


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with staged(drain=0.0) as stage:
        stage.telegram.add_session("bob")
        yield _beside_waiting(stage)
        yield from _beside_held(stage)
    with staged(drain=0.0) as stage:
        yield from _worked_off(stage)
