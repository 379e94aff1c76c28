"""A stream: what is put into it from anywhere is taken, refused, or answered when it ends."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any

import pykka
import pytest

import actors
from actors.runtime import Stream, ask_any


def all_dead(futures: list[pykka.Future[Any]]) -> None:
    """See that each is answered, and with what."""
    for future in futures:
        with pytest.raises(actors.ActorDeadError):
            future.get(timeout=5)


def test_a_stream_gives_what_it_was_told_in_order_and_acknowledges_what_is_taken() -> None:
    """From any thread, also while it is waited for."""

    async def main() -> None:
        stream = Stream()

        def tell() -> None:
            for number in range(100):
                stream.tell(number)

        thread = threading.Thread(target=tell)
        thread.start()
        assert [await anext(stream) for _ in range(100)] == list(range(100))
        asked = ask_any(stream, "last")
        assert not asked.done()
        assert await anext(stream) == "last"
        assert asked.done()
        stream.close()
        assert [message async for message in stream] == []
        thread.join()

    asyncio.run(main())


def test_what_is_put_into_a_stream_while_it_is_closed_is_taken_or_refused() -> None:
    """From another thread, in the very moment."""

    async def main() -> None:
        for _ in range(200):
            stream, answers = Stream(), deque[Any]()
            thread = threading.Thread(target=lambda s=stream, a=answers: a.extend(ask_any(s, n) for n in range(20)))
            thread.start()
            await asyncio.sleep(0)
            stream.close()
            thread.join()
            all_dead(list(answers))

    asyncio.run(main())


def test_a_stream_ends_with_its_loop() -> None:
    """What was not taken from it is answered, and so is what comes later."""

    async def begin() -> tuple[Stream, pykka.Future[Any]]:
        stream = Stream()
        return stream, ask_any(stream, "event")

    loop = asyncio.new_event_loop()
    stream, asked = loop.run_until_complete(begin())
    loop.close()
    all_dead([asked])
    assert not stream.is_alive()
    with pytest.raises(actors.ActorDeadError):
        stream.tell("more")
