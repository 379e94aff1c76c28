"""The runtime's own promises: circles of asks, context variables, futures, the watchdog, both ways of hosting."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import ActorFuture, AsyncioActor, LoopHost, hosted
from actors.testing import Loopback
from tests.support import eventually

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


class Asker(AsyncioActor):
    """Waits for an answer of another actor in its handler."""

    def __init__(self) -> None:
        super().__init__()
        self.other: Any = None

    async def on_receive(self, message: Any) -> Any:
        """Ask on, or answer."""
        if message == "ask on":
            return await self.other.ask("ask on", block=False)
        return message


async def here(main: Callable[[], Awaitable[None]]) -> None:
    """Run `main` with actors on the running loop."""
    with hosted(LoopHost.on_running_loop()):
        await main()


def circle(size: int) -> list[pykka.ActorRef[Asker]]:
    """Start actors that each ask the next."""
    refs = [Asker.start() for _ in range(size)]
    for ref, other in zip(refs, refs[1:] + refs[:1], strict=True):
        ref.proxy().other = other
    return refs


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_circle_of_asks_is_refused_with_its_path(size: int) -> None:
    """Instead of waiting for ever."""
    refs = circle(size)
    with pytest.raises(actors.AskCycle) as caught:
        refs[0].ask("ask on", timeout=5)
    assert len(caught.value.path) == size + 1
    assert caught.value.path[0] == caught.value.path[-1]
    for ref in refs:
        ref.stop()


def test_a_chain_of_asks_is_answered() -> None:
    """Only a circle is refused."""
    refs = circle(4)
    refs[-1].proxy().other = Asker.start()
    with pytest.raises(AttributeError):
        refs[0].ask("ask on", timeout=5)  # the last one asks nobody
    assert refs[0].ask("hello", timeout=5) == "hello"
    pykka.ActorRegistry.stop_all()


@pytest.mark.both_hosts
def test_an_operation_that_waits_for_another_of_its_own_session_is_refused(
    alice: actors.SessionRef, telegram: Loopback
) -> None:
    """It would wait for its own slot; from a worker thread too."""
    telegram.add_session("bob")
    send = actors.SendMessage("bob", "hello")

    async def awaits(client: actors.Client) -> Any:
        del client
        return await alice.ask(send, block=False)

    with pytest.raises(actors.AskCycle) as caught:
        alice.ask(actors.Call("awaits", awaits), timeout=5)
    assert caught.value.path == ("alice", "alice")
    with pytest.raises(actors.AskCycle):
        alice.ask(actors.CallInThread("blocks", lambda: alice.ask(send)), timeout=5)


@pytest.mark.both_hosts
def test_an_operation_may_wait_for_another_session(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System
) -> None:
    """And that one may not wait back."""

    async def nothing(client: actors.Client) -> str:
        del client
        return "done"

    async def ask(client: actors.Client, ref: actors.SessionRef, operation: actors.Operation[Any]) -> Any:
        del client
        return await ref.ask(operation, block=False)

    bob = system.start_session(telegram.add_session("bob"))
    there = actors.Call("there", ask, bob, actors.Call("nothing", nothing))
    assert alice.ask(there, timeout=5) == "done"
    back = actors.Call("there", ask, bob, actors.Call("back", ask, alice, actors.Call("nothing", nothing)))
    with pytest.raises(actors.AskCycle) as caught:
        alice.ask(back, timeout=5)
    assert caught.value.path == ("bob", "alice", "bob")


@pytest.mark.both_hosts
def test_context_variables_travel_with_a_message(alice: actors.SessionRef) -> None:
    """To handlers, to what they await, and to operations and their worker threads."""

    class Reader(AsyncioActor):
        async def on_receive(self, message: Any) -> str:
            del message
            await asyncio.sleep(0)
            return WHO.get()

    async def read(client: actors.Client) -> str:
        del client
        return WHO.get()

    ref = Reader.start()
    token = WHO.set("me")
    asked = ref.ask("who?", block=False)
    operation = alice.ask(actors.Call("read", read), block=False)
    in_thread = alice.ask(actors.CallInThread("read", WHO.get), block=False)
    WHO.reset(token)
    assert [asked.get(), operation.get(), in_thread.get()] == ["me", "me", "me"]
    assert ref.ask("who?") == "nobody"
    ref.stop()


def test_a_future_can_be_awaited_on_any_loop_and_got_in_any_thread() -> None:
    """Whoever sets it, wherever."""
    future: ActorFuture[int] = ActorFuture()
    got: list[int] = []

    async def wait() -> None:
        got.append(await future)

    waiting = [threading.Thread(target=asyncio.run, args=(wait(),)) for _ in range(3)]
    waiting += [threading.Thread(target=lambda: got.append(future.get(timeout=5))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    future.set(7)
    for thread in waiting:
        thread.join(5)
    assert got == [7] * 6


def test_derived_futures_are_awaited_too_also_over_pykkas_own() -> None:
    """map, filter, reduce, join, and the future of a stop."""

    async def main() -> None:
        numbers: ActorFuture[Iterable[int]] = ActorFuture()
        pykkas: pykka.ThreadingFuture[str] = pykka.ThreadingFuture()
        everything = numbers.filter(lambda n: n > 1).reduce(lambda a, b: a + b).join(numbers.map(sum), pykkas)
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, numbers.set, [1, 2, 3])
        loop.call_later(0.02, pykkas.set, "pykka")
        assert await everything == [5, 6, "pykka"]

        ref = Asker.start()
        assert await ref.stop(block=False) is True
        assert await ref.stop(block=False) is False

    asyncio.run(main())


@pytest.mark.timing
def test_one_deadline_holds_for_a_whole_join() -> None:
    """Not one for each."""
    futures: list[ActorFuture[int]] = [ActorFuture() for _ in range(5)]
    begun = time.monotonic()
    with pytest.raises(pykka.Timeout):
        futures[0].join(*futures[1:]).get(timeout=0.1)
    assert time.monotonic() - begun < 0.3


@pytest.mark.both_hosts
def test_a_loop_that_is_stuck_is_reported_with_the_stack_that_blocks_it(
    alice: actors.SessionRef, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, by name of the function."""

    async def blocks_the_loop(client: actors.Client) -> None:
        del client
        threading.Event().wait(1.6)

    with caplog.at_level(logging.ERROR, "actors.watchdog"):
        alice.ask(actors.Call("blocks", blocks_the_loop), timeout=10)
    reports = eventually(lambda: [r.getMessage() for r in caplog.records if r.name == "actors.watchdog"])
    assert len(reports) == 1
    assert "blocks_the_loop" in reports[0]


