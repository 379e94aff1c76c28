"""Who waits for whom: a task isn't bound by who sent the message, nor by a handler that has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import ActorFuture
from tests.support import eventually


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """No actor outlives its test."""
    yield
    pykka.ActorRegistry.stop_all(timeout=5)


class Busy(actors.AsyncioActor):
    """Tells another of itself, and is busy for a while; asked for anything else, it echoes."""

    async def on_receive(self, message: Any) -> Any:
        """Tell, and be busy until the other has gone on."""
        if isinstance(message, pykka.ActorRef):
            reacted: ActorFuture[Any] = ActorFuture()
            message.tell((self.actor_ref, reacted))
            self.gate = asyncio.Event()
            await self.gate.wait()
        return message


class Reacts(actors.AsyncioActor):
    """Asks in a task of its own whoever told it something."""

    def on_receive(self, message: Any) -> None:
        """Begin to ask."""
        sender, reacted = message
        self.task = asyncio.get_running_loop().create_task(self.react(sender, reacted))
        sender._actor_weakref().gate.set()

    async def react(self, sender: pykka.ActorRef[Any], reacted: ActorFuture[Any]) -> None:
        """Ask."""
        self.answer = await sender.ask("hello", block=False)
        del reacted


def test_a_task_that_a_handler_makes_waits_for_its_sender_who_does_not_wait_for_it() -> None:
    """The sender's stay at its own actor isn't that of whoever it told something."""
    busy, reacts = Busy.start(), Reacts.start()
    busy.ask(reacts, timeout=5)
    actor: Any = reacts._actor_weakref()
    assert eventually(lambda: getattr(actor, "answer", None)) == "hello"


class Remembers(actors.AsyncioActor):
    """Makes a task in its handler that asks this same actor, after the handler has ended."""

    async def on_receive(self, message: Any) -> Any:
        """Make it, or echo."""
        if isinstance(message, ActorFuture):
            self.over = asyncio.Event()
            self.task = asyncio.get_running_loop().create_task(self.ask_again(message))
            asyncio.get_running_loop().call_soon(self.over.set)
            return None
        return message

    async def ask_again(self, answered: ActorFuture[Any]) -> None:
        """Ask."""
        await self.over.wait()
        await asyncio.sleep(0)
        try:
            answered.set(await self.actor_ref.ask("hello", block=False))
        except actors.AskCycle:
            answered.set_exception()


def test_a_task_that_outlives_its_handler_may_ask_the_same_actor() -> None:
    """It isn't part of what the actor is busy with any more."""
    answered: ActorFuture[Any] = ActorFuture()
    Remembers.start().ask(answered, timeout=5)
    assert answered.get(timeout=5) == "hello"


class Titled(actors.AsyncioActor):
    """Has a name of its own for people, and asks itself."""

    def __str__(self) -> str:
        return "the one and only"

    async def on_receive(self, message: Any) -> Any:
        """Wait for oneself."""
        return await self.actor_ref.ask(message, block=False)


def test_a_circle_is_seen_whatever_an_actor_calls_itself() -> None:
    """It is the same actor as the one that its reference stands for."""
    with pytest.raises(actors.AskCycle):
        Titled.start().ask("hello", timeout=5)
