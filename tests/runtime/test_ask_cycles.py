"""Who waits for whom: a circle of asks is refused with its path, and nobody is bound by a wait that isn't his own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import ActorFuture
from actors.testing import Loopback
from tests.runtime.askers import Asker
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
def test_a_circle_is_seen_through_a_derived_future(alice: actors.SessionRef, telegram: Loopback) -> None:
    """`map` and `join` wait for the same replies."""
    telegram.add_session("bob")

    async def awaits(client: actors.Client) -> Any:
        del client
        return await alice.ask(actors.SendMessage("bob", "hello"), block=False).map(str)

    with pytest.raises(actors.AskCycle):
        alice.ask(actors.Call("awaits", awaits), timeout=5)


class Stops(actors.AsyncioActor):
    """Waits in its handler for the stop of whoever it is told."""

    async def on_receive(self, message: Any) -> Any:
        """Stop it, and wait for that."""
        return await (self.actor_ref if message == "yourself" else message).stop(block=False)


def test_whoever_waits_for_its_own_stop_is_told_so() -> None:
    """It can not end before it ends; it stops all the same, and whoever stops another is answered."""
    ref = Stops.start()
    with pytest.raises(actors.AskCycle):
        ref.ask("yourself", timeout=5)
    eventually(lambda: not ref.is_alive())
    assert Stops.start().ask(Stops.start(), timeout=5) is True
