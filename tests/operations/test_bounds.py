"""Bounds of ids and dates: wherever they lie, the reply has what is within them, whatever the server does with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from telethon import TelegramClient, functions

import actors
from actors.testing import Loopback, StoredMessage

NEWEST, OLDEST = actors.HistoryOrder.NEWEST_FIRST, actors.HistoryOrder.OLDEST_FIRST
COUNT = 250
FIRST_SECOND, LAST_SECOND = datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EDGES = [
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime(1901, 12, 13, tzinfo=UTC),
    *[FIRST_SECOND + SECOND * shift for shift in (-2, -1, -0.5, 0, 1, 2)],
    *[LAST_SECOND + SECOND * shift for shift in (-2, -1, 0, 0.5, 1, 2)],
    datetime(2100, 1, 1, tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    datetime.max.replace(tzinfo=UTC),
]
"""Around the first and the last second of Telegram's, and of Python's."""


class Witness:
    """Makes clients that keep the requests for pages which they send."""

    def __init__(self) -> None:
        self.pages: list[Any] = []

    def __call__(self, **arguments: Any) -> TelegramClient:
        """Make a client (`SessionConfig.client_factory`)."""
        client = TelegramClient(**arguments)
        send = client._sender.send

        def seen(request: Any, **rest: Any) -> Any:
            if isinstance(request, functions.messages.GetHistoryRequest | functions.messages.SearchRequest):
                self.pages.append(request)
            return send(request, **rest)

        client._sender.send = seen
        return client


def ids(scraped: actors.ScrapedMessages) -> list[int]:
    """Return the ids of what was scraped, in its order."""
    return [message.id for message in scraped.messages]


@pytest.fixture
def past(telegram: Loopback) -> list[StoredMessage]:
    """The messages of a channel, news, a second apart."""
    telegram.add_channel("news", messages=COUNT, members=["alice"])
    return telegram.channel_messages("news")


_SOMEWHERE = st.integers(-5, COUNT + 5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from([NEWEST, OLDEST]),
    search=st.sampled_from(["", "news"]),
    low=st.none() | st.integers(0, COUNT + 2) | st.integers(2**31 - 2, 2**31 + 1) | st.just(2**64),
    high=st.none() | st.integers(1, COUNT + 2) | st.integers(2**31 - 2, 2**31 + 1) | st.just(2**64),
    since=st.none() | _SOMEWHERE | st.sampled_from(EDGES),
    until=st.none() | _SOMEWHERE | st.sampled_from(EDGES),
)
@example(order=NEWEST, search="", low=None, high=100, since=None, until=200)
@example(order=OLDEST, search="", low=None, high=None, since=FIRST_SECOND + SECOND, until=None)
@example(order=NEWEST, search="news", low=None, high=None, since=None, until=LAST_SECOND)
@example(order=NEWEST, search="", low=None, high=None, since=None, until=FIRST_SECOND - SECOND)
@example(order=OLDEST, search="", low=2**31 - 1, high=None, since=None, until=None)
def test_every_scrape_has_the_messages_within_its_bounds_and_no_others(
    past: list[StoredMessage],
    alice: actors.SessionRef,
    order: actors.HistoryOrder,
    search: str,
    low: int | None,
    high: int | None,
    since: int | datetime | None,
    until: int | datetime | None,
) -> None:
    """For all bounds of ids and dates together, in both orders, with words and without: in order, and complete."""
    begin = past[0].date

    def moment(bound: int | datetime | None) -> datetime | None:
        return begin + SECOND * bound if isinstance(bound, int) else bound

    first, last = moment(since), moment(until)
    expected = [
        message.id
        for message in past
        if message.id > (low or 0)
        and (high is None or message.id < high)
        and (first is None or message.date >= first)
        and (last is None or message.date <= last)
    ]
    bounds: dict[str, Any] = {"min_id": low or 0, "max_id": high or 0, "since": first, "until": last}
    if first is not None and last is not None and first > last:
        with pytest.raises(actors.InvalidInput):
            actors.ScrapeHistory("news", **bounds)
        return
    asked = actors.ScrapeHistory("news", limit=1000, order=order, search=search, **bounds)
    scraped = alice.ask(asked, timeout=20)
    assert ids(scraped) == (expected if order is OLDEST else expected[::-1])
    assert (scraped.complete, scraped.count) == (True, len(expected))


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
@pytest.mark.parametrize("search", ["", "news"])
def test_the_server_is_given_no_bounds(
    telegram: Loopback,
    past: list[StoredMessage],
    system: actors.System,
    order: actors.HistoryOrder,
    search: str,
) -> None:
    """Whether it cuts a page before it filters or after, or heeds no dates in a search, can't matter then."""
    witness = Witness()
    alice = system.start_session(replace(telegram.add_session("alice"), client_factory=witness))
    asked = actors.ScrapeHistory(
        "news",
        limit=1000,
        order=order,
        search=search,
        min_id=20,
        max_id=240,
        since=past[30].date,
        until=past[200].date,
    )
    assert sorted(ids(alice.ask(asked, timeout=20))) == list(range(31, 202))
    sent = [
        (page.min_id, page.max_id, getattr(page, "min_date", None), getattr(page, "max_date", None))
        for page in witness.pages
    ]
    assert len(sent) >= 2
    assert set(sent) == {(0, 0, None, None)}


def test_a_look_at_a_date_finds_its_place_although_messages_are_left_out(
    telegram: Loopback, past: list[StoredMessage], alice: actors.SessionRef
) -> None:
    """More of them than one look takes."""
    telegram.hide("news", range(80, 121))
    upto = alice.ask(actors.ScrapeHistory("news", limit=1000, until=past[119].date), timeout=20)
    since = alice.ask(actors.ScrapeHistory("news", limit=1000, order=OLDEST, since=past[119].date), timeout=20)
    assert (ids(upto), upto.complete) == (list(range(79, 0, -1)), True)
    assert (ids(since), since.complete) == (list(range(121, COUNT + 1)), True)
