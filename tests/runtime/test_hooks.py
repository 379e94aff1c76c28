"""What an actor's hooks find in their context, that they leave nothing behind there, and that one may fail."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """No actor outlives its test."""
    yield
    pykka.ActorRegistry.stop_all(timeout=5)


class Gate:
    """Keeps a handler waiting from when it is reached until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()


class Sets(actors.PriorityActor):
    """Says who it is in each of its hooks, and keeps who it was before."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.found: list[str] = []

    def _say(self) -> None:
        self.found.append(WHO.get())
        WHO.set(self.name)

    def on_start(self) -> None:
        """Say it."""
        self._say()

    def on_stop(self) -> None:
        """Say it."""
        self._say()

    def on_failure(self, *_: object) -> None:
        """Say it."""
        self._say()

    def on_expired(self, message: Any) -> None:
        """Say it."""
        del message
        self._say()

    async def on_receive(self, message: Any) -> Any:
        """Fail, wait for a gate, or echo."""
        if message == "fail":
            raise ValueError
        if isinstance(message, Gate):
            message.reached.set()
            await message.opened.wait()
        return message


async def _expire(ref: pykka.ActorRef[Sets]) -> None:
    gate = Gate()
    ref.tell(gate)
    await gate.reached.wait()  # or what is due would go before it
    ref.tell(actors.WithPriority("late", wait_timeout=0.001))
    with pytest.raises(actors.QueueWaitTimeout):
        await ref.ask(actors.WithPriority("later still", wait_timeout=0.002), block=False)
    gate.opened.set()


def test_what_an_actor_sets_in_a_hook_no_other_actor_finds() -> None:
    """Nor does it itself, in the next hook, of whichever message that comes."""

    async def main() -> list[list[str]]:
        refs = [Sets.start(name) for name in ("a", "b", "c", "d")]
        found = [await ref.proxy().found for ref in refs]
        await _expire(refs[0])
        await refs[1].stop(block=False)
        refs[2].tell("fail")
        await refs[2].stop(block=False)
        await refs[3].stop(block=False)
        return found

    assert asyncio.run(main()) == [["nobody"] * 2] * 4


class Deaf(actors.PriorityActor):
    """Fails to hear of what expires."""

    async def on_receive(self, message: Any) -> Any:
        """Wait, or echo."""
        if isinstance(message, Gate):
            message.reached.set()
            await message.opened.wait()
        return message

    def on_expired(self, message: Any) -> None:
        """Fail."""
        raise ValueError(message)


def test_an_on_expired_that_fails_leaves_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; what expires with it is answered, and the actor lives."""

    async def main() -> None:
        ref, gate = Deaf.start(), Gate()
        ref.tell(gate)
        await gate.reached.wait()
        ref.tell(actors.WithPriority("told", wait_timeout=0.01))
        asked = ref.ask(actors.WithPriority("asked", wait_timeout=0.01), block=False)
        with pytest.raises(actors.QueueWaitTimeout):
            await asked
        gate.opened.set()
        assert await ref.ask("hello", block=False) == "hello"
        await ref.stop(block=False)

    asyncio.run(main())
    assert "ValueError: told" in caplog.text
