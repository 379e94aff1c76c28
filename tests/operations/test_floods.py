"""Every operation through a flood wait of each method that it calls, listed or not: kept to its end, and no longer."""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

SECONDS = 2
"""What the server asks for."""

BIG = 10 * 1024 * 1024 + 1
"""Bytes of a file whose parts go by a method of their own."""

BACKGROUND = {"updates.getDifference"}
"""What a session calls by itself, once it has connected."""


@dataclass
class Ground:
    """Where the operations are tried: a channel, a file in it, and a folder for files."""

    telegram: Loopback
    collector: pykka.ActorRef[Collector]
    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    file: int = 0

    def path(self, size: int = 0) -> Path:
        """Return the path of a new file of so many bytes; of none for 0."""
        path = self.folder / f"file{next(self.numbers)}"
        if size:
            path.write_bytes(b"x" * size)
        return path


async def every_read(client: actors.Client) -> int:
    """Ask what no operation of the library's asks just so."""
    chat = await client.resolve("news")
    await client.newest([chat])
    await client.server_time()
    page = await client.history(chat, limit=1)
    return page.total


Make = Callable[[Ground], actors.Operation[Any]]

OPERATIONS: dict[type[actors.Operation[Any]], list[Make]] = {
    actors.Call: [lambda _: actors.Call("reading", every_read)],
    actors.CallInThread: [lambda _: actors.CallInThread("waiting", time.sleep, 0)],
    actors.DownloadFile: [lambda on: actors.DownloadFile("news", on.file, on.path(), window=1)],
    actors.ExportHistory: [lambda on: actors.ExportHistory("news", on.folder / f"{next(on.numbers)}.jsonl")],
    actors.Monitor: [
        lambda on: actors.Monitor(["news"], to=on.collector),
        lambda on: actors.Monitor(to=on.collector),
    ],
    actors.ScrapeDialogs: [lambda _: actors.ScrapeDialogs()],
    actors.ScrapeHistory: [
        lambda _: actors.ScrapeHistory("news", limit=250),
        lambda _: actors.ScrapeHistory("news", search="news", author="bob", order=actors.HistoryOrder.OLDEST_FIRST),
    ],
    actors.ScrapeParticipants: [lambda _: actors.ScrapeParticipants("news")],
    actors.SendFile: [
        lambda on: actors.SendFile("bob", on.path(1000), window=1),
        lambda on: actors.SendFile("bob", on.path(BIG), window=1),
    ],
    actors.SendMessage: [lambda on: actors.SendMessage("bob", f"text {next(on.numbers)}")],
    actors.StopMonitor: [lambda _: actors.StopMonitor(1)],
}


def test_every_operation_of_the_library_is_walked() -> None:
    """By reflection: a new one has to come into the table."""
    public = [getattr(actors, name) for name in actors.__all__]
    kinds = {kind for kind in public if inspect.isclass(kind) and issubclass(kind, actors.Operation)}
    assert {kind for kind in kinds if not inspect.isabstract(kind)} == OPERATIONS.keys()


WALKS = [(kind.__name__, number) for kind, makes in OPERATIONS.items() for number in range(len(makes))]


def made(walk: tuple[str, int], ground: Ground) -> actors.Operation[Any]:
    """Return the operation of a walk."""
    name, number = walk
    return OPERATIONS[getattr(actors, name)][number](ground)


class Walker:
    """A session of an account that has called nothing yet, and what becomes of the operations that it gets."""

    def __init__(self, ground: Ground, system: actors.System, name: str) -> None:
        self.name = name
        self._telegram = ground.telegram
        config = ground.telegram.add_session(name)
        ground.telegram.join("news", name)
        self.session = system.start_session(config)
        self.ended: dict[int, float] = {}

    def calls(self) -> list[Any]:
        """Return what the server saw of the account."""
        return list(self._telegram.calls(self.name))

    def ask(self, operation: actors.Operation[Any]) -> Any:
        """Ask, and note when it ends."""
        future = self.session.ask(operation, block=False)
        future.add_done_callback(lambda done: self.ended.setdefault(id(done), time.monotonic()))
        return future

    def methods(self, operation: actors.Operation[Any]) -> list[str]:
        """Return the methods that an operation calls."""
        self._telegram.forget_calls(self.name)
        self.session.ask(operation, timeout=30)
        return sorted({str(call) for call in self.calls()} - BACKGROUND)


