"""A long scrape that everything happens to: each message comes once, in order, and nobody else is blocked by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

TOTAL = 20_000
HISTORY = "messages.getHistory"


class Ordeal:
    """One scrape of alice's, and what happens to it at certain pages."""

    def __init__(self, telegram: Loopback, system: actors.System, alice: actors.SessionRef) -> None:
        self.telegram = telegram
        self.system = system
        self.alice = alice
        telegram.add_channel("news", messages=TOTAL, members=["alice", "bob"])
        self.slow_down()

    def slow_down(self) -> None:
        """Let each page take a moment, so that there is a middle."""
        self.telegram.heal()
        self.telegram.fail(HISTORY, account="alice", delay=0.01)

    def at_page(self, number: int) -> None:
        """Wait until alice has asked for so many pages."""
        eventually(lambda: self.telegram.calls("alice").count(HISTORY) >= number, within=30)

    def suffer(self) -> None:
        """A flood wait, a cut, a restart of the session, and something more urgent; the scrape is under way still."""
        self.at_page(20)
        self.telegram.heal()
        self.telegram.fail(HISTORY, account="alice", error="FLOOD_WAIT_1", times=1)
        eventually(lambda: any(hold.reason == "FLOOD_WAIT" for hold in self.alice.status().holds))
        self.slow_down()
        self.at_page(50)
        assert self.telegram.disconnect("alice") == 1
        self.at_page(80)
        restarts = self.alice.status().restarts
        self.system.restart_session("alice")
        eventually(lambda: self.alice.status().restarts == restarts + 1)
        self.at_page(110)
        self.alice.ask(actors.SendMessage("bob", "now").with_(priority=20), timeout=10)
        self.at_page(130)

    def cancelled(self, scrape: actors.ScrapeHistory) -> actors.OperationCancelled:
        """Start a scrape, let it suffer, and cancel it; return how it ended."""
        future = self.alice.ask(scrape, block=False)
        self.suffer()
        assert not future.done()
        future.cancel()
        with pytest.raises(actors.OperationCancelled) as caught:
            future.get(timeout=10)
        self.telegram.heal()
        assert len(self.telegram.messages("bob")) == 1
        return caught.value


@pytest.fixture
def ordeal(telegram: Loopback, system: actors.System, alice: actors.SessionRef) -> Ordeal:
    """See `Ordeal`."""
    return Ordeal(telegram, system, alice)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (actors.HistoryOrder.NEWEST_FIRST, list(range(TOTAL, 0, -1))),
        (actors.HistoryOrder.OLDEST_FIRST, list(range(1, TOTAL + 1))),
    ],
    ids=["newest first", "oldest first"],
)
def test_a_scrape_of_20_000_holds_each_message_once_whatever_happens(
    ordeal: Ordeal, order: actors.HistoryOrder, expected: list[int]
) -> None:
    """What was cancelled and what goes on from its checkpoint are all messages, in order."""
    error = ordeal.cancelled(actors.ScrapeHistory("news", limit=TOTAL, order=order))
    assert 0 < len(error.partial) == error.checkpoint.done < TOTAL
    rest = ordeal.alice.ask(actors.ScrapeHistory("news", limit=TOTAL, order=order, resume=error.checkpoint), timeout=30)
    assert [message.id for message in (*error.partial, *rest.messages)] == expected
    assert rest.count == TOTAL


@pytest.mark.parametrize(
    ("order", "expected", "window"),
    [
        (actors.HistoryOrder.NEWEST_FIRST, list(range(TOTAL, 0, -1)), 3),
        (actors.HistoryOrder.OLDEST_FIRST, list(range(1, TOTAL + 1)), 1),
    ],
    ids=["newest first, three pages on their way", "oldest first, page by page"],
)
def test_a_stream_of_20_000_brings_each_message_once_whatever_happens(
    ordeal: Ordeal, collector: pykka.ActorRef[Collector], order: actors.HistoryOrder, expected: list[int], window: int
) -> None:
    """The union of the pages is all messages, in order."""
    asked: dict[str, Any] = {"limit": None, "order": order, "to": collector, "window": window}
    error = ordeal.cancelled(actors.ScrapeHistory("news", **asked))
    assert error.partial == ()
    rest = ordeal.alice.ask(actors.ScrapeHistory("news", **asked, resume=error.checkpoint), timeout=30)
    assert (rest.count, rest.messages) == (TOTAL, ())
    assert [message.id for page in received(collector) for message in page.messages] == expected


# Nobody else is blocked.


def long_scrape(telegram: Loopback, alice: actors.SessionRef, *, page: float) -> Any:
    """Start a scrape whose pages take so many seconds each, far longer than the test; return its future."""
    telegram.add_channel("news", messages=TOTAL, members=["alice", "bob"])
    telegram.fail(HISTORY, account="alice", delay=page)
    future = alice.ask(actors.ScrapeHistory("news", limit=TOTAL), block=False)
    eventually(lambda: telegram.calls("alice").count(HISTORY) >= 1)
    return future


@pytest.mark.timing
def test_a_send_is_done_before_its_wait_timeout_though_a_long_scrape_runs(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """It has less priority, but is due after half of its wait timeout, and the scrape gives way."""
    future = long_scrape(telegram, alice, page=0.2)
    begun = time.monotonic()
    sent = alice.ask(actors.SendMessage("bob", "hello").with_(wait_timeout=3), timeout=10)
    assert time.monotonic() - begun < 3
    assert (sent.id, future.done()) == (1, False)
    assert future.cancel()


@pytest.mark.both_hosts
@pytest.mark.parametrize(
    "urgent",
    [lambda to: actors.Monitor(["news"], to=to), lambda _: actors.SendMessage("bob", "now").with_(priority=6)],
    ids=["monitor", "send"],
)
def test_what_is_more_urgent_starts_within_one_page(
    telegram: Loopback,
    alice: actors.SessionRef,
    collector: pykka.ActorRef[Collector],
    urgent: Callable[[Any], actors.Operation[Any]],
) -> None:
    """The page under way ends, and no other is asked for in between."""
    future = long_scrape(telegram, alice, page=0.5)
    before = telegram.calls("alice").count(HISTORY)
    alice.ask(urgent(collector), timeout=5)
    assert telegram.calls("alice").count(HISTORY) <= before + 1
    assert not future.done()
    assert future.cancel()
