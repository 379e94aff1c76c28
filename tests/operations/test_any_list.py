"""Lists of members and of chats, out of whose pages rows are left: what is shown comes once, in order, to the limit."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from telethon import functions, types

import actors
from actors.testing import Loopback

_NUMBERS = itertools.count(1)

QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def runs(longest: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Draw what is left out of a list: places in thousandths of it, and lengths."""
    return st.lists(
        st.tuples(st.just(0) | st.integers(0, 999), st.integers(1, 3) | st.integers(1, longest)), max_size=3
    )


def places(hidden: list[tuple[int, int]], length: int) -> set[int]:
    """Return the places of a list that are left out."""
    return {
        number
        for place, count in hidden
        for number in range(place * length // 1000, min(length, place * length // 1000 + count))
    }


def limits(most: int) -> st.SearchStrategy[int]:
    """Draw limits, among them those about the length of a page."""
    return st.integers(0, most) | st.integers(0, 12) | st.sampled_from([1, 99, 100, 101, 199, 200, 201])


@pytest.mark.slow
@QUICK
@given(length=st.integers(1, 700), hidden=runs(450), limit=limits(750))
def test_all_members_that_are_shown_come_once_in_order_up_to_the_limit(
    telegram: Loopback, alice: actors.SessionRef, length: int, hidden: list[tuple[int, int]], limit: int
) -> None:
    """It is complete exactly when nobody lacks, and else says why."""
    name = f"crowd{next(_NUMBERS)}"
    telegram.add_channel(name, members=["alice", *(f"member{number}" for number in range(length - 1))])
    everybody = alice.ask(actors.ScrapeParticipants(name), timeout=20).participants
    gone = places(hidden, length)
    for place in gone:
        telegram.hide_member(name, str(everybody[place].username))
    shown = [each for place, each in enumerate(everybody) if place not in gone]
    scraped = alice.ask(actors.ScrapeParticipants(name, limit=limit), timeout=20)
    assert list(scraped.participants) == shown[:limit]
    assert scraped.complete is (limit > 0 and len(scraped.participants) == length)
    assert bool(scraped.reason) is not scraped.complete
    if 0 < limit < len(shown):
        assert scraped.reason == f"the limit of {limit} was reached"


async def _pin(client: actors.Client, chat: actors.Peer) -> None:
    peer = types.InputPeerChannel(chat.id, chat.access_hash)
    await client.telethon(functions.messages.ToggleDialogPinRequest(types.InputDialogPeer(peer), pinned=True))


@pytest.mark.slow
@QUICK
@given(
    length=st.integers(1, 260),
    hidden=runs(30),
    pinned=st.lists(st.integers(0, 999), max_size=4),
    limit=limits(270),
)
def test_all_chats_that_are_shown_come_once_in_order_up_to_the_limit(
    telegram: Loopback,
    system: actors.System,
    length: int,
    hidden: list[tuple[int, int]],
    pinned: list[int],
    limit: int,
) -> None:
    """As long as no page is left out as a whole. It is complete exactly when no chat lacks, and else says why."""
    name = f"reader{next(_NUMBERS)}"
    reader = system.start_session(telegram.add_session(name))
    for number in range(length):
        telegram.add_channel(f"{name}room{number}", members=[name], messages=1)
    found = reader.ask(actors.ScrapeDialogs(), timeout=20).dialogs
    for place in pinned:
        reader.ask(actors.Call("pin", _pin, found[place * length // 1000].chat))
    everything = [each.chat for each in reader.ask(actors.ScrapeDialogs(), timeout=20).dialogs]
    gone = places(hidden, length)
    for place in gone:
        telegram.hide_dialog(everything[place].title, name)
    shown = [each for place, each in enumerate(everything) if place not in gone]
    scraped = reader.ask(actors.ScrapeDialogs(limit=limit), timeout=20)
    reader.stop()
    assert [each.chat for each in scraped.dialogs] == shown[:limit]
    assert scraped.complete is (limit > 0 and len(scraped.dialogs) == length)
    assert bool(scraped.reason) is not scraped.complete
    if 0 < limit < len(shown):
        assert scraped.reason == f"the limit of {limit} was reached"


@pytest.mark.parametrize("first", [1, 90, 150, 230])
def test_what_was_cut_off_at_a_limit_comes_when_one_goes_on_with_a_higher_one(
    telegram: Loopback, alice: actors.SessionRef, first: int
) -> None:
    """The checkpoints of both lists know who has been listed, and not only how far the pages went."""
    names = [f"room{number}" for number in range(250)]
    for each in names:
        telegram.add_channel(each, members=["alice"], messages=1)
    telegram.add_channel("crowd", members=["alice", *(f"member{number}" for number in range(249))], messages=1)
    chats = alice.ask(actors.ScrapeDialogs(), timeout=20).dialogs
    members = alice.ask(actors.ScrapeParticipants("crowd"), timeout=20).participants
    for place in (0, 3, 120):
        telegram.hide_dialog(chats[place].chat.title, "alice")
        telegram.hide_member("crowd", str(members[place].username))
    kinds: list[tuple[Any, Any]] = [
        (actors.ScrapeDialogs, [each for place, each in enumerate(chats) if place not in (0, 3, 120)]),
        (
            lambda **known: actors.ScrapeParticipants("crowd", **known),
            [each for place, each in enumerate(members) if place not in (0, 3, 120)],
        ),
    ]
    for kind, shown in kinds:
        items, last = alice.ask(actors.Call("reading", _turn, kind(limit=first)), timeout=20)
        rest = alice.ask(kind(limit=240, resume=last), timeout=20)
        read = rest.dialogs if kind is actors.ScrapeDialogs else rest.participants
        assert len(items) == first
        assert [*items, *read] == shown[:240]


async def _turn(client: actors.Client, asked: Any) -> tuple[list[Any], actors.Checkpoint]:
    """Run a scrape to its end, and return what it found and its last checkpoint."""
    context: Any = _Beginning()
    found = [checkpoint async for checkpoint in asked.run(client, context)]
    return [item for checkpoint in found for item in checkpoint.items], found[-1].bare()


class _Beginning:
    """The context of a run that goes on from nowhere."""

    checkpoint = None
