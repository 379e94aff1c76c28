"""What a full queue loses is told in its place: heard and told lost together are all that was offered, in order."""

from __future__ import annotations

import asyncio
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from actors import DeliveryPolicy, Overflow
from actors.runtime import LoopHost, hosted
from actors.runtime.delivery import Delivery
from tests.runtime.test_delivery_turns import SlowListener, turns_until_idle


class Runs:
    """The numbers that lack at one place, told run by run."""

    def __init__(self) -> None:
        self._lost: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._lost)

    def add(self, event: int | tuple[int, ...]) -> None:
        """Take in a number, or a run that was told before."""
        self._lost += event if isinstance(event, tuple) else (event,)

    def take(self) -> tuple[int, ...]:
        """Return three numbers at most, so that one place takes several events to tell."""
        run, self._lost = tuple(self._lost[:3]), self._lost[3:]
        return run


@given(
    steps=st.lists(st.integers(0, 12), max_size=40),
    window=st.integers(1, 3),
    queue=st.integers(1, 4),
    overflow=st.sampled_from([Overflow.DROP_OLDEST, Overflow.DROP_NEWEST]),
)
def test_heard_and_told_lost_are_together_what_was_offered_in_order(
    steps: list[int], window: int, queue: int, overflow: Overflow
) -> None:
    """For all numbers of events between two turns, windows, queues and overflows; the queue keeps its bound."""

    async def main() -> tuple[list[Any], int, int, int]:
        with hosted(LoopHost.on_running_loop()):
            ref = SlowListener.start()
        policy = DeliveryPolicy(window=window, queue=queue, overflow=overflow)
        delivery = Delivery(ref, policy, on_dead=lambda: None, new_losses=Runs)
        offered = longest = 0
        for number in steps:
            for _ in range(number):
                delivery.offer(offered)
                offered += 1
                longest = max(longest, delivery.queued)
            await asyncio.sleep(0)
        await turns_until_idle(delivery)
        heard: list[Any] = await ref.ask("heard", block=False)
        return [event for event, _ in heard], offered, longest, delivery.dropped

    heard, offered, longest, dropped = asyncio.run(main())
    told = [number for event in heard for number in (event if isinstance(event, tuple) else (event,))]
    assert told == list(range(offered))
    assert sum(len(event) for event in heard if isinstance(event, tuple)) == dropped
    assert longest <= queue
