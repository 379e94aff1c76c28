"""Many actors and many messages: no thread each, no leak, no wait that grows with the square."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from typing import Any

import pykka
import pytest

import actors


class Echo(actors.AsyncioActor):
    """Answers with what it is sent."""

    def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


def test_ten_thousand_actors_start_answer_once_and_stop_on_one_thread() -> None:
    """In seconds, and nothing is left of them."""
    Echo.start().stop()  # the loop's own thread is there from now on
    before = threading.active_count()
    begun = time.monotonic()
    refs = [Echo.start() for _ in range(10_000)]
    answers = [ref.ask(number, block=False) for number, ref in enumerate(refs)]
    assert [answer.get(timeout=30) for answer in answers] == list(range(10_000))
    assert threading.active_count() == before
    stops = [ref.stop(block=False) for ref in refs]
    assert all(stop.get(timeout=30) for stop in stops)
    assert time.monotonic() - begun < 30
    assert pykka.ActorRegistry.get_by_class(Echo) == []


def test_a_hundred_thousand_messages_leave_nothing_behind() -> None:
    """Objects and memory are counted."""
    ref = Echo.start()

    def burst(number: int) -> None:
        for message in range(number):
            ref.tell(message)
        assert ref.ask("done") == "done"
        gc.collect()

    burst(1_000)
    objects = len(gc.get_objects())
    tracemalloc.start()
    burst(1_000)
    memory = tracemalloc.get_traced_memory()[0]
    for _ in range(10):
        burst(10_000)
    grown = tracemalloc.get_traced_memory()[0] - memory
    tracemalloc.stop()
    assert len(gc.get_objects()) - objects < 1_000
    assert grown < 100_000
    ref.stop()


@pytest.mark.both_hosts
def test_twenty_thousand_operations_leave_nothing_behind(alice: actors.SessionRef) -> None:
    """Entries, futures, contexts and tasks are let go."""

    async def nothing(client: actors.Client) -> None:
        del client

    operation = actors.Call("nothing", nothing)

    def burst(number: int) -> None:
        for _ in range(number // 50):
            for future in [alice.ask(operation, block=False) for _ in range(50)]:
                future.get(timeout=30)
        gc.collect()

    burst(1_500)  # as many as `why` remembers
    objects = len(gc.get_objects())
    burst(20_000)
    assert len(gc.get_objects()) - objects < 1_000
