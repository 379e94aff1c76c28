"""The server goes away under a hundred sessions and comes back: a reconnect is not a restart, and nothing is lost."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

import pykka
import pytest

import actors
from actors.testing import Loopback, loopback
from tests.support import Collector, eventually, quick_system, received

SESSIONS = 100
OUTAGE = 4.0
"""Seconds that the server is away."""

RETURN = 15.0
"""Seconds after the server's return within which all are online: the longest backoff is 1 s here."""

BOOK = 300
"""Messages of the history that is read when the server goes: three pages."""


def started(system: actors.System, configs: list[actors.SessionConfig]) -> list[actors.SessionRef]:
    """Start sessions side by side."""
    starting = [system.supervisor.ask(actors.StartSession(config), block=False) for config in configs]
    return [future.get(timeout=30) for future in starting]


def phases(system: actors.System) -> Counter[actors.Phase]:
    """Count the sessions by phase."""
    return Counter(status.phase for status in system.status().sessions.values())


def story(collector: pykka.ActorRef[Collector]) -> dict[str, list[str]]:
    """Return what was published of each session, in order."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for event in received(collector):
        told[event.session].append(type(event).__name__)
    return dict(told)


def sends(session: actors.SessionRef, *words: str, wait: float) -> list[actors.ActorFuture[actors.SentMessage]]:
    """Ask a session for one send per word; the text begins with its name."""
    texts = [f"{session.name} {word}" for word in words]
    return [session.ask(actors.SendMessage("inbox", text).with_(wait_timeout=wait), block=False) for text in texts]


def interrupt(telegram: Loopback, sessions: list[actors.SessionRef]) -> list[actors.ActorFuture[actors.SentMessage]]:
    """Give each session a send that is under way when the server is killed, and kill it."""
    telegram.fail("messages.sendMessage", delay=OUTAGE)
    under_way = [future for session in sessions for future in sends(session, "under way", wait=OUTAGE)]
    eventually(lambda: all("messages.sendMessage" in telegram.calls(session.name) for session in sessions))
    telegram.kill()
    return under_way


@pytest.mark.slow
def test_a_hundred_sessions_come_back_by_themselves_after_an_outage(
    tmp_path: Path, collector: pykka.ActorRef[Collector]
) -> None:
    """All are online again without help, no restart is counted, and only what expired by its own limit is lost."""
    with loopback(state=tmp_path / "telegram.state") as telegram, quick_system() as system:
        telegram.add_session("inbox")
        sessions = started(system, [telegram.add_session(f"s{number}") for number in range(SESSIONS)])
        for session in sessions:
            session.ask(actors.SendMessage("inbox", f"{session.name} before"), timeout=10)
        system.subscribe(
            collector, actors.SessionOffline, actors.SessionOnline, actors.SessionRestarted, actors.SessionDown
        )
        telegram.save()

        under_way = interrupt(telegram, sessions)
        eventually(lambda: actors.Phase.ONLINE not in phases(system), within=10)
        patient = [future for s in sessions for future in sends(s, "first", "second", "third", wait=10 * OUTAGE)]
        hurried = [future for s in sessions for future in sends(s, "hurried", wait=OUTAGE / 4)]
        last = [future for s in sessions[:5] for future in sends(s, "last", wait=OUTAGE)]
        assert max(system_answers(system, sessions)) < 0.5
        for future, limit in [*((one, OUTAGE / 4) for one in hurried), *((one, OUTAGE) for one in last)]:
            with pytest.raises(actors.QueueWaitTimeout) as caught:
                future.get(timeout=OUTAGE + 5)
            assert limit <= caught.value.waited < limit + 1
        assert not any(future.done() for future in [*under_way, *patient])

        telegram.start()
        back = time.monotonic()
        eventually(lambda: phases(system) == {actors.Phase.ONLINE: SESSIONS}, within=RETURN)
        sent = [future.get(timeout=RETURN) for future in [*under_way, *patient]]
        assert time.monotonic() - back < RETURN

        assert len({(message.random_id) for message in sent}) == 4 * SESSIONS
        statuses = system.status().sessions
        assert {status.restarts for status in statuses.values()} == {0}
        assert min(status.connects for status in statuses.values()) >= 2, (
            "a dying server may accept one more connection"
        )
        told = {name: ["SessionOffline", "SessionOnline"] * (status.connects - 1) for name, status in statuses.items()}
        eventually(lambda: story(collector) == told)
        held = [message.text for message in telegram.messages("inbox")]
        asked = ["before", "under way", "first", "second", "third"]
        assert {s.name: [text for text in held if text.startswith(f"{s.name} ")] for s in sessions} == {
            s.name: [f"{s.name} {word}" for word in asked] for s in sessions
        }


def system_answers(system: actors.System, sessions: list[actors.SessionRef]) -> list[float]:
    """Ask everybody for its status and return how long the supervisor and each session took, in seconds."""
    took = []
    for ask in [system.status, *(session.status for session in sessions)]:
        asked = time.monotonic()
        ask()
        took.append(time.monotonic() - asked)
    return took


def test_a_scrape_that_the_outage_interrupts_goes_on_where_it_was(tmp_path: Path) -> None:
    """Each message is read once; the server's time away counts against nothing."""
    with loopback(state=tmp_path / "telegram.state") as telegram, quick_system() as system:
        telegram.add_channel("book", messages=BOOK, members=["alice"])
        alice = system.start_session(telegram.add_session("alice"))
        telegram.save()
        telegram.fail("messages.getHistory", delay=0.2)
        scraping = alice.ask(actors.ScrapeHistory("book", limit=BOOK), block=False)
        eventually(lambda: sum(call == "messages.getHistory" for call in telegram.calls("alice")) == 2)
        telegram.kill()
        eventually(lambda: alice.status().phase is not actors.Phase.ONLINE)
        telegram.start()
        ids = [message.id for message in scraping.get(timeout=RETURN).messages]
        assert len(ids) == len(set(ids)) == BOOK
        assert ids == sorted(ids, reverse=True)
        assert alice.status().restarts == 0
