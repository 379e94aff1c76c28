"""The system-wide places of scraping: who gets none is held, its session goes on, and it has its turn in time."""

from __future__ import annotations

import time
from collections import Counter

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually

PLACES = 5
PAGES = 20
PAGE = 0.25
"""Seconds that the server takes for a page: a scrape of 20 pages takes 5 s."""

PATIENCE = 3.0
"""The wait timeout of a scrape in these tests, instead of the minute of the table."""

SCRAPING = {"scraping": actors.DEFAULT_POLICIES["scraping"].with_(wait_timeout=PATIENCE)}
LONG = actors.ScrapeHistory("news", limit=100 * PAGES)


def fleet(telegram: Loopback, system: actors.System, number: int) -> list[actors.SessionRef]:
    """Start that many sessions that may read a long history, slowly."""
    names = [f"reader{n}" for n in range(number)]
    telegram.add_channel("news", messages=100 * PAGES, members=names)
    sessions = [system.start_session(telegram.add_session(name)) for name in names]
    telegram.fail("messages.getHistory", delay=PAGE)
    return sessions


def pages(telegram: Loopback, session: actors.SessionRef) -> int:
    """Return how many pages a session has asked for."""
    return sum(call == "messages.getHistory" for call in telegram.calls(session.name))


def in_use(system: actors.System) -> tuple[int, int]:
    """Return how many permits for scraping are taken, of how many."""
    return system.status().permits.get("scraping", (0, PLACES))


@pytest.mark.timing
def test_a_sixth_scrape_is_held_for_a_permit_while_its_session_sends_and_runs_before_its_wait_timeout(
    telegram: Loopback,
) -> None:
    """Five take long; once the sixth is due, one of them gives way at a page, and ends all the same."""
    with actors.open_system(policies=SCRAPING, drain=1.0) as system:
        *busy, sixth = fleet(telegram, system, PLACES + 1)
        long = [session.ask(LONG, block=False) for session in busy]
        eventually(lambda: in_use(system) == (PLACES, PLACES))
        asked = time.monotonic()
        scraping = sixth.ask(actors.ScrapeHistory("news", limit=100), block=False)
        (hold,) = eventually(lambda: sixth.status().holds)
        assert (hold.key, hold.operations, hold.until) == ("permit:scraping", 1, None)
        for number in range(20):
            sixth.ask(actors.SendMessage("reader0", f"text {number}"), timeout=1)
        assert [held.key for held in sixth.status().holds] == ["permit:scraping"]
        assert sixth.status().queue_size == 1
        assert time.monotonic() - asked < PATIENCE / 2, "not due yet, so that nobody had to give way"

        eventually(lambda: pages(telegram, sixth) == 1)
        assert PATIENCE / 2 <= time.monotonic() - asked < PATIENCE
        assert not any(future.done() for future in long)
        assert in_use(system) == (PLACES, PLACES)
        assert len(scraping.get(timeout=5).messages) == 100

        telegram.heal()
        for future in long:
            ids = [message.id for message in future.get(timeout=20).messages]
            assert len(ids) == len(set(ids)) == 100 * PAGES
        eventually(lambda: in_use(system) == (0, PLACES))
        outcomes = sum((Counter(status.outcomes) for status in system.status().sessions.values()), Counter[str]())
        assert outcomes == {"done": PLACES + 1 + 20}


@pytest.mark.timing
def test_as_many_scrapes_again_as_there_are_permits_all_run_before_their_wait_timeout(telegram: Loopback) -> None:
    """Ten long ones on five places take turns: none expires, and never more than five read at once."""
    with actors.open_system(policies=SCRAPING, drain=1.0) as system:
        sessions = fleet(telegram, system, 2 * PLACES)
        futures = [session.ask(LONG, block=False) for session in sessions]
        reading: list[int] = []

        def each_has_begun_or_ended() -> bool:
            reading.append(system.status().count_by_type().get("scraping", 0))
            return all(
                future.done() or pages(telegram, session) for session, future in zip(sessions, futures, strict=True)
            )

        eventually(each_has_begun_or_ended, within=PATIENCE + 2)
        assert [future.exception() for future in futures if future.done()] == []
        telegram.heal()
        assert max(reading) == PLACES
        assert {len(future.get(timeout=30).messages) for future in futures} == {100 * PAGES}
        eventually(lambda: in_use(system) == (0, PLACES))


@pytest.mark.parametrize("end", ["cancel", "stop"])
def test_a_scrape_that_is_given_up_while_it_is_held_leaves_its_permit_to_others(telegram: Loopback, end: str) -> None:
    """Neither a cancel nor the end of its session leaks a place."""
    with actors.open_system(policies=SCRAPING, drain=1.0) as system:
        *busy, sixth = fleet(telegram, system, PLACES + 1)
        long = [session.ask(LONG, block=False) for session in busy]
        eventually(lambda: in_use(system) == (PLACES, PLACES))
        waiting = sixth.ask(LONG, block=False)
        eventually(lambda: sixth.status().holds)
        if end == "cancel":
            waiting.cancel()
        else:
            system.stop_session(sixth.name, drain=0)
        with pytest.raises((actors.OperationCancelled, actors.OperationRejected)):
            waiting.get(timeout=5)
        telegram.heal()
        for future in long:
            future.get(timeout=20)
        eventually(lambda: in_use(system) == (0, PLACES))
        rest = busy if end == "stop" else [*busy, sixth]
        again = [session.ask(actors.ScrapeHistory("news", limit=100), block=False) for session in rest]
        assert {len(future.get(timeout=10).messages) for future in again} == {100}
        eventually(lambda: in_use(system) == (0, PLACES))
