"""How an attempt waits for an answer, and how it is cancelled: by its own session, by a stranger, by both."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

import actors
from actors.model.errors import TelegramError
from actors.session.patience import Patience
from actors.session.queued_operation import QueuedOperation
from actors.testing import Loopback
from tests.session.entries import Work, entry

LIMIT = 15.0


def waits() -> tuple[Patience, list[float]]:
    """Return the patience of an operation at second 100, and the times at which it wants to be looked at."""
    looks: list[float] = []
    one: QueuedOperation = entry(1, Work())
    one.policy = one.policy.with_(attempt_timeout=LIMIT)
    return Patience(one, lambda: 100.0, looks.append), looks


async def waiting(work: Callable[[], Awaitable[int]]) -> tuple[Patience, asyncio.Task[int]]:
    """Return a task that waits for `work`, and its patience."""
    patience, looks = waits()
    task = asyncio.create_task(patience.wait(work()))
    await asyncio.sleep(0)
    assert looks == [100.0 + LIMIT] == [patience.until]
    return patience, task


async def silence() -> int:
    """Never answer."""
    never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await never


def lose(patience: Patience, task: asyncio.Task[int]) -> None:
    """Do what the slot does when the time is over."""
    patience.lose()
    task.cancel()


def test_an_answer_ends_the_wait() -> None:
    """And nobody has to look any more."""

    async def test() -> None:
        answered = asyncio.get_running_loop().create_future()
        patience, task = await waiting(lambda: answered)
        answered.set_result(7)
        assert await task == 7
        assert patience.until == math.inf

    asyncio.run(test())


def test_a_silence_is_an_error_and_no_cancellation() -> None:
    """Of the operation's method, or type, where it says none."""

    async def test() -> None:
        patience, task = await waiting(silence)
        lose(patience, task)
        with pytest.raises(TelegramError, match="NO_REPLY") as raised:
            await task
        assert (raised.value.method, raised.value.verdict) == ("working", actors.Verdict.TRANSIENT)
        assert (task.cancelled(), task.cancelling(), patience.until) == (False, 0, math.inf)

    asyncio.run(test())


@pytest.mark.parametrize("silent", [False, True])
def test_somebody_elses_cancellation_is_not_taken_for_a_silence(*, silent: bool) -> None:
    """Also when the two come together."""

    async def test() -> None:
        patience, task = await waiting(silence)
        if silent:
            lose(patience, task)
        task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()

    asyncio.run(test())


def test_work_that_answers_all_the_same_has_answered() -> None:
    """What was cancelled for its silence and goes on isn't cancelled a second time by the next wait."""

    async def stubborn() -> int:
        try:
            return await silence()
        except asyncio.CancelledError:
            return 8

    async def test() -> None:
        patience, task = await waiting(stubborn)
        lose(patience, task)
        assert (await task, task.cancelling(), patience.is_over) == (8, 0, False)

    asyncio.run(test())


def test_an_error_of_the_work_is_the_works_even_a_timeout() -> None:
    """Nothing is hidden behind a silence."""

    async def slow() -> int:
        raise TimeoutError("mine")

    async def test() -> None:
        patience, _ = waits()
        with pytest.raises(TimeoutError, match="mine"):
            await patience.wait(slow())

    asyncio.run(test())


async def nothing(_: actors.Client, number: int) -> int:
    """Answer at once."""
    return number


def test_operations_that_need_not_wait_leave_the_loop_to_others_now_and_then(telegram: Loopback) -> None:
    """They are done in order, and no task of theirs is left."""

    async def test() -> None:
        async with actors.open_system() as system:
            alice = await system.start_session(telegram.add_session("alice").with_(capacity=200))
            turns = 0

            def count() -> None:
                nonlocal turns
                turns += 1
                asyncio.get_running_loop().call_soon(count)

            futures = [alice.ask(actors.Call("quick", nothing, number)) for number in range(200)]
            done: list[int] = []
            for future in futures:
                future.add_done_callback(lambda each: done.append(each.get()))
            count()
            assert await futures[-1] == 199
            assert done == list(range(200))
            assert turns >= 200 // 16
            await asyncio.sleep(0.05)
            assert [task for task in (await system.status()).tasks if task.task_type == "quick"] == []

    asyncio.run(test())
