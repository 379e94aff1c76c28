"""The asyncio face: the same system on the loop of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Gate

Body = Callable[[actors.AsyncSystem], Awaitable[None]]


def run(body: Body) -> None:
    """Run a test's body in an open system."""

    async def main() -> None:
        async with actors.open_system(drain=1.0) as system:
            await body(system)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_the_north_star_runs(telegram: Loopback) -> None:
    """Start, ask, iterate over messages, status."""
    bob = telegram.add_session("bob")
    telegram.add_channel("news", messages=120, members=["bob"])

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        telegram.join("news", "alice")
        sent = await alice.ask(actors.SendMessage("@bob", "hello"))
        assert sent.chat.username == bob.name
        scraped = await alice.ask(actors.ScrapeHistory("@news", limit=120))
        assert len(scraped.messages) == 120
        heard = []
        listening = alice.messages(["@news"])
        first = asyncio.ensure_future(anext(listening))
        async with asyncio.timeout(5):
            while not (await alice.status()).monitors:
                pass  # each look is a turn of the loop
        telegram.post_many("news", [str(number) for number in range(30)], author="bob")
        heard.append((await first).text)
        async for message in listening:
            heard.append(message.text)
            if len(heard) == 30:
                break
        await listening.aclose()
        assert heard == [str(number) for number in range(30)]
        async with asyncio.timeout(5):
            while (await alice.status()).monitors:
                pass
        assert (await system.status()).sessions["alice"].phase is actors.Phase.ONLINE

    run(body)


def test_listening_that_is_given_up_leaves_no_monitor_behind(telegram: Loopback) -> None:
    """Cancelled while its monitor waits for the slot, and left while the slot is busy."""
    telegram.add_session("bob")

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        gate = Gate()
        alice.ask(gate.held("busy"))
        listening = asyncio.ensure_future(anext(alice.messages()))
        while not (await alice.status()).waiting:
            pass
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        assert (await alice.status()).waiting == ()
        gate.open()
        messages = alice.messages()
        first = asyncio.ensure_future(anext(messages))
        async with asyncio.timeout(5):
            while not (await alice.status()).monitors:
                pass
            telegram.post("alice", "hello", author="bob")
            assert (await first).text == "hello"
            busy = alice.ask(Gate().held("busy"))
            await messages.aclose()
            busy.cancel()
            while (await alice.status()).monitors:
                pass

    run(body)


def test_awaiting_a_future_lets_the_loop_tick_on(telegram: Loopback) -> None:
    """Also one that is mapped or joined."""

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        gate = Gate()
        future = alice.ask(gate.held("slow"))
        both = future.map(str.upper).join(alice.ask(gate.noted("next")))
        ticks = 0
        waiting = asyncio.ensure_future(both)
        while ticks < 100:
            await asyncio.sleep(0)
            ticks += 1
        assert not waiting.done()
        gate.open()
        assert await waiting == ["SLOW", "next"]

    run(body)


def test_a_cancelled_awaiter_leaves_the_operation_alone(telegram: Loopback) -> None:
    """Only `cancel()` of the future cancels it."""

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        gate = Gate()
        future = alice.ask(gate.held("slow"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(future, 0.05)
        assert not future.done()
        gate.open()
        assert await future == "slow"

    run(body)


def test_a_blocking_wait_on_the_loop_is_refused_with_the_fix(telegram: Loopback) -> None:
    """It could never end."""

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        gate = Gate()
        future = alice.ask(gate.held("slow"))
        with pytest.raises(actors.BlockingCallError, match="await"):
            future.get(timeout=1)
        gate.open()
        await future
        assert future.get() == "slow"

    run(body)


def test_leaving_the_block_answers_everything(telegram: Loopback) -> None:
    """What can't be finished in the drain time is rejected; nobody waits for ever."""
    asked: list[actors.ActorFuture[Any]] = []

    async def body(system: actors.AsyncSystem) -> None:
        alice = await system.start_session(telegram.add_session("alice"))
        gate = Gate()
        asked.append(alice.ask(gate.held("endless")))
        asked.extend(alice.ask(gate.noted(str(number))) for number in range(10))

    run(body)
    assert all(future.done() for future in asked)
    assert {type(future.exception()) for future in asked} == {actors.OperationRejected}


def test_an_async_handler_is_awaited_before_the_next_message() -> None:
    """One message at a time, for plain actors of the runtime too."""

    class Slow(actors.AsyncioActor):
        def __init__(self) -> None:
            super().__init__()
            self.log: list[str] = []

        async def on_receive(self, message: str) -> list[str]:
            self.log.append(f"{message} begins")
            await asyncio.sleep(0.01)
            self.log.append(f"{message} ends")
            return list(self.log)

    ref = Slow.start()
    first = ref.ask("a", block=False)
    assert ref.ask("b") == ["a begins", "a ends", "b begins", "b ends"]
    assert first.get(timeout=1) == ["a begins", "a ends"]
    assert ref.stop() is True
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("c")


def test_a_handler_that_must_wait_answers_later_and_takes_its_next_message() -> None:
    """`later(coroutine)`: the reply follows."""

    class Clerk(actors.AsyncioActor):
        def on_receive(self, message: str) -> Any:
            return actors.later(self.fetch()) if message == "slow" else "at once"

        async def fetch(self) -> str:
            await asyncio.sleep(0.05)
            return "fetched"

    ref = Clerk.start()
    slow = ref.ask("slow", block=False)
    assert ref.ask("quick") == "at once"
    assert slow.get(timeout=1) == "fetched"
    ref.stop()
