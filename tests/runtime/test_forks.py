"""Forked children: actors of their own live in them, and those of the parent say that they don't."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import cycles
from actors.runtime.place import Node
from actors.testing import Loopback

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system doesn't fork")

PATIENCE = 20.0


class Doubler(actors.AsyncioActor):
    """Doubles."""

    async def on_receive(self, message: Any) -> Any:
        """Return twice the message."""
        return message * 2


def in_a_child(work: Callable[[], Any]) -> Any:
    """Return what `work` returns in a forked child, or the error that it raises."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def run() -> None:
        try:
            found = work()
        except Exception as error:  # noqa: BLE001  the parent looks at it
            found = error
        sender.send(found)

    child = context.Process(target=run, daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads that don't come along
        child.start()
    try:
        assert receiver.poll(PATIENCE), "the child hangs"
        return receiver.recv()
    finally:
        child.kill()
        child.join()


@pytest.fixture
def doubler() -> Iterator[pykka.ActorRef[Doubler]]:
    """An actor of the parent's, which has had something to do."""
    ref = Doubler.start()
    assert ref.ask(1) == 2
    yield ref
    ref.stop()


@pytest.mark.usefixtures("doubler")
def test_a_child_has_actors_of_its_own() -> None:
    """On a loop of its own: the thread of the parent's isn't there."""
    assert in_a_child(lambda: Doubler.start().ask(21, timeout=PATIENCE)) == 42


def test_a_child_that_is_forked_in_a_systems_block_has_actors_of_its_own() -> None:
    """What was open in the parent is closed to it."""
    with actors.open_system():
        assert in_a_child(lambda: Doubler.start().ask(21, timeout=PATIENCE)) == 42


async def test_a_child_that_is_forked_on_a_loop_has_actors_of_its_own() -> None:
    """That loop runs no more in it, though its frames are still there."""
    ref = Doubler.start()
    assert await ref.ask(1, block=False) == 2
    assert in_a_child(lambda: Doubler.start().ask(21, timeout=PATIENCE)) == 42
    assert await ref.ask(2, block=False) == 4
    await asyncio.wrap_future(asyncio.get_running_loop().run_in_executor(None, ref.stop))


def test_what_a_child_sends_to_an_actor_of_its_parent_is_refused_at_once(doubler: pykka.ActorRef[Doubler]) -> None:
    """With an error that says why; the parent's actor notices nothing."""

    def tried() -> list[Any]:
        errors = []
        for send in (doubler.ask, doubler.tell):
            try:
                send(1)
            except pykka.ActorDeadError as error:
                errors.append(str(error))
        return [*errors, doubler.is_alive(), doubler.stop(), pykka.ActorRegistry.get_by_class(Doubler)]

    asked, told, *rest = in_a_child(tried)
    assert "forked" in asked
    assert told == asked
    assert rest == [False, False, []]
    assert doubler.ask(3) == 6


def test_a_lock_that_was_held_at_the_fork_is_no_lock_in_the_child(doubler: pykka.ActorRef[Doubler]) -> None:
    """Another thread of the parent may hold any of them, and isn't there to let go."""

    def tried() -> Any:
        with pytest.raises(pykka.ActorDeadError):
            doubler.ask(1)
        with cycles._noted(Node("a", "a"), Node("b", "b")):
            return Doubler.start().ask(21, timeout=PATIENCE)

    inbox: Any = doubler.actor_inbox
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with inbox.lock, cycles._lock, pykka.ActorRegistry._actor_refs_lock:
            held.set()
            over.wait(PATIENCE)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(PATIENCE)
    try:
        assert in_a_child(tried) == 42
    finally:
        over.set()
        holder.join()


def test_a_child_has_sessions_of_its_own(telegram: Loopback, system: actors.System) -> None:
    """While the parent's go on, and can't be reached. Their operations have other numbers."""
    telegram.add_session("inbox")
    alice, config = system.start_session(telegram.add_session("alice")), telegram.add_session("bob")

    def tried() -> tuple[int, str]:
        with actors.open_system() as own:
            bob = own.start_session(config)
            sending = bob.ask(actors.SendMessage("inbox", "from the child"), block=False)
            sending.get(timeout=PATIENCE)
        with pytest.raises(pykka.ActorDeadError) as refused:
            alice.ask(actors.SendMessage("inbox", "from nobody"), timeout=PATIENCE)
        return sending.operation_id, str(refused.value)

    number, error = in_a_child(tried)
    assert "forked" in error
    sending = alice.ask(actors.SendMessage("inbox", "from the parent"), block=False)
    sending.get(timeout=PATIENCE)
    assert sending.operation_id != number
    assert [message.text for message in telegram.messages("inbox")] == ["from the child", "from the parent"]


def test_a_child_leaves_its_parents_block_at_once() -> None:
    """There is nothing to drain; the parent's system lives on."""
    opener = actors.open_system()
    with opener as system:
        assert in_a_child(lambda: opener.__exit__(None, None, None)) is None
        assert not system.status().sessions


SCRIPT = """
import os, sys
import actors

class Doubler(actors.AsyncioActor):
    def on_receive(self, message):
        return message * 2

ref = Doubler.start()
ref.ask(1)
child = os.fork()
if not child:
    print(Doubler.start().ask(2), flush=True)
    sys.exit()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), ref.ask(3, timeout=10), flush=True)
ref.stop()
"""


def test_a_child_that_ends_as_programs_do_leaves_the_parents_loop_alone() -> None:
    """They share a selector: closing the loop there would make this one deaf."""
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert (done.stdout.split(), done.stderr) == (["4", "0", "6"], "")
