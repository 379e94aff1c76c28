"""A page of a history that is asked for ahead: one and never more, and each message still comes once and in order."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

import actors
from actors.testing import Loopback
from tests.operations.test_streaming import Reader, _happens, has_begun, ids, pages
from tests.support import eventually

HISTORY = "messages.getHistory"
NEWEST, OLDEST = actors.HistoryOrder


def asked(telegram: Loopback) -> int:
    """Return how many pages alice has asked for."""
    return [str(call) for call in telegram.calls("alice")].count(HISTORY)


@pytest.fixture
def gate() -> Any:
    """Lets a reader answer a page for each `release()`; all of them at the end."""
    gate = threading.Semaphore(0)
    yield gate
    gate.release(10_000)


def test_one_page_is_asked_for_while_the_actor_handles_the_one_before_and_never_more(
    telegram: Loopback, alice: actors.SessionRef, gate: threading.Semaphore
) -> None:
    """Beyond what its window has room for."""
    telegram.add_channel("news", messages=500, members=["alice"])
    reader = Reader.start(gate)
    future = alice.ask(actors.ScrapeHistory("news", limit=None, to=reader, prefetch=True), block=False)
    eventually(lambda: has_begun(reader) and asked(telegram) == 2)
    assert not _happens(lambda: asked(telegram) > 2, within=0.3)
    gate.release(1)
    eventually(lambda: asked(telegram) == 3)
    gate.release(10)
    assert future.get(timeout=10).count == 500
    assert ids(pages(reader)) == list(range(500, 0, -1))
    assert asked(telegram) == 6  # the last one says that there are no more
    reader.stop()


@pytest.mark.parametrize("to_an_actor", [True, False])
@pytest.mark.parametrize(("order", "limit"), [(NEWEST, None), (NEWEST, 150), (OLDEST, None), (OLDEST, 300)])
def test_a_prefetched_history_is_the_same_history(
    telegram: Loopback, alice: actors.SessionRef, order: actors.HistoryOrder, limit: int | None, *, to_an_actor: bool
) -> None:
    """In either order, and no page is asked for beyond the limit."""
    telegram.add_channel("news", messages=430, members=["alice"])
    every = list(range(1, 431)) if order is OLDEST else list(range(430, 0, -1))
    reader = Reader.start() if to_an_actor else None
    limit = 1000 if limit is None and reader is None else limit
    reply = alice.ask(actors.ScrapeHistory("news", limit, order=order, to=reader, prefetch=True), timeout=10)
    found = [message.id for message in reply.messages] if reader is None else ids(pages(reader))
    assert found == every[:limit]
    assert asked(telegram) == (5 if limit is None or limit > 430 else -(-limit // 100))
    if reader is not None:
        reader.stop()


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_a_prefetched_history_survives_what_any_other_does(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, order: actors.HistoryOrder
) -> None:
    """A flood wait, a cut, a restart, something more urgent, a cancel: each message comes once, in order."""
    telegram.add_channel("news", messages=3000, members=["alice"])
    telegram.fail(HISTORY, account="alice", delay=0.02)
    reader = Reader.start()
    scrape = actors.ScrapeHistory("news", limit=None, order=order, to=reader, prefetch=True)
    future = alice.ask(scrape, block=False)
    eventually(lambda: asked(telegram) >= 4)
    telegram.heal()
    telegram.fail(HISTORY, account="alice", error="FLOOD_WAIT_1", times=1)
    eventually(lambda: any(hold.reason == "FLOOD_WAIT" for hold in alice.status().holds))
    telegram.fail(HISTORY, account="alice", delay=0.02)
    eventually(lambda: asked(telegram) >= 9)
    telegram.disconnect("alice")
    eventually(lambda: asked(telegram) >= 13)
    system.restart_session("alice")
    eventually(lambda: asked(telegram) >= 18)
    alice.ask(actors.SendMessage("me", "now").with_(priority=20), timeout=10)
    eventually(lambda: asked(telegram) >= 22)
    future.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        future.get(timeout=10)
    telegram.heal()
    resume = pickle.loads(pickle.dumps(caught.value.checkpoint))  # noqa: S301  our own
    rest = actors.ScrapeHistory("news", limit=None, order=order, to=reader, prefetch=True, resume=resume)
    assert alice.ask(rest, timeout=10).count == 3000
    assert ids(pages(reader)) == (list(range(1, 3001)) if order is OLDEST else list(range(3000, 0, -1)))
    reader.stop()


def test_an_export_that_prefetches_writes_each_message_once(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """Also when a page that was asked for ahead has failed."""
    telegram.add_channel("news", messages=1000, members=["alice"])
    telegram.fail(HISTORY, account="alice", delay=0.02)
    export = actors.ExportHistory("news", tmp_path / "news.jsonl", prefetch=True)
    future = alice.ask(export, block=False)
    eventually(lambda: asked(telegram) >= 4)
    telegram.heal()
    telegram.fail(HISTORY, account="alice", error="RPC_CALL_FAIL", code=500, times=1)
    assert future.get(timeout=10).count == 1000
    lines = (tmp_path / "news.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(1, 1001))


def test_a_page_that_was_asked_for_ahead_is_dropped_when_the_actor_fails(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """The checkpoint is that of the page which the actor didn't take, and the next scrape begins there."""
    telegram.add_channel("news", messages=500, members=["alice"])
    reader = Reader.start(fails_at=2)
    scrape = actors.ScrapeHistory("news", limit=None, to=reader, prefetch=True)
    with pytest.raises(actors.ReceiverFailed) as caught:
        alice.ask(scrape, timeout=10)
    assert caught.value.checkpoint.done == 100
    again = actors.ScrapeHistory("news", limit=None, to=reader, prefetch=True, resume=caught.value.checkpoint)
    alice.ask(again, timeout=10)
    assert ids(pages(reader)) == list(range(500, 0, -1))
    reader.stop()