def test_an_actor_lives_where_its_parent_does_or_else_in_the_open_system() -> None:
    """One loop for a family."""
    host = LoopHost.on_thread()
    with hosted(host):
        parent = Asker.start()
    outside = Asker.start()
    assert host.actors.keys() == {parent.actor_urn}

    class Parent(AsyncioActor):
        def on_receive(self, message: Any) -> Any:
            del message
            return Asker.start()

    with hosted(host):
        child: pykka.ActorRef[Asker] = Parent.start().ask("beget", block=True)
    assert child.actor_urn in host.actors
    assert outside.actor_urn not in host.actors
    pykka.ActorRegistry.stop_all()
    assert host.actors == {}
    host.close()


def test_ten_thousand_messages_race_a_stop_and_every_single_one_is_answered_or_refused() -> None:
    """From eight threads."""
    ref = Asker.start()
    answered, refused = [], []
    barrier = threading.Barrier(9)

    def send() -> None:
        barrier.wait()
        for number in range(1250):
            try:
                if number % 2:
                    answered.append(ref.ask(number, timeout=10))
                else:
                    ref.tell(number)
                    answered.append(None)
            except pykka.ActorDeadError:
                refused.append(number)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait()
    eventually(lambda: len(answered) > 500)
    assert ref.stop(timeout=10) is True
    for thread in threads:
        thread.join(20)
    assert len(answered) + len(refused) == 10_000
    assert len(refused) > 0


def test_a_second_stop_is_answered_true_until_the_actor_has_stopped() -> None:
    """All that come while it is busy hear that it is stopped, one after that hears that it was dead."""

    class Busy(AsyncioActor):
        async def on_receive(self, message: asyncio.Event) -> None:
            await message.wait()

    async def main() -> None:
        ref = Busy.start()
        done = asyncio.Event()
        ref.tell(done)
        stops = [ref.stop(block=False) for _ in range(10)]
        done.set()
        assert [await stop for stop in stops] == [True] * 10
        assert await ref.stop(block=False) is False

    asyncio.run(here(main))


@pytest.mark.both_hosts
def test_a_circle_is_seen_through_a_derived_future(alice: actors.SessionRef, telegram: Loopback) -> None:
    """`map` and `join` wait for the same replies."""
    telegram.add_session("bob")

    async def awaits(client: actors.Client) -> Any:
        del client
        return await alice.ask(actors.SendMessage("bob", "hello"), block=False).map(str)

    with pytest.raises(actors.AskCycle):
        alice.ask(actors.Call("awaits", awaits), timeout=5)


class Promising(AsyncioActor):
    """Does in coroutines what others do at once."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.turns = 0
        self.cancelled: asyncio.Future[None] | None = None

    async def on_receive(self, message: Any) -> Any:
        """Promise an answer, end as if it had been cancelled, or begin to fail in every turn."""
        match message:
            case "later":
                return actors.later(asyncio.sleep(0, "at last"))
            case "raise":
                raise asyncio.CancelledError
            case "await":
                self.cancelled = asyncio.get_running_loop().create_future()
                self.cancelled.cancel()
                await self.cancelled
            case "fail":
                self.turns = 1
        return None

    def _on_turn(self) -> None:
        if self.turns:
            self.turns += 1
            raise ZeroDivisionError

    async def on_stop(self) -> None:  # type: ignore[override]  # a coroutine function, as handlers may be
        """Take a while."""
        await asyncio.sleep(0.01)
        self.said.append("stopped")


def test_a_handler_that_is_awaited_may_promise_its_answer() -> None:
    """As a plain one may."""
    ref = Promising.start()
    assert ref.ask("later", timeout=5) == "at last"
    ref.stop(timeout=5)


def test_what_is_done_at_the_stop_may_be_awaited() -> None:
    """The stop is answered when it is done."""
    ref = Promising.start()
    said = ref.proxy().said.get(timeout=5)
    assert ref.stop(timeout=5)
    assert said == ["stopped"]


@pytest.mark.parametrize("way", ["raise", "await"])
def test_a_handler_that_ends_as_cancelled_says_so_and_its_actor_lives(way: str) -> None:
    """Nobody has cancelled its task, so it isn't the end of the loop."""
    ref = Promising.start()
    with pytest.raises(asyncio.CancelledError):
        ref.ask(way, timeout=5)
    assert ref.ask("later", timeout=5) == "at last"
    ref.stop(timeout=5)


def test_an_actor_whose_turns_fail_does_not_spin(caplog: pytest.LogCaptureFixture) -> None:
    """It tries again after a while, and handles its messages meanwhile."""
    ref = Promising.start()
    ref.ask("fail", timeout=5)
    for _ in range(5):
        assert ref.ask("later", timeout=5) == "at last"
    assert ref.proxy().turns.get(timeout=5) < 20
    assert "failed; the next one comes in 1 s" in caplog.text
    ref.stop(timeout=5)
