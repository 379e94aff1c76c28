"""Where an actor lives that is started on a running loop, and what becomes of it when that loop is gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextvars import Context, copy_context
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
            case "child of a worker thread":
                return actors.later(asyncio.to_thread(Somewhere.start))
            case "be busy":
                return asyncio.Event().wait()
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


def test_which_of_two_systems_is_open_does_not_depend_on_what_ran_before() -> None:
    """The inner one is left, and the outer one is open again, though the loop knows actors by now."""

    async def main() -> None:
        async with actors.open_system():
            assert await where(Somewhere.start()) == threading.get_ident()
        assert await where(Somewhere.start()) != threading.get_ident()

    with actors.open_system():
        asyncio.run(main())


@pytest.mark.parametrize("child", ["child", "child of a worker thread"])
def test_a_parent_comes_before_the_system_that_its_asker_has_open(child: str) -> None:
    """What an actor starts lives where it lives, whoever asked for it."""
    parent = Somewhere.start()
    with actors.open_system():
        started: Any = parent.ask(child, timeout=5)
        assert started.ask("where", timeout=5) == parent.ask("where", timeout=5)
    assert started.is_alive()


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


async def started_and_asked() -> tuple[pykka.ActorRef[Somewhere], pykka.Future[Any]]:
    """Start an actor here, and ask it what it doesn't answer."""
    ref = Somewhere.start()
    pending = ref.ask("never", block=False)
    await where(ref)
    return ref, pending


@pytest.mark.parametrize("question", ["be busy", "never"])
def test_what_is_asked_of_an_actor_whose_loop_ends_is_answered_and_stop_all_returns(question: str) -> None:
    """As for those of a system that was dropped, though `asyncio.run` cancels every task before it closes the loop."""

    async def main() -> tuple[pykka.ActorRef[Somewhere], pykka.Future[Any]]:
        ref = Somewhere.start()
        await where(ref)
        pending = ref.ask(question, block=False)
        await asyncio.sleep(0)
        return ref, pending

    ref, pending = asyncio.run(main())
    with pytest.raises(actors.ActorDeadError):
        pending.get(timeout=5)
    assert not ref.is_alive()
    assert pykka.ActorRegistry.stop_all(timeout=5) == []


def test_a_handler_that_somebody_cancels_on_a_loop_that_goes_on_answers_with_that() -> None:
    """Its actor isn't dead."""

    async def main() -> None:
        ref, pending = await started_and_asked()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pending
        assert ref.is_alive()

    asyncio.run(main())


def test_a_loop_that_is_closed_by_hand_keeps_nobody_waiting() -> None:
    """Neither what a handler was working on nor what nobody came to; and nobody has to ask once more to hear so."""
    loop = asyncio.new_event_loop()
    ref, pending = loop.run_until_complete(started_and_asked())
    waiting = ref.ask("where", block=False)
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # that is what this test is about
    loop.close()
    assert not ref.is_alive()
    for future in (pending, waiting, ref.ask("where", block=False)):
        with pytest.raises(actors.ActorDeadError):
            future.get(timeout=5)
    assert pykka.ActorRegistry.stop_all(timeout=5) == []


def test_a_loop_may_go_on_in_another_thread() -> None:
    """What was asked between two runs is answered in the second."""
    loop = asyncio.new_event_loop()
    ref, _ = loop.run_until_complete(started_and_asked())
    waiting = ref.ask("where", block=False)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        assert waiting.get(timeout=5) == thread.ident
        assert ref.ask("where", timeout=5) == thread.ident
        assert ref.stop(timeout=5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_what_is_started_while_its_system_closes_lives_or_is_dead_but_nobody_waits_for_it() -> None:
    """A start may find the loop alive and end when it has ended."""
    answers: list[bool] = []

    def start_some(context: Context) -> None:
        for _ in range(300):
            ref = context.run(Somewhere.start)
            try:
                answers.append(bool(ref.ask("where", timeout=5)))
            except actors.ActorDeadError:
                answers.append(False)

    with actors.open_system():
        threads = [threading.Thread(target=start_some, args=(copy_context(),)) for _ in range(3)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 900
    assert any(answers)


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
