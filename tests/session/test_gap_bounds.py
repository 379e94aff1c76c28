"""What is kept of gaps has bounds, whatever the number of chats; what doesn't fit is told, or found in another way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pykka
import pytest

import actors
from actors.model.content import Message, Peer
from actors.operations import Watch
from actors.runtime import ActorFuture
from actors.runtime.delivery import EventStream
from actors.runtime.stream import Stream
from actors.session.dedupe import Dedupe
from actors.session.monitoring.gaps import Gaps
from actors.session.monitoring.monitor import RunningMonitor
from actors.session.monitoring.suspects import MOST
from actors.session.monitoring.teller import TOO_MANY
from actors.testing import Loopback
from tests.support import Collector, eventually, received

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(chat: int, number: int = 1) -> Message:
    """Return a message of a chat."""
    return Message(number, Peer("user", chat), None, NOW, "")


@asynccontextmanager
async def watching_all() -> AsyncIterator[tuple[Gaps, list[actors.MonitorGap]]]:
    """Give the gaps of a session whose one monitor watches all chats, and what is published of them."""
    published: list[actors.MonitorGap] = []

    class Events(EventStream):
        def publish(self, event: actors.Event) -> None:
            assert isinstance(event, actors.MonitorGap)
            published.append(event)

    stream = Stream()
    monitor = RunningMonitor(
        actors.MonitorStarted(1, None),
        "alice",
        Watch(peers=(), to=stream, since=NOW),
        deadline=None,
        dedupe=Dedupe(),
        on_end=lambda *_: None,
        on_follow=lambda _: None,
        publish=published.append,
    )
    never: ActorFuture[int] = ActorFuture()
    yield Gaps("alice", {1: monitor}, Events(), lambda: never, lambda: 0.0), published
    stream.close()


async def test_the_newest_messages_of_so_many_chats_are_kept_and_no_more() -> None:
    """An account may have a million."""
    async with watching_all() as (gaps, published):
        for chat in range(1, MOST + 500):
            assert gaps.takes(message(chat)) is False
        assert len(gaps._latest) == MOST
        assert published == []


async def test_of_chats_that_nobody_named_so_many_are_held_back_and_the_first_that_is_not_is_told() -> None:
    """Once for each catching up; the messages of the others go on at once."""
    async with watching_all() as (gaps, published):
        gaps.suspect(None)
        held = [gaps.takes(message(chat)) for chat in range(1, MOST + 500)]
        assert held.count(True) == MOST
        assert held == sorted(held, reverse=True)
        assert [(gap.chat, gap.reason) for gap in published] == [(None, TOO_MANY)]
        assert gaps.takes(message(1, 2)) is True
        gaps.dialogs_read()
        gaps.suspect(None)
        gaps.takes(message(MOST + 1000))
        assert len(published) == 2


@pytest.mark.slow
def test_news_of_more_chats_than_a_page_of_the_list_has_is_found_after_a_cut(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Of chats that begin while the session is away as well, which nobody could know."""
    alice.ask(actors.Monitor(to=collector))
    telegram.fail("*", account="alice", drop="before")
    telegram.disconnect("alice")
    eventually(lambda: alice.status().phase is not actors.Phase.ONLINE)
    for number in range(150):
        telegram.add_account(f"person{number}")
        telegram.post("alice", f"hello {number}", author=f"person{number}")
    telegram.forget_updates("alice")
    telegram.heal()
    eventually(lambda: len(received(collector)) >= 150, within=60)
    texts = {event.message.text for event in received(collector) if isinstance(event, actors.MessageReceived)}
    assert texts == {f"hello {number}" for number in range(150)}
