"""What an actor's failures and interrupts end: the actor, all actors, or the loop; and that nobody waits afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from tests.support import eventually


class Fails:
    """Handles what it gets by failing in one way or another."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.gate = threading.Event()

    def on_receive(self, message: Any) -> Any:
        """Fail, promise to, promise nothing good, or do it well."""
        match message:
            case "boom":
                raise ValueError
            case "boom later":
                return actors.later(self.fail(ValueError()))
            case "exit later":
                return actors.later(self.fail(SystemExit(1)))
            case "never":
                return actors.later(asyncio.Event().wait())
            case "busy":
                return asyncio.to_thread(self.gate.wait, 1)
            case "be cancelled":
                return self.be_cancelled()
            case "be cancelled later":
                return actors.later(self.be_cancelled())
            case "interrupt":
                raise KeyboardInterrupt
            case "interrupt in a coroutine":
                return self.fail(KeyboardInterrupt())
        return message

    async def fail(self, error: BaseException) -> None:
        """Fail."""
        raise error

    async def be_cancelled(self) -> None:
        """Be cancelled by a stranger."""
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    def on_failure(self, *_: object) -> None:
        """Hear of the failure."""
        self.heard.append("failure")

    def on_stop(self) -> None:
        """Hear of the stop."""
        self.heard.append("stop")


class Actor(Fails, actors.AsyncioActor):
    """As most are."""


class ByPriority(Fails, actors.PriorityActor):
    """With a mailbox."""


both_kinds = pytest.mark.parametrize("kind", [Actor, ByPriority])


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """Stopping all actors waits for none."""
    yield
    pykka.ActorRegistry.stop_all(timeout=5)


def start(kind: type[Any]) -> tuple[pykka.ActorRef[Any], Any]:
    """Start an actor; return its reference and itself."""
    ref = kind.start()
    return ref, ref._actor_weakref()


def nobody_waits(ref: pykka.ActorRef[Any], actor: Any, *asked: pykka.Future[Any]) -> None:
    """See that an actor is dead, has answered, and is forgotten."""
    for future in asked:
        with pytest.raises(actors.ActorDeadError):
            future.get(timeout=5)
    assert not ref.is_alive()
    assert ref not in pykka.ActorRegistry.get_all()
    eventually(lambda: ref.actor_urn not in actor._host.actors)


@both_kinds
@pytest.mark.parametrize(
    ("message", "heard"),
    [("boom", "failure"), ("boom later", "failure"), ("exit later", "stop"), ("be cancelled", "failure")],
)
def test_a_told_message_that_fails_stops_the_actor_and_answers_everybody(
    kind: type[Any], message: str, heard: str
) -> None:
    """Also when it fails outside of the actor's turn, and no other message comes."""
    ref, actor = start(kind)
    promised = ref.ask("never", block=False)
    ref.tell(message)
    nobody_waits(ref, actor, promised)
    assert actor.heard == [heard]


@both_kinds
def test_a_stop_behind_a_told_message_that_fails_is_answered(kind: type[Any]) -> None:
    """The actor has stopped, though otherwise than was asked for."""
    ref, actor = start(kind)
    promised = ref.ask("never", block=False)
    ref.tell("busy")
    ref.tell("boom")
    stops = [ref.stop(block=False) for _ in range(2)]
    actor.gate.set()
    assert [stop.get(timeout=5) for stop in stops] == [True, True]
    nobody_waits(ref, actor, promised)


@both_kinds
def test_a_stop_behind_a_busy_handler_is_answered_when_its_system_is_left(kind: type[Any]) -> None:
    """The handler never ends."""
    with actors.open_system():
        ref, actor = start(kind)
        promised = ref.ask("never", block=False)
        ref.tell("busy")
        stop = ref.stop(block=False)
    assert stop.get(timeout=5) is True
    nobody_waits(ref, actor, promised)
    actor.gate.set()


@both_kinds
@pytest.mark.parametrize("message", ["be cancelled", "be cancelled later"])
def test_an_ask_whose_task_a_stranger_cancels_hears_that_and_the_actor_lives(kind: type[Any], message: str) -> None:
    """Though there is nothing else on its loop, which could as well be about to end."""
    ref, _ = start(kind)
    asked = [ref.ask(message, block=False), ref.ask(message, block=False)]
    assert ref.ask("hello", timeout=5) == "hello"
    for future in asked:
        with pytest.raises(asyncio.CancelledError):
            future.get(timeout=5)
    assert ref.is_alive()


class InterruptedAtStart(actors.AsyncioActor):
    """Is hit by a Ctrl-C before its first message."""

    def on_start(self) -> None:
        """Be interrupted."""
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("kind", "message"),
    [(Actor, "interrupt"), (Actor, "interrupt in a coroutine"), (ByPriority, "interrupt"), (InterruptedAtStart, "")],
)
def test_a_ctrl_c_in_an_actor_reaches_whoever_runs_its_loop(kind: type[Any], message: str) -> None:
    """All actors are stopped, as by Pykka, and the program hears of it, as without actors."""
    loop = asyncio.new_event_loop()

    async def main() -> None:
        ref = kind.start()
        ref.tell(message)
        await asyncio.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(main())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert pykka.ActorRegistry.get_all() == []


def test_a_ctrl_c_of_an_actor_on_a_thread_of_ours_leaves_the_loop_alone() -> None:
    """Nobody there would hear of it."""
    ref = Actor.start()
    with pytest.raises(KeyboardInterrupt):
        ref.ask("interrupt", timeout=5)
    eventually(lambda: not pykka.ActorRegistry.get_all())
    assert Actor.start().ask("hello", timeout=5) == "hello"
