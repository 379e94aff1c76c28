"""A scrape against a server that does everything to it: each message once, in order, complete when nothing lacks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pykka
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import actors
from actors.testing import Loopback
from tests.support import quick_system

NEWEST, OLDEST = actors.HistoryOrder.NEWEST_FIRST, actors.HistoryOrder.OLDEST_FIRST
PAGE = 100

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Spell:
    """What the server does before one page of a scrape. A place is a thousandth of the history."""

    what: str
    place: int
    count: int


@dataclass(frozen=True)
class Plan:
    """One scrape: of how long a history, of which what is left out (places and lengths), and what happens meanwhile."""

    length: int
    order: actors.HistoryOrder
    search: bool
    prefetch: bool
    limit: int | None
    hidden: list[tuple[int, int]] = field(default_factory=list)
    spells: dict[int, Spell] = field(default_factory=dict)


SPELLS = st.builds(
    Spell,
    what=st.sampled_from(["post", "post", "delete", "delete", "cut", "flood", "fail"]),
    place=st.integers(0, 999),
    count=st.integers(1, 40),
)
PLANS = st.builds(
    Plan,
    length=st.integers(0, 450) | st.sampled_from([100, 200, 300, 400]),
    order=st.sampled_from([NEWEST, OLDEST]),
    search=st.booleans(),
    prefetch=st.booleans(),
    limit=st.none() | st.integers(0, 460),
    hidden=st.lists(st.tuples(st.integers(0, 999), st.integers(1, 250)), max_size=3),
    spells=st.dictionaries(st.integers(0, 5), SPELLS, max_size=3),
)


class Fate(pykka.ThreadingActor):
    """The receiver of a scrape: keeps its messages, and lets things happen before the next page is asked for."""

    use_daemon_thread = True

    def __init__(self, happens: Callable[[int], None]) -> None:
        super().__init__()
        self.pages = 0
        self.ids: list[int] = []
        self.happens = happens

    def on_receive(self, message: Any) -> Any:
        """Take a page, and answer once its spell is cast; or hand out what came."""
        if message == "ids":
            return list(self.ids)
        self.ids += [each.id for each in message.messages]
        self.pages += 1
        self.happens(self.pages)
        return None


@dataclass
class World:
    """Two accounts that are online: one that reads, and one that may delete what anybody wrote."""

    telegram: Loopback
    alice: actors.SessionRef
    admin: actors.SessionRef
    chat: str = ""

    def begin(self, plan: Plan) -> list[int]:
        """Make a chat as planned; return the ids of what its pages show."""
        self.telegram.heal()
        self.chat = f"chat{next(_NUMBERS)}"
        self.telegram.add_channel(self.chat, messages=plan.length, members=["admin", "alice"])
        hidden = {
            number
            for place, count in plan.hidden
            for number in range(place * plan.length // 1000 + 1, place * plan.length // 1000 + 1 + count)
        }
        self.telegram.hide(self.chat, sorted(hidden))
        return [number for number in range(1, plan.length + 1) if number not in hidden]

    def cast(self, spell: Spell, posted: list[int], deleted: set[int]) -> None:
        """Let something happen, and note what came and what went."""
        match spell.what:
            case "post":
                posted += self.telegram.post_many(self.chat, [f"{self.chat} late"] * spell.count, author="admin")
            case "delete":
                there = [message.id for message in self.telegram.channel_messages(self.chat)]
                start = spell.place * len(there) // 1000
                gone = there[start : start + spell.count]
                if gone:
                    self.admin.ask(actors.Call("deleting", _delete, self.chat, gone), timeout=10)
                deleted |= set(gone)
            case "cut":
                self.telegram.disconnect("alice")
            case "flood":
                self.telegram.fail("messages.*", account="alice", error="FLOOD_WAIT_1", times=1)
            case _:
                self.telegram.fail("messages.*", account="alice", error="HISTORY_GET_FAILED", code=500, times=1)


async def _delete(client: actors.Client, chat: str, gone: list[int]) -> None:
    await client.telethon.delete_messages(chat, gone)


@pytest.fixture
def world(telegram: Loopback) -> Any:
    """See `World`."""
    with quick_system() as system:
        admin = system.start_session(telegram.add_session("admin"))
        yield World(telegram, system.start_session(telegram.add_session("alice")), admin)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=PLANS)
def test_a_scrape_has_each_message_once_and_in_order_and_is_complete_exactly_when_nothing_lacks(
    world: World, plan: Plan
) -> None:
    """For all histories, all that is left out of their pages, and all that happens while they are read.

    What was there all the time must come; what came or went meanwhile may. Newest first, nothing that came meanwhile.
    """
    shown = world.begin(plan)
    posted: list[int] = []
    deleted: set[int] = set()

    def happens(page: int) -> None:
        if page in plan.spells:
            world.cast(plan.spells[page], posted, deleted)

    if 0 in plan.spells and plan.spells[0].what not in ("post", "delete"):
        world.cast(plan.spells[0], posted, deleted)
    reader = Fate.start(happens)
    asked = actors.ScrapeHistory(
        world.chat,
        limit=plan.limit,
        order=plan.order,
        search=world.chat if plan.search else "",
        to=reader,
        prefetch=plan.prefetch,
    )
    scraped = world.alice.ask(asked.with_(retries=5), timeout=60)
    found = reader.ask("ids")
    reader.stop()

    assert found == sorted(set(found), reverse=plan.order is NEWEST)
    assert scraped.count == len(found)
    assert set(found) <= set(shown) | set(posted)
    limited = plan.limit is not None and len(found) >= plan.limit
    lacking = set(shown) - deleted - set(found)
    assert scraped.complete or limited
    assert not (scraped.complete and lacking)
    assert bool(scraped.reason) is not scraped.complete
    if limited and lacking:
        lowest, highest = (min(found, default=0), max(found, default=0))
        assert all(number < lowest if plan.order is NEWEST else number > highest for number in lacking) or not found
    if plan.order is NEWEST:
        assert not set(found) & set(posted)
