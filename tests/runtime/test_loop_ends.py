"""How a loop may end, and that nobody waits for an actor on it afterwards: not for an answer, and not for a stop."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pykka
import pytest

import actors

Futures = list[pykka.Future[Any]]
Begin = Callable[[], Coroutine[Any, Any, Any]]


class Plain(actors.AsyncioActor):
    """Its handler returns a coroutine that never ends."""

    def on_receive(self, message: Any) -> Any:
        """Echo a greeting, or wait."""
        return message if message == "hello" else asyncio.Event().wait()


class Awaits(actors.AsyncioActor):
    """Its handler is a coroutine function, and waits in it."""

    async def on_receive(self, message: Any) -> Any:
        """Echo a greeting, or wait."""
        return message if message == "hello" else await asyncio.Event().wait()


class Promises(actors.AsyncioActor):
    """Promises an answer that never comes."""

    def on_receive(self, message: Any) -> Any:
        """Echo a greeting, or promise."""
        return message if message == "hello" else actors.later(asyncio.Event().wait())


class AwaitsByPriority(actors.PriorityActor):
    """The same as `Awaits`, with a mailbox."""

    on_receive = Awaits.on_receive


class PromisesByPriority(actors.PriorityActor):
    """The same as `Promises`, with a mailbox."""

    on_receive = Promises.on_receive


class LeavesSlowly(Promises):
    """Never comes to the end of its `on_stop`."""

    async def on_stop(self) -> None:  # type: ignore[override]  # a coroutine function, as handlers may be
        """Wait."""
        await asyncio.Event().wait()


KINDS = [Plain, Awaits, Promises, AwaitsByPriority, PromisesByPriority, LeavesSlowly]


def by_asyncio_run(begin: Begin) -> Any:
    """End a loop as most programs do."""
    return asyncio.run(begin())


def by_hand(begin: Begin) -> Any:
    """Close a loop, whatever is left on it."""
    loop = asyncio.new_event_loop()
    result = loop.run_until_complete(begin())
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # that is what these tests are about
    loop.close()
    return result


def by_leaving_a_system(begin: Begin) -> Any:
    """End the thread of a system."""
    with actors.open_system():
        return asyncio.run(begin())


pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
"""Whoever closes a loop by hand may leave tasks on it that have not begun."""

every_way = pytest.mark.parametrize("end", [by_asyncio_run, by_hand, by_leaving_a_system])


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """No actor outlives a test of its own loop, and stopping them all waits for none."""
    yield
    assert pykka.ActorRegistry.stop_all(timeout=5) == []
    gc.collect()  # so that what is left of a loop is heard of here


async def started(kind: type[actors.AsyncioActor], count: int = 1) -> list[pykka.ActorRef[Any]]:
    """Start actors, and see that they live."""
    refs = [kind.start() for _ in range(count)]
    for ref in refs:
        assert await ref.ask("hello", block=False) == "hello"
    return refs


async def a_few_turns() -> None:
    """Let what was sent arrive."""
    for _ in range(5):
        await asyncio.sleep(0)


def all_dead(futures: Futures) -> None:
    """See that each is answered, and with what."""
    for future in futures:
        with pytest.raises(actors.ActorDeadError):
            future.get(timeout=5)


@every_way
@pytest.mark.parametrize("kind", KINDS)
def test_every_ask_of_every_actor_is_answered_that_its_loop_is_gone(
    end: Callable[[Begin], Any], kind: type[actors.AsyncioActor]
) -> None:
    """What a handler waits in, what waits behind it, and what is asked afterwards."""

    async def begin() -> tuple[list[pykka.ActorRef[Any]], Futures]:
        refs = await started(kind, 3)
        asked = [ref.ask(number, block=False) for number in range(3) for ref in refs]
        await a_few_turns()
        return refs, asked

    refs, asked = end(begin)
    all_dead(asked)
    all_dead([ref.ask("hello", block=False) for ref in refs])
    assert not any(ref.is_alive() for ref in refs)


@every_way
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5])
def test_stops_under_way_are_answered_when_their_loop_is_gone(
    end: Callable[[Begin], Any], kind: type[actors.AsyncioActor], turns: int
) -> None:
    """However far they have come: the actor has stopped; what it was asked before has no answer."""

    async def begin() -> tuple[Futures, Futures]:
        (ref,) = await started(kind)
        asked = [ref.ask(number, block=False) for number in range(2)]
        await a_few_turns()
        stops = [ref.stop(block=False) for _ in range(2)]
        for _ in range(turns):
            await asyncio.sleep(0)
        return asked, stops

    asked, stops = end(begin)
    assert stops[0].get(timeout=5) is True
    assert stops[1].get(timeout=5) in {True, False}  # False: it had stopped by then
    all_dead(asked)


def test_what_an_actor_had_promised_is_answered_though_the_loop_closes_right_after_its_stop() -> None:
    """Its tasks are told to end by then, and have no turn left to do so."""

    async def begin() -> pykka.Future[Any]:
        (ref,) = await started(Promises)
        asked = ref.ask("something", block=False)
        assert await ref.stop(block=False)
        return asked

    all_dead([by_hand(begin)])