@pytest.fixture
def ground(telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector], tmp_path: Path) -> Ground:
    """Lay it out."""
    ground = Ground(telegram, collector, tmp_path)
    bob = telegram.add_session("bob")
    telegram.add_channel("news", messages=150, members=["bob"])
    for number in range(3):
        telegram.post("news", f"news {number}", author="bob")
    session = system.start_session(bob)
    ground.file = session.ask(actors.SendFile("news", ground.path(1000)), timeout=30).id
    session.stop()
    return ground


@dataclass
class Flooded:
    """An operation whose method is flooded, the same again behind it, and one that needs nothing of Telegram."""

    method: str
    walker: Walker
    first: Any
    again: Any
    free: Any

    def has_called(self) -> bool:
        """Say whether the method was called."""
        return self.method in self.walker.calls()


async def nothing(client: actors.Client) -> str:
    """Need nothing of Telegram."""
    del client
    return "free"


@pytest.mark.slow
@pytest.mark.parametrize("walk", WALKS, ids=[f"{name}-{number}" for name, number in WALKS])
def test_it_keeps_a_flood_wait_of_each_method_that_it_calls_and_gives_the_slot_back_meanwhile(
    ground: Ground, system: actors.System, walk: tuple[str, int]
) -> None:
    """Nothing calls the method before the end, one event tells of it, and then both operations are done."""
    floods = Collector.start()
    system.subscribe(floods, actors.FloodWaiting)
    name = "".join(map(str, walk)).lower()
    methods = Walker(ground, system, f"{name}walker").methods(made(walk, ground))
    assert bool(methods) is (walk[0] not in {"CallInThread", "StopMonitor"}), "a walk past everything"
    flooded: list[Flooded] = []
    for number, method in enumerate(methods):
        walker = Walker(ground, system, f"{name}n{number}")
        ground.telegram.forget_calls(walker.name)
        ground.telegram.fail(method, account=walker.name, error=f"FLOOD_WAIT_{SECONDS}", times=1)
        first, again = walker.ask(made(walk, ground)), walker.ask(made(walk, ground))
        free = walker.ask(actors.Call("free", nothing).with_(priority=-1))
        flooded.append(Flooded(method, walker, first, again, free))
        eventually(flooded[-1].has_called)  # the next walker's coming would tell this one whom the names mean
    for one in flooded:
        one.first.get(timeout=30)
        one.again.get(timeout=30)
        at = [call.at for call in one.walker.calls() if call == one.method]
        assert len(at) > 1, "it wasn't tried again"
        early = [round(each - at[0], 3) for each in at[1:] if each - at[0] < SECONDS]
        assert early == [], f"{one.method} was called while it was held"
        assert one.free.get(timeout=30) == "free"
        assert one.walker.ended[id(one.free)] < one.walker.ended[id(one.first)], "the slot was kept"
    told = sorted((event.session, event.key, event.seconds) for event in received(floods))
    assert told == sorted((one.walker.name, f"method:{one.method}", float(SECONDS)) for one in flooded)
    floods.stop()


class Flooding(pykka.ThreadingActor):
    """Takes pages, and has the request after the second one flooded before it answers that."""

    use_daemon_thread = True

    def __init__(self, telegram: Loopback) -> None:
        super().__init__()
        self._telegram = telegram
        self._pages = 0

    def on_receive(self, message: Any) -> None:
        """Count it."""
        self._pages += isinstance(message, actors.PageScraped)
        if self._pages == 2:
            self._telegram.fail("messages.getHistory", account="alice", error=f"FLOOD_WAIT_{SECONDS}", times=1)


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_flood_wait_between_pages_is_kept_and_costs_no_page(
    telegram: Loopback, alice: actors.SessionRef, *, prefetch: bool
) -> None:
    """Somebody else has the slot meanwhile, and the reading goes on where it was."""
    telegram.add_channel("news", messages=730, members=["alice"])
    reader = Flooding.start(telegram)
    reading = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader, prefetch=prefetch), block=False)
    eventually(lambda: alice.status().holds)
    assert alice.ask(actors.Call("free", nothing), timeout=SECONDS - 1) == "free"
    assert reading.get(timeout=20).count == 730
    at = [call.at for call in telegram.calls("alice") if call == "messages.getHistory"]
    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert sum(pause >= SECONDS for pause in pauses) == 1
    assert len(at) == 1 + 8
    reader.stop()
