"""Delivery to actors on the same loop: they take one event after the other in a turn, and stay apart all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

import pykka
import pytest

from actors import AsyncioActor, DeliveryPolicy, PriorityActor
from actors.runtime import LoopHost, hosted
from actors.runtime.delivery import Delivery, EventStream

EVENTS = 5_000

who: ContextVar[str] = ContextVar("who", default="nobody")


class Listener(AsyncioActor):
    """Keeps what it hears, and who it was that it heard it as."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, str]] = []

    def hear(self, event: int) -> None:
        """Keep it, and be somebody from now on."""
        self.heard.append((event, who.get()))
        who.set(f"who heard {event}")

    def on_receive(self, message: Any) -> Any:
        """Hear an event, or tell what was heard."""
        return self.heard if message == "heard" else self.hear(message)


class AsyncListener(Listener):
    """The same with an `async def` handler."""

    async def on_receive(self, message: Any) -> Any:
        """Hear."""
        return super().on_receive(message)


class SlowListener(Listener):
    """Waits before it answers."""

    async def on_receive(self, message: Any) -> Any:
        """Hear, after a turn of the loop."""
        await asyncio.sleep(0)
        return super().on_receive(message)


class Function:
    """A recipient that is no actor: it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []

    def is_alive(self) -> bool:
        """It always is."""
        return True

    def tell(self, message: int) -> None:
        """Keep it."""
        self.heard.append((message, who.get()))


async def turns_until_idle(delivery: Delivery) -> int:
    """Wait until everything is delivered, and return how many turns of the loop that took."""
    turns = 0
    while not delivery.is_idle:
        await asyncio.sleep(0)
        turns += 1
    return turns


def delivered_to(recipient: Callable[[], Any], *, events: int, window: int = 1) -> tuple[list[Any], list[int]]:
    """Offer so many events, and return what was heard and what was answered, in order."""

    async def main() -> tuple[list[Any], list[int]]:
        answered: list[int] = []
        with hosted(LoopHost.on_running_loop()):
            to = recipient()
        delivery = Delivery(to, DeliveryPolicy(window=window), on_dead=lambda: None, on_answered=answered.append)
        who.set("the sender")
        for number in range(events):
            delivery.offer(number)
        await turns_until_idle(delivery)
        heard = to.heard if isinstance(to, Function) else await to.ask("heard", block=False)
        return heard, answered

    return asyncio.run(main())


@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("recipient", [Listener.start, AsyncListener.start, SlowListener.start, Function])
def test_a_long_queue_is_delivered_in_order_and_nothing_of_one_event_comes_with_the_next(
    recipient: Callable[[], Any], window: int
) -> None:
    """Whether the answer comes at once, in the recipient's turn, or later; however long the queue is."""
    heard, answered = delivered_to(recipient, events=EVENTS, window=window)
    assert [event for event, _ in heard] == answered == list(range(EVENTS))
    named = {name for _, name in heard}
    assert named == ({"the sender"} if recipient is Function else {"nobody"})


def test_a_long_queue_does_not_keep_the_loop_from_others() -> None:
    """After so many messages in a turn an actor lets the others have theirs."""

    async def main() -> int:
        with hosted(LoopHost.on_running_loop()):
            ref = Listener.start()
        delivery = Delivery(ref, on_dead=lambda: None)
        for number in range(EVENTS):
            delivery.offer(number)
        return await turns_until_idle(delivery)

    assert asyncio.run(main()) > EVENTS / 100


def test_a_listener_that_stops_in_the_middle_is_sent_no_more() -> None:
    """It is noticed by the answer that doesn't come."""

    class Mortal(Listener):
        def hear(self, event: int) -> None:
            super().hear(event)
            if event == 3:
                self.stop()

    async def main() -> tuple[int, int, bool]:
        deaths: list[str] = []
        dropped: list[int] = []
        with hosted(LoopHost.on_running_loop()):
            ref: pykka.ActorRef[Mortal] = Mortal.start()
        delivery = Delivery(ref, on_dead=lambda: deaths.append("dead"), on_dropped=dropped.append)
        for number in range(100):
            delivery.offer(number)
        await turns_until_idle(delivery)
        return len(deaths), delivery.delivered + len(dropped), dropped == sorted(dropped)

    assert asyncio.run(main()) == (1, 100, True)


