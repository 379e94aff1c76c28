"""`PriorityActor`: the bounded priority mailbox for actors of one's own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import hypothesis.strategies as st
import pykka
import pytest
from hypothesis import given, settings

import actors
from actors import WithPriority
from tests.support import eventually
from tests.wrong import COUNTS, TIMES, Make, refused, rows

IMPORTANT = 9


class Worker(actors.PriorityActor):
    """Handles what it is told, in its order, once it is let."""

    capacity = 5

    def __init__(self) -> None:
        super().__init__()
        self.handled: list[Any] = []
        self.expired: list[Any] = []
        self.entered = threading.Event()
        self.gate = asyncio.Event()

    async def on_receive(self, message: Any) -> Any:
        """Wait at the gate, or note the message."""
        if message == "wait":
            self.entered.set()
            await self.gate.wait()
        elif message == "raise":
            raise RuntimeError
        else:
            self.handled.append(message)
        return message

    def on_expired(self, message: Any) -> None:
        """Keep it."""
        self.expired.append(message)


@pytest.fixture
def worker() -> Iterator[tuple[pykka.ActorRef[Worker], Worker]]:
    """A worker that waits at its gate."""
    ref = Worker.start()
    actor = ref._actor_weakref()
    assert actor is not None
    ref.tell("wait")
    assert actor.entered.wait(5)
    yield ref, actor
    if ref.is_alive():
        open_gate(actor)
        ref.stop()


def open_gate(actor: Worker) -> None:
    """Let a worker go on."""
    actor._host.loop.call_soon_threadsafe(actor.gate.set)


def test_what_matters_most_is_handled_first_and_equals_in_their_order(
    worker: tuple[pykka.ActorRef[Worker], Worker],
) -> None:
    """The handler gets the message, and not its wrapper."""
    ref, actor = worker
    asked = [ref.ask(WithPriority(text, priority), block=False) for text, priority in [("a", 0), ("b", 0), ("c", 9)]]
    asked.append(ref.ask("d", block=False))
    open_gate(actor)
    assert [future.get(timeout=5) for future in asked] == ["a", "b", "c", "d"]
    assert actor.handled == ["c", "a", "b", "d"]


def test_one_message_too_many_is_refused_at_once_and_none_that_was_accepted_is_lost(
    worker: tuple[pykka.ActorRef[Worker], Worker],
) -> None:
    """A tell raises, an ask has it in its future."""
    ref, actor = worker
    accepted = [ref.ask(number, block=False) for number in range(5)]
    with pytest.raises(actors.MailboxFull, match="5 operations wait; int was refused"):
        ref.tell(6)
    with pytest.raises(actors.MailboxFull):
        ref.ask(7, timeout=5)
    open_gate(actor)
    assert [future.get(timeout=5) for future in accepted] == list(range(5))


@pytest.mark.timing
def test_what_waits_too_long_is_answered_in_time_and_never_handled(
    worker: tuple[pykka.ActorRef[Worker], Worker],
) -> None:
    """While the handler before it is still awaited; a told one is heard of."""
    ref, actor = worker
    ref.tell("for ever")
    ref.tell(WithPriority("told", wait_timeout=0.1))
    begun = time.monotonic()
    with pytest.raises(actors.QueueWaitTimeout, match=r"within 0\.2 s"):
        ref.ask(WithPriority("asked", wait_timeout=0.2), timeout=5)
    assert 0.2 <= time.monotonic() - begun < 1.0
    assert actor.expired == ["told"]
    open_gate(actor)
    eventually(lambda: actor.handled == ["for ever"])


def test_what_is_due_goes_before_what_matters_more(worker: tuple[pykka.ActorRef[Worker], Worker]) -> None:
    """After half of its wait timeout."""
    ref, actor = worker
    patient = ref.ask(WithPriority("patient", wait_timeout=10), block=False)
    hasty = ref.ask(WithPriority("hasty", wait_timeout=0.4), block=False)
    urgent = ref.ask(WithPriority("urgent", IMPORTANT), block=False)
    threading.Event().wait(0.25)  # the due time itself, and not something to wait for
    open_gate(actor)
    for future in (patient, hasty, urgent):
        future.get(timeout=5)
    assert actor.handled == ["hasty", "urgent", "patient"]


def test_a_stop_waits_for_what_was_accepted_and_refuses_what_comes_after(
    worker: tuple[pykka.ActorRef[Worker], Worker],
) -> None:
    """Two stops are answered alike."""
    ref, actor = worker
    accepted = [ref.ask(number, block=False) for number in range(3)]
    stops = [ref.stop(block=False) for _ in range(2)]
    with pytest.raises(pykka.ActorDeadError):
        ref.tell("late")
    open_gate(actor)
    assert [future.get(timeout=5) for future in accepted] == [0, 1, 2]
    assert [stop.get(timeout=5) for stop in stops] == [True, True]
    assert not ref.is_alive()


class Notes(actors.PriorityActor):
    """Tells itself something in each handler."""

    capacity = 1000

    def __init__(self) -> None:
        super().__init__()
        self.handled: list[int] = []
        self.gate = threading.Event()

    def on_receive(self, message: Any) -> Any:
        """Handle it, and make a note of that."""
        self.gate.wait(5)
        if message != "note":
            self.handled.append(message)
            self.actor_ref.tell("note")


class AsyncNotes(Notes):
    """The same in `async def` handlers, which wait."""

    async def on_receive(self, message: Any) -> Any:
        """Handle it a little later."""
        await asyncio.sleep(0)
        return super().on_receive(message)


@pytest.mark.parametrize("kind", [Notes, AsyncNotes])
def test_a_stop_waits_for_what_was_accepted_though_its_handlers_tell_the_actor_more(kind: type[Notes]) -> None:
    """What they tell it after the stop isn't handled, as with an `AsyncioActor`, and harms nobody."""
    ref = kind.start()
    actor = ref._actor_weakref()
    assert actor is not None
    for number in range(10):
        ref.tell(number)
    stopped = ref.stop(block=False)
    actor.gate.set()
    assert stopped.get(timeout=5) is True
    assert actor.handled == list(range(10))


