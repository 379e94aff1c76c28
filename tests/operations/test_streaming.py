"""Pages to an actor, at its pace: each message once and in order, nothing kept, and nobody kept waiting for it."""

from __future__ import annotations

import asyncio
import pickle
import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

OLDEST = actors.HistoryOrder.OLDEST_FIRST


class Reader(pykka.ThreadingActor):
    """Takes pages, and only while it is let; raises at the page whose number is `fails_at`."""

    use_daemon_thread = True

    def __init__(self, gate: threading.Semaphore | None = None, fails_at: int = 0) -> None:
        super().__init__()
        self.pages: list[actors.PageScraped] = []
        self._gate = gate
        self._fails_at = fails_at

    def on_receive(self, message: Any) -> Any:
        """Keep a page, or hand out what there is."""
        if message == "pages":
            return list(self.pages)
        if len(self.pages) + 1 == self._fails_at:
            self._fails_at = 0
            raise RuntimeError("planted text")
        self.pages.append(message)
        if self._gate is not None:
            self._gate.acquire(timeout=20)
        return None


@pytest.fixture
def gate() -> threading.Semaphore:
    """Lets a reader answer a page for each `release()`."""
    return threading.Semaphore(0)


@pytest.fixture(autouse=True)
def _no_reader_is_left(gate: threading.Semaphore) -> Iterator[None]:
    yield
    gate.release(10_000)
    for ref in pykka.ActorRegistry.get_by_class(Reader):
        ref.stop()


def pages(reader: pykka.ActorRef[Reader]) -> list[actors.PageScraped]:
    """Return what a reader has taken."""
    return list(reader.ask("pages", block=True, timeout=10))


def has_begun(reader: pykka.ActorRef[Reader]) -> bool:
    """Say whether a reader that isn't let go on has its first page: it can't be asked."""
    actor: Any = reader._actor_weakref()
    return bool(actor.pages)


def ids(taken: list[actors.PageScraped]) -> list[int]:
    """Return the ids of all messages, in the order they came."""
    return [message.id for page in taken for message in page.messages]


@pytest.mark.both_hosts
@pytest.mark.parametrize("window", [1, 3])
def test_all_messages_go_to_an_actor_once_and_in_order(
    telegram: Loopback, alice: actors.SessionRef, window: int
) -> None:
    """The reply holds none of them, and comes when the last page is answered."""
    telegram.add_channel("news", messages=730, members=["alice"])
    reader = Reader.start()
    asked = actors.ScrapeHistory("news", limit=None, to=reader, window=window, order=OLDEST)
    future = alice.ask(asked, block=False)
    reply = future.get(timeout=20)
    taken = pages(reader)
    assert ids(taken) == list(range(1, 731))
    assert (reply.messages, reply.count, reply.complete, reply.chat.username) == ((), 730, True, "news")
    assert [(page.session, page.operation_id, page.done, page.total) for page in taken] == [
        ("alice", future.operation_id, done, 730) for done in (100, 200, 300, 400, 500, 600, 700, 730)
    ]
    assert "news 1" not in repr(taken)


def test_a_limit_counts_what_went_to_the_actor(telegram: Loopback, alice: actors.SessionRef) -> None:
    """The newest 150."""
    telegram.add_channel("news", messages=300, members=["alice"])
    reader = Reader.start()
    reply = alice.ask(actors.ScrapeHistory("news", limit=150, to=reader), timeout=20)
    assert ids(pages(reader)) == list(range(300, 150, -1))
    assert (reply.count, reply.complete) == (150, False)


@pytest.mark.parametrize("window", [1, 2])
def test_no_more_pages_are_asked_for_than_the_actor_has_room_for(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore, window: int
) -> None:
    """A slow reader slows the reading down, and an attempt timeout is for the server alone."""
    telegram.add_channel("news", messages=500, members=["alice"])
    reader = Reader.start(gate)
    asked = actors.ScrapeHistory("news", limit=None, to=reader, window=window).with_(attempt_timeout=0.3, retries=0)
    future = alice.ask(asked, block=False)
    eventually(lambda: telegram.calls("alice").count("messages.getHistory") == window)
    assert not _happens(lambda: telegram.calls("alice").count("messages.getHistory") > window, within=0.6)
    gate.release(1)
    eventually(lambda: telegram.calls("alice").count("messages.getHistory") == window + 1)
    assert not future.done()
    gate.release(10)
    assert future.get(timeout=10).count == 500
    assert ids(pages(reader)) == list(range(500, 0, -1))


def _happens(condition: Any, *, within: float) -> bool:
    try:
        return bool(eventually(condition, within=within))
    except AssertionError:
        return False


def test_a_scrape_that_waits_for_its_actor_gives_way(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore
) -> None:
    """What is more urgent runs while the actor thinks, and then the scrape goes on."""
    telegram.add_channel("news", messages=300, members=["alice", "bob"])
    reader = Reader.start(gate)
    future = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader), block=False)
    eventually(lambda: has_begun(reader))
    alice.ask(actors.SendMessage("bob", "now").with_(priority=20), timeout=5)
    assert not future.done()
    gate.release(10)
    assert future.get(timeout=10).count == 300
    assert ids(pages(reader)) == list(range(300, 0, -1))


def test_a_scrape_that_waits_for_its_actor_can_be_cancelled_and_gone_on_with(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore
) -> None:
    """The page that the actor has counts as read; the checkpoint is picklable."""
    telegram.add_channel("news", messages=300, members=["alice"])
    reader = Reader.start(gate)
    future = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader), block=False)
    eventually(lambda: has_begun(reader))
    future.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        future.get(timeout=5)
    assert (caught.value.partial, caught.value.checkpoint.done) == ((), 100)
    checkpoint = pickle.loads(pickle.dumps(caught.value.checkpoint))  # noqa: S301  our own
    gate.release(10)
    rest = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader, resume=checkpoint), timeout=10)
    assert (rest.count, ids(pages(reader))) == (300, list(range(300, 0, -1)))


