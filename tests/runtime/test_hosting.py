"""Where an actor lives that is started on a running loop, and what becomes of it when that loop is gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.runtime.loop import LoopHost


class Somewhere(actors.AsyncioActor):
    """Tells in which thread it lives, and may be kept from answering."""

    def on_receive(self, message: Any) -> Any:
        """Answer with the thread, start another actor, or wait."""
        match message:
            case "where":
                return threading.get_ident()
            case "child":
                return Somewhere.start()
            case "never":
                return actors.later(asyncio.Event().wait())
        return None


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """No actor outlives a test of its own loop."""
    yield
    pykka.ActorRegistry.stop_all(timeout=5)


async def where(ref: pykka.ActorRef[Somewhere]) -> Any:
    """Ask an actor for its thread."""
    return await ref.ask("where", block=False)


def test_an_actor_that_is_started_on_a_running_loop_lives_on_it() -> None:
    """And so do those that it starts."""

    async def main() -> None:
        ref = Somewhere.start()
        assert await where(ref) == threading.get_ident()
        child = await ref.ask("child", block=False)
        assert await where(child) == threading.get_ident()

    asyncio.run(main())


def test_the_open_system_comes_before_the_loop_that_runs() -> None:
    """Its thread is where the program wants its actors."""

    async def main() -> None:
        assert await where(Somewhere.start()) != threading.get_ident()

    with actors.open_system():
        asyncio.run(main())


def test_without_a_loop_an_actor_lives_on_the_thread_of_the_process() -> None:
    """As any Pykka actor lives on a thread that isn't the caller's."""
    assert Somewhere.start().ask("where", timeout=5) != threading.get_ident()


def test_a_blocking_ask_on_that_loop_is_refused_and_one_from_a_worker_thread_is_not() -> None:
    """The first would keep the answer from coming."""

    async def main() -> None:
        ref = Somewhere.start()
        with pytest.raises(actors.BlockingCallError):
            ref.ask("where")
        assert await asyncio.to_thread(ref.ask, "where") == threading.get_ident()

    asyncio.run(main())


def test_what_is_asked_of_an_actor_whose_loop_ends_is_answered_and_stop_all_returns() -> None:
    """As for those of a system that was dropped; what a handler awaited is cancelled by `asyncio.run` itself."""

    async def main() -> tuple[pykka.ActorRef[Somewhere], pykka.Future[Any]]:
        ref = Somewhere.start()
        pending = ref.ask("never", block=False)
        await where(ref)
        return ref, pending

    ref, pending = asyncio.run(main())
    with pytest.raises((actors.ActorDeadError, asyncio.CancelledError)):
        pending.get(timeout=5)
    assert not ref.is_alive()
    assert pykka.ActorRegistry.stop_all(timeout=5) == []


@pytest.mark.parametrize("awake", [False, True])
def test_a_loop_that_was_closed_by_hand_keeps_nobody_waiting(*, awake: bool) -> None:
    """Without a word to its async generators; also when a message was on its way that nobody came to."""

    async def main() -> pykka.ActorRef[Somewhere]:
        ref = Somewhere.start()
        await where(ref)
        return ref

    loop = asyncio.new_event_loop()
    ref = loop.run_until_complete(main())
    if awake:
        ref.tell("nothing")
    loop.close()
    with pytest.raises(actors.ActorDeadError):
        ref.ask("where", timeout=5)
    assert not ref.is_alive()
    assert pykka.ActorRegistry.stop_all(timeout=5) == []


def test_what_a_handler_was_still_working_on_is_answered_when_somebody_finds_the_loop_closed() -> None:
    """Its task never ends, so the actor knows by itself whom it owes an answer."""

    async def main() -> tuple[pykka.ActorRef[Somewhere], pykka.Future[Any]]:
        ref = Somewhere.start()
        pending = ref.ask("never", block=False)
        await where(ref)
        return ref, pending

    loop = asyncio.new_event_loop()
    ref, pending = loop.run_until_complete(main())
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # that is what this test is about
    loop.close()
    with pytest.raises(actors.ActorDeadError):
        ref.ask("where", timeout=5)
    with pytest.raises(actors.ActorDeadError):
        pending.get(timeout=5)


def test_loops_that_came_and_went_leave_nothing_behind() -> None:
    """A host is forgotten with its loop, closed by hand or not."""

    async def main() -> None:
        await where(Somewhere.start())

    asyncio.run(main())
    known = len(LoopHost._by_loop)
    for _ in range(20):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        loop.close()
    asyncio.run(main())
    assert len(LoopHost._by_loop) <= known