def test_an_actor_that_fails_answers_what_waits(worker: tuple[pykka.ActorRef[Worker], Worker]) -> None:
    """As Pykka's actors do when a told message raises."""
    ref, actor = worker
    ref.tell("raise")
    waiting = ref.ask("waiting", block=False)
    open_gate(actor)
    with pytest.raises(pykka.ActorDeadError):
        waiting.get(timeout=5)
    assert actor.handled == []


def test_proxies_work_through_the_same_mailbox(worker: tuple[pykka.ActorRef[Worker], Worker]) -> None:
    """Their calls wait like any message."""
    ref, actor = worker
    ref.tell("first")
    handled = ref.proxy().handled
    open_gate(actor)
    assert handled.get(timeout=5) == ["first"]


class Echo(actors.PriorityActor):
    """Handles at once, and ranks numbers by themselves."""

    capacity = 1000
    due_after = None

    def __init__(self) -> None:
        super().__init__()
        self.handled: list[int] = []

    def on_receive(self, message: Any) -> Any:
        """Note it."""
        self.handled.append(message)
        return message

    def priority_of(self, message: Any) -> int:
        """Return the last digit."""
        return int(message) % 10 if isinstance(message, int) else 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 999), max_size=60))
def test_all_that_waits_is_handled_by_priority_and_then_in_order(numbers: list[int]) -> None:
    """Held against a stable sort; the messages are all there before the first is handled."""

    async def main() -> list[int]:
        ref = Echo.start()
        asked = [ref.ask(number, block=False) for number in numbers]
        for future in asked:
            await future
        actor = ref._actor_weakref()
        assert actor is not None
        await ref.stop(block=False)
        return actor.handled

    with_host = asyncio.run(_hosted(main))
    assert with_host == sorted(numbers, key=lambda number: -(number % 10))


async def _hosted(main: Any) -> Any:
    async with actors.open_system():
        return await main()


@pytest.mark.parametrize(
    ("make", "field", "value"),
    rows(partial(WithPriority, "message"), priority=[None, True, 1.5, "high"], wait_timeout=[0, *TIMES]),
)
def test_a_place_that_can_not_be_is_refused(make: Make, field: str, value: object) -> None:
    """The error names the field."""
    refused(lambda: make(**{field: value}), field)


@pytest.mark.parametrize(("make", "field", "value"), rows(type, capacity=[0, None, *COUNTS], due_after=[2, *TIMES]))
def test_an_actor_with_a_mailbox_that_can_not_be_is_not_started(make: Make, field: str, value: object) -> None:
    """Its class is as its author wrote it, so the error names what is wrong in it."""
    cls: Any = make("Wrong", (actors.PriorityActor,), {field: value})
    refused(cls.start, field)
    assert pykka.ActorRegistry.get_by_class(cls) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("priority_of", "high"), ("priority_of", None), ("wait_timeout_of", 0), ("wait_timeout_of", "5")],
)
def test_a_place_that_an_actor_of_ones_own_invents_is_refused_to_the_sender(field: str, value: object) -> None:
    """What waits already isn't touched by it."""
    cls: Any = type("Inventive", (actors.PriorityActor,), {field: lambda _, message: value if message == "odd" else 1})
    ref = cls.start()
    refused(lambda: ref.tell("odd"), field)
    refused(lambda: ref.ask("odd"), field)
    assert ref.ask(WithPriority("even", priority=1)) is None
    ref.stop()
