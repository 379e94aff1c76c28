"""Hosts: which one an actor starts on, how long they live, and that they outlive clocks, collectors and exits."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import subprocess
import sys
import textwrap
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import LoopHost, hosted


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """No actor outlives its test."""
    yield
    pykka.ActorRegistry.stop_all(timeout=5)


class Somewhere(actors.AsyncioActor):
    """Says in which thread it lives."""

    def on_receive(self, message: Any) -> int:
        """Say it."""
        del message
        return threading.get_ident()


async def lives_here() -> bool:
    """Say whether an actor that is started here lives here."""
    return bool(await Somewhere.start().ask("where?", block=False) == threading.get_ident())


def elsewhere(context: contextvars.Context) -> bool:
    """Say the same of a loop on another thread, with a context of this one."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(context.run(asyncio.run, lives_here())))
    thread.start()
    thread.join(10)
    return answers[0]


def test_a_system_that_was_left_is_nobodys_home_though_a_context_of_its_block_lives_on() -> None:
    """The loop that runs is, or the system outside of it."""

    async def main() -> tuple[bool, bool]:
        async with actors.open_system():
            context = contextvars.copy_context()
            inside = await asyncio.to_thread(elsewhere, context.copy())
        return inside, await asyncio.to_thread(elsewhere, context)

    assert asyncio.run(main()) == (False, True)
    with actors.open_system():
        with actors.open_system():
            context = contextvars.copy_context()
        inner = context.run(Somewhere.start)
        assert inner.ask("where?", timeout=5) == Somewhere.start().ask("where?", timeout=5)


def test_a_system_that_is_dropped_takes_no_other_systems_place() -> None:
    """Wherever the collector comes to it."""

    def drop() -> None:
        actors.open_system().__enter__()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.disable()
        try:
            contextvars.copy_context().run(drop)
            with actors.open_system() as system:
                there = {Somewhere.start().ask("where?", timeout=5)}
                gc.collect()
                there.add(Somewhere.start().ask("where?", timeout=5))
                assert system.supervisor.is_alive()
        finally:
            gc.enable()
    assert len(there) == 1


def test_a_loop_that_is_never_closed_is_freed_when_nobody_remembers_it() -> None:
    """Once its actors have stopped; asyncio warns of it."""

    async def main() -> None:
        ref = Somewhere.start()
        await ref.ask("where?", block=False)
        await ref.stop(block=False)

    def run_and_forget() -> weakref.ref[asyncio.AbstractEventLoop]:
        loop = asyncio.SelectorEventLoop()
        loop.run_until_complete(main())
        return weakref.ref(loop)

    loop = run_and_forget()
    with pytest.warns(ResourceWarning, match="unclosed"):
        gc.collect()
    assert loop() is None


class Jumps(asyncio.SelectorEventLoop):
    """Sets its clock to the next timer when it has nothing to do, as loops of tests do."""

    skew = 0.0

    def time(self) -> float:
        """Return the time of a clock that was set forward."""
        return super().time() + self.skew

    def _run_once(self) -> None:
        timers = self._scheduled  # type: ignore[attr-defined]
        if not self._ready and timers:  # type: ignore[attr-defined]
            self.skew += max(0.0, timers[0].when() - self.time())
        super()._run_once()  # type: ignore[misc]


def test_actors_outlive_a_clock_that_is_set_forward() -> None:
    """By thirty years and more, though nothing was to be done on the loop."""
    loop = Jumps()

    async def main() -> None:
        ref = Somewhere.start()
        for _ in range(3):
            await loop.run_in_executor(None, time.sleep, 0.01)
        assert await ref.ask("where?", block=False)
        await ref.stop(block=False)

    loop.run_until_complete(main())
    loop.close()


def test_an_actor_whose_loop_closes_while_it_starts_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """And `start` returns its reference, as it does for one that dies later."""
    loop = asyncio.new_event_loop()

    async def main() -> LoopHost:
        return LoopHost.on_running_loop()

    host = loop.run_until_complete(main())
    adopt = host.adopt

    def adopt_at_the_last_moment(actor: Any) -> bool:
        adopted = adopt(actor)
        loop.close()
        return adopted

    monkeypatch.setattr(host, "adopt", adopt_at_the_last_moment)
    with hosted(host):
        ref = Somewhere.start()
    with pytest.raises(actors.ActorDeadError):
        ref.ask("where?", timeout=5)
    assert not ref.is_alive()


def test_what_the_collector_schedules_does_not_wait_for_what_it_interrupts() -> None:
    """It may run while a host's lock is held, and a system that is dropped schedules its stop then."""

    class Collecting(deque[Any]):
        """Schedules something when it is appended to."""

        def append(self, callback: Any) -> None:
            host._ready = before
            host.schedule(lambda: ran.append("dropped"))
            before.append(callback)

    ran: list[str] = []
    host = LoopHost.on_thread()
    before, host._ready = host._ready, Collecting()
    thread = threading.Thread(target=host.schedule, args=(lambda: ran.append("scheduled"),), daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    host.close()
    assert sorted(ran) == ["dropped", "scheduled"]


def run(program: str, *, complains: bool = True) -> list[str]:
    """Run a program of its own, which may have something to complain of; return what it says."""
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=20
    )
    assert complains or done.stderr == ""
    return done.stdout.split()


def test_a_program_whose_handler_has_used_a_thread_exits_in_silence() -> None:
    """Though the actor's loop is closed when no thread can be started any more."""
    program = """
        import asyncio, actors

        class Echo(actors.AsyncioActor):
            async def on_receive(self, message):
                return await asyncio.to_thread(str, message)

        print(Echo.start().ask("heard"))
    """
    assert run(program, complains=False) == ["heard"]


PROGRAM = """
import asyncio, atexit, sys

def bye():
    try:
        Echo.start()
    except RuntimeError as exc:
        print("refused", len(pykka.ActorRegistry.get_all()))

atexit.register(bye)  # so that it is called after everything of the library's
import actors, pykka

class Echo(actors.AsyncioActor):
    def on_receive(self, message):
        if message == "exit":
            self.task = asyncio.get_running_loop().create_task(self.exit())
            return actors.later(asyncio.Event().wait())
        return message
    async def exit(self):
        sys.exit(3)
"""


def test_actors_of_the_process_go_on_after_its_loop_has_been_ended() -> None:
    """By a task that called `sys.exit`: those on it are dead, and the next ones get a loop of their own."""
    program = f"""{PROGRAM}
echo = Echo.start()
try:
    echo.ask("exit", timeout=5)
except actors.ActorDeadError:
    print("dead")
print(Echo.start().ask("hello", timeout=5))
"""
    assert run(program) == ["dead", "hello", "refused", "0"]


def test_what_is_started_while_the_interpreter_exits_is_refused() -> None:
    """And neither waited for nor left in the registry."""
    assert run(f"{PROGRAM}\nprint(Echo.start().ask('hello', timeout=5))") == ["hello", "refused", "0"]