class Tight(PriorityActor):
    """Has room for two, and takes its time."""

    capacity = 2

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []
        self.opened = asyncio.Event()

    async def on_receive(self, message: Any) -> Any:
        """Keep it when the gate is open."""
        await self.opened.wait()
        self.heard.append(message)


async def to_tight(events: int) -> tuple[Tight, Delivery, list[int], list[int], list[str]]:
    """Offer so many to one that answers nothing yet; return it, and what is answered, dropped and told of its death."""
    answered: list[int] = []
    dropped: list[int] = []
    deaths: list[str] = []
    with hosted(LoopHost.on_running_loop()):
        ref: Any = Tight.start()
    actor = ref._actor_weakref()
    delivery = Delivery(
        ref,
        DeliveryPolicy(window=4),
        on_dead=lambda: deaths.append("dead"),
        on_answered=answered.append,
        on_dropped=dropped.append,
    )
    for number in range(events):
        delivery.offer(number)
    await asyncio.sleep(0.01)
    return actor, delivery, answered, dropped, deaths


def test_what_a_full_mailbox_refuses_is_sent_again() -> None:
    """A refusal is no answer: nothing is lost, and nothing counts as delivered before it is."""

    async def main() -> None:
        actor, delivery, answered, dropped, deaths = await to_tight(20)
        assert (answered, delivery.delivered, delivery.errors) == ([], 0, 0)
        actor.opened.set()
        await turns_until_idle(delivery)
        assert actor.heard == answered == list(range(20))
        assert (dropped, deaths, delivery.errors) == ([], [], 0)

    asyncio.run(main())


def test_a_recipient_that_is_stopping_is_told_no_more_and_what_it_has_not_seen_counts_as_dropped() -> None:
    """Though it lives until it has handled what it had accepted."""

    async def main() -> None:
        actor, delivery, answered, dropped, deaths = await to_tight(20)
        stopped = actor.actor_ref.stop(block=False)
        await asyncio.sleep(0.1)
        actor.opened.set()
        await stopped
        await turns_until_idle(delivery)
        assert answered == actor.heard
        assert sorted(answered + dropped) == list(range(20))
        assert (deaths, delivery.delivered) == (["dead"], len(answered))

    asyncio.run(main())


class Choosy(PriorityActor):
    """Has no place for odd events."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []

    def priority_of(self, message: Any) -> int:
        """Refuse some."""
        if isinstance(message, int) and message % 2:
            raise ValueError("odd")
        return 0

    def on_receive(self, message: Any) -> Any:
        """Keep it."""
        self.heard.append(message)


def test_what_a_recipient_will_never_take_is_an_error_and_delays_nothing() -> None:
    """It would refuse the same event every time."""

    async def main() -> tuple[list[int], int, int]:
        with hosted(LoopHost.on_running_loop()):
            ref: Any = Choosy.start()
        delivery = Delivery(ref, on_dead=lambda: None)
        for number in range(10):
            delivery.offer(number)
        async with asyncio.timeout(5):
            await turns_until_idle(delivery)
        return ref._actor_weakref().heard, delivery.delivered, delivery.errors

    assert asyncio.run(main()) == ([0, 2, 4, 6, 8], 10, 5)


def test_a_subscriber_that_leaves_hears_no_more_and_one_that_subscribes_anew_hears_in_order() -> None:
    """Whatever waited for it."""

    async def main() -> tuple[list[int], list[int]]:
        with hosted(LoopHost.on_running_loop()):
            gone: Any = Tight.start()
            anew: Any = Tight.start()
        stream = EventStream()
        for ref in (gone, anew):
            stream.subscribe(ref)
        for number in range(10):
            stream.publish(cast("Any", number))
        assert stream.unsubscribe(gone) is True
        stream.subscribe(anew)
        for number in range(10, 20):
            stream.publish(cast("Any", number))
        actors_of = [ref._actor_weakref() for ref in (gone, anew)]
        for actor in actors_of:
            actor.opened.set()
        await asyncio.sleep(0.5)
        return actors_of[0].heard, actors_of[1].heard

    assert asyncio.run(main()) == ([0], list(range(20)))
