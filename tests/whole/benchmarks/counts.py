"""Counts of Python calls for one send, one ask, one update: the same on every machine, whatever else it does.

Each is done many times, and the median counts, so that a timer that fires in between doesn't matter. Calls of the
benchmarks themselves aren't counted, and the collector is off meanwhile. `python -m tests.whole.benchmarks.counts`
prints them as JSON; a process of its own has no log handlers and no plugins that add to them.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from types import FrameType
from typing import Any

from telethon import events
from telethon.tl.functions.messages import SendMessageRequest

import actors
from actors.runtime import AsyncioActor, LoopHost, PriorityActor, hosted
from tests.whole.benchmarks.stage import Stage, staged

__all__ = ["Count", "counted", "counts_of_asks", "counts_of_sends", "counts_of_updates", "everything"]

TIMES = 40
WARM = 30

_HERE = str(Path(__file__).parent)
_OURS = str(Path(actors.__file__).parent)
_TELETHON = f"{os.sep}telethon{os.sep}"
_ASYNCIO = f"{os.sep}asyncio{os.sep}"

Once = Callable[[int], Awaitable[Any]]


@dataclass(frozen=True)
class Count:
    """Python calls for one of something. ours: those under actors/. areas: calls by wing, or by package.

    garbage: objects that one of it leaves to the cyclic collector, which has to look at everything to find them.
    """

    total: int
    ours: int
    areas: dict[str, int]
    garbage: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {"total": self.total, "ours": self.ours, "areas": self.areas, "garbage": self.garbage}


class _Counter:
    """A profile function that counts by file; `take` returns what there was since the last time."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Take a call."""
        if event == "call":
            self._files[frame.f_code.co_filename] += 1

    def take(self) -> Counter[str]:
        """Return calls by file, and begin anew."""
        files, self._files = self._files, Counter()
        return files


def _by_area(files: Counter[str]) -> Counter[str]:
    """Return calls by the wing of ours that a file belongs to, or by whose it is; the benchmarks' own left out."""
    areas: Counter[str] = Counter()
    for file, number in files.items():
        if not file.startswith(_HERE):
            areas[_area(file)] += number
    return areas


def _area(file: str) -> str:
    if file.startswith(_OURS):
        return f"actors/{Path(file).relative_to(_OURS).parts[0]}"
    if _TELETHON in file:
        return "telethon"
    return "asyncio" if _ASYNCIO in file else "others"


async def counted(
    once: Once, *, before: Callable[[int], object] = lambda _: None, times: int = TIMES, warm: int = WARM
) -> Count:
    """Return the calls that one of it takes, once it is warm. before: what is done before each, and not counted."""
    for number in range(warm):
        before(number)
        await once(number)
    counter, seen = _Counter(), list[Counter[str]]()
    gc.collect()
    gc.disable()
    try:
        for number in range(warm, warm + times):
            before(number)
            sys.setprofile(counter)
            await once(number)
            sys.setprofile(None)
            seen.append(counter.take())
        garbage = gc.collect() // times
    finally:
        sys.setprofile(None)
        gc.enable()
    return _median([_by_area(files) for files in seen], garbage)


def _median(seen: list[Counter[str]], garbage: int) -> Count:
    areas = {area for one in seen for area in one}
    middles = {area: median_low(one[area] for one in seen) for area in sorted(areas)}
    return Count(
        total=median_low(one.total() for one in seen),
        ours=median_low(sum(many for area, many in one.items() if area.startswith("actors/")) for one in seen),
        areas={area: middle for area, middle in middles.items() if middle},
        garbage=garbage,
    )