def test_an_actor_that_takes_too_long_ends_the_scrape_by_its_run_timeout(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore
) -> None:
    """The time that the actor takes counts as running."""
    telegram.add_channel("news", messages=300, members=["alice"])
    reader = Reader.start(gate)
    with pytest.raises(actors.OperationTimeout) as caught:
        alice.ask(actors.ScrapeHistory("news", limit=None, to=reader).with_(run_timeout=0.5), timeout=10)
    assert caught.value.checkpoint.done == 100


# Receivers that fail.


@pytest.mark.parametrize("window", [1, 3])
def test_an_actor_that_raises_ends_the_scrape_before_the_page_that_it_did_not_take(
    telegram: Loopback, alice: actors.SessionRef, window: int
) -> None:
    """Gone on with from the checkpoint, that page comes again and none is lost; the error shows no text."""
    telegram.add_channel("news", messages=1000, members=["alice"])
    reader = Reader.start(fails_at=4)
    with pytest.raises(actors.ReceiverFailed) as caught:
        alice.ask(actors.ScrapeHistory("news", limit=None, to=reader, window=window, order=OLDEST), timeout=20)
    error = caught.value
    assert (error.reason, error.checkpoint.done) == ("RuntimeError", 300)
    assert "planted" not in str(error) + repr(error)
    taken = ids(pages(reader))
    assert taken[:300] == list(range(1, 301))
    if window == 1:
        assert len(taken) == 300
    rest = actors.ScrapeHistory("news", limit=None, to=reader, order=OLDEST, resume=error.checkpoint)
    assert alice.ask(rest, timeout=20).count == 1000
    assert ids(pages(reader))[len(taken) :] == list(range(301, 1001))


def test_an_actor_that_has_stopped_ends_the_scrape(telegram: Loopback, alice: actors.SessionRef) -> None:
    """With the checkpoint from before the page that nobody took."""
    telegram.add_channel("news", messages=300, members=["alice"])
    reader = Reader.start()
    reader.stop()
    with pytest.raises(actors.ReceiverFailed) as caught:
        alice.ask(actors.ScrapeHistory("news", limit=None, to=reader), timeout=20)
    assert (caught.value.reason, caught.value.checkpoint.done) == ("ActorDeadError", 0)
    assert alice.ask(actors.ScrapeHistory("news", limit=10)).count == 10


@pytest.mark.both_hosts
def test_an_actor_that_stops_in_the_middle_ends_the_scrape(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore
) -> None:
    """The page that it had, but hadn't answered, isn't taken for read."""
    telegram.add_channel("news", messages=500, members=["alice"])
    reader = Reader.start(gate)
    future = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader, window=2), block=False)
    eventually(lambda: telegram.calls("alice").count("messages.getHistory") == 2)
    reader.stop(block=False)
    gate.release(10)
    with pytest.raises(actors.ReceiverFailed) as caught:
        future.get(timeout=10)
    assert caught.value.checkpoint.done == len(pages_of_stopped(caught.value.checkpoint))


def pages_of_stopped(checkpoint: actors.Checkpoint) -> range:
    """Return the ids that a checkpoint of a scrape of 500, newest first, counts as read."""
    return range(checkpoint.position.mark, 501) if checkpoint.position.mark else range(0)


class Sleeper(actors.AsyncioActor):
    """An actor of this runtime that takes its time on the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    async def on_receive(self, message: Any) -> Any:
        """Take a page in, slowly."""
        if message == "seen":
            return list(self.seen)
        await asyncio.sleep(0.01)
        self.seen += [each.id for each in message.messages]
        return None


@pytest.mark.both_hosts
def test_an_actor_on_the_same_loop_gets_pages_too(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """And so does one that keeps everything it is sent."""
    telegram.add_channel("news", messages=250, members=["alice"])
    sleeper = Sleeper.start()
    assert alice.ask(actors.ScrapeHistory("news", limit=None, to=sleeper), timeout=20).count == 250
    assert sleeper.ask("seen") == list(range(250, 0, -1))
    sleeper.stop()
    alice.ask(actors.ScrapeHistory("news", limit=None, to=collector), timeout=20)
    assert ids(received(collector)) == list(range(250, 0, -1))


# Nothing is kept.


class Counter(pykka.ThreadingActor):
    """Counts messages, and notes at times how much memory there is in use."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.memory: list[int] = []

    def on_receive(self, message: Any) -> Any:
        """Take a page in, or say what there was."""
        if message == "memory":
            return list(self.memory)
        self.count += len(message.messages)
        if self.count % 2_000 == 0:
            self.memory.append(tracemalloc.get_traced_memory()[0])
        return None


def test_memory_stays_flat_while_many_messages_go_by(telegram: Loopback, alice: actors.SessionRef) -> None:
    """In the second half of 20,000 it is no more than in the first; 10,000 snapshots would be some 10 MB."""
    telegram.add_channel("news", messages=20_000, members=["alice"])
    counter = Counter.start()
    tracemalloc.start()
    try:
        reply = alice.ask(actors.ScrapeHistory("news", limit=None, to=counter), timeout=60)
        memory = counter.ask("memory", block=True, timeout=10)
    finally:
        tracemalloc.stop()
        counter.stop()
    assert (reply.count, len(memory)) == (20_000, 10)
    assert max(memory[5:]) - max(memory[1:5]) < 1_000_000
