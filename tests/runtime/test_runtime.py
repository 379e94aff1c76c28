"""The runtime's own promises: context variables, futures, the watchdog, both ways of hosting, answers and stops."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import ActorFuture, AsyncioActor, LoopHost, hosted
from tests.runtime.askers import Asker, here
from tests.support import eventually

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


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


def test_an_exit_in_a_callback_is_not_the_business_of_the_actor_that_answers(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the others are called, and the loop goes on."""

    class Echo(actors.AsyncioActor):
        async def on_receive(self, message: Any) -> Any:
            await asyncio.sleep(0.05)
            return message

    ref = Echo.start()
    future: Any = ref.ask("first", block=False)
    future.add_done_callback(lambda _: sys.exit(1))
    assert future.get(timeout=5) == "first"
    assert ref.ask("second", timeout=5) == "second"
    assert "done-callback" in caplog.text
    ref.stop()


def test_thousands_of_futures_that_are_done_call_back_once_joined() -> None:
    """However many they are."""
    futures = [ActorFuture[int]() for _ in range(5000)]
    for number, future in enumerate(futures):
        future.set(number)
    called: list[Any] = []
    futures[0].join(*futures[1:]).add_done_callback(called.append)
    assert len(called) == 1


def test_a_wait_that_is_longer_than_a_lock_can_wait_is_a_wait() -> None:
    """It ends with the answer."""
    future = ActorFuture[int]()
    threading.Timer(0.1, future.set, (1,)).start()
    assert future.get(timeout=1e12) == 1