def counts_of_sends(stage: Stage) -> dict[str, Count]:
    """Return the calls of a send, of the raw request on the same client, and of both by a plain client."""
    stage.telegram.add_session("heard")
    alice = stage.session("counted")
    same, plain = stage.ask(alice, actors.Call("client", telethon_of)), stage.client("plain-counted")
    peers = {id(client): stage.peer(client, "heard") for client in (same, plain)}

    async def ours(number: int) -> None:
        await alice.ask(actors.SendMessage("@heard", f"message {number}"))

    def raw(client: Any) -> Once:
        async def once(number: int) -> None:
            request = SendMessageRequest(peers[id(client)], f"message {number}", random_id=id(client) + number)
            await client(request)

        return once

    async def send_message(number: int) -> None:
        await plain.send_message(peers[id(plain)], f"message {number}")

    todo = {"send": ours, "raw": raw(same), "plain raw": raw(plain), "plain send_message": send_message}
    return {name: stage.run(counted(once)) for name, once in todo.items()}


async def telethon_of(client: actors.Client) -> Any:
    """Return Telethon's client of a session; the function of a `Call`."""
    return client.telethon


class Echo(AsyncioActor):
    """Answers with what it is sent, in an `async def` handler."""

    async def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message


class EchoByPriority(PriorityActor):
    """The same with a bounded priority mailbox, and a deadline for each message."""

    async def on_receive(self, message: Any) -> Any:
        """Echo."""
        return message

    def wait_timeout_of(self, message: Any) -> float:  # noqa: ARG002  the same for all
        """Return the policy table's."""
        return 60.0


async def _asks(actor_class: type[AsyncioActor]) -> Count:
    with hosted(LoopHost.on_running_loop()):
        ref = actor_class.start()
    count = await counted(lambda number: ref.ask(number, block=False))
    await ref.stop(block=False)
    return count


async def nothing(client: Any, number: int) -> int:
    """Be an operation that only answers."""
    del client
    return number


def counts_of_asks(stage: Stage) -> dict[str, Count]:
    """Return the calls of an ask of an async handler, and of an operation that does nothing."""
    alice = stage.session("asked")

    async def empty(number: int) -> None:
        await alice.ask(actors.Call("echo", nothing, number))

    return {
        "ask": stage.run(_asks(Echo)),
        "ask by priority": stage.run(_asks(EchoByPriority)),
        "operation": stage.run(counted(empty)),
    }


class Heard(AsyncioActor):
    """Takes the messages that a monitor tells it of."""

    def __init__(self, heard: asyncio.Event) -> None:
        super().__init__()
        self._heard = heard

    def on_receive(self, message: Any) -> None:
        """Say that one has come."""
        if isinstance(message, actors.MessageReceived):
            self._heard.set()


async def _monitor(stage: Stage, news: asyncio.Event) -> Count:
    config = stage.telegram.add_session("monitor")
    stage.telegram.add_channel("square", members=["author", "monitor"])
    session = await stage.system.start_session(config)
    with hosted(LoopHost.on_running_loop()):
        heard = Heard.start(news)
    await session.ask(actors.Monitor(["@square"], to=heard, lifetime=None))
    return await counted(lambda _: news.wait(), before=_post(stage, "square", news))


async def _handler(stage: Stage, client: Any, news: asyncio.Event) -> Count:
    client.add_event_handler(lambda _: _set(news), events.NewMessage())
    return await counted(lambda _: news.wait(), before=_post(stage, "circle", news))


async def _set(news: asyncio.Event) -> None:
    news.set()


def _post(stage: Stage, chat: str, news: asyncio.Event) -> Callable[[int], None]:
    """Return what posts a message to a chat; its arrival is what is counted."""

    def post(number: int) -> None:
        news.clear()
        stage.telegram.post(chat, f"post {number}", author="author")

    return post


def counts_of_updates(stage: Stage) -> dict[str, Count]:
    """Return the calls from a post to the actor that a monitor tells, and to a bare handler of Telethon's."""
    news = asyncio.Event()
    ours = stage.run(_monitor(stage, news))
    client = stage.client("handler")
    stage.telegram.add_channel("circle", members=["author", "handler"])
    return {"update": ours, "plain update": stage.run(_handler(stage, client, news))}


def everything() -> dict[str, Count]:
    """Return every count, by its name."""
    with staged(drain=0.0) as stage:
        return {**counts_of_sends(stage), **counts_of_asks(stage), **counts_of_updates(stage)}


if __name__ == "__main__":
    print(json.dumps({name: count.to_dict() for name, count in everything().items()}, indent=1))
