"""Reading histories: Telegram's windows, as Telethon asks for them and one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon.tl import functions

from actors.testing import Loopback
from actors.testing.server.world.messages import History, Kind, Message, Window
from tests.testing.server.clients import connected


def _history(ids: list[int]) -> History:
    history = History()
    for message_id in ids:
        history.append(Message(message_id, 1, Kind.PRIVATE, 1, str(message_id), date=1000 + message_id))
    return history


def _plain_window(ids: list[int], asked: Window) -> list[int]:
    """Telegram's rule, told over a plain list, newest first."""
    start = sum(1 for i in ids if asked.offset_id and i >= asked.offset_id) + asked.add_offset
    cut = [i for place, i in enumerate(reversed(ids)) if start <= place < start + asked.limit]
    return [i for i in cut if (not asked.max_id or i < asked.max_id) and i > asked.min_id]


IDS = st.lists(st.integers(1, 60), unique=True).map(sorted)
WINDOWS = st.builds(
    Window,
    offset_id=st.integers(0, 65),
    add_offset=st.integers(-30, 30),
    limit=st.integers(0, 30),
    max_id=st.integers(0, 65),
    min_id=st.integers(0, 65),
)


@given(IDS, WINDOWS)
def test_every_window_is_the_one_that_counting_by_hand_gives(ids: list[int], asked: Window) -> None:
    """Bisection and a plain count agree on all histories and windows; bounds take away from what was cut."""
    assert [message.id for message in _history(ids).window(asked).messages] == _plain_window(ids, asked)


def test_an_offset_date_starts_at_the_newest_message_before_it() -> None:
    """Dates are exclusive, as ids are."""
    page = _history([1, 2, 3, 4]).window(Window(offset_date=1003, limit=10))
    assert ([message.id for message in page.messages], page.place) == ([2, 1], 2)


def test_a_discarded_message_is_gone_and_the_rest_stays_in_place() -> None:
    """Holes in the ids don't matter."""
    history = _history([1, 2, 3, 4])
    assert history.discard([2, 9]) == [2]
    assert [message.id for message in history.window(Window()).messages] == [4, 3, 1]
    assert history.get(2) is None


@pytest.mark.parametrize("reverse", [False, True])
async def test_telethon_reads_a_long_history_whole_and_in_order(telegram: Loopback, reverse: bool) -> None:
    """250 messages in three pages, either way round."""
    name = f"annals-{reverse}"
    telegram.add_channel(name, messages=250, members=["reader"])
    async with connected(telegram.add_session(f"reader-{reverse}", account="reader")) as client:
        channel = f"@annals_{reverse}"
        ids = [message.id async for message in client.iter_messages(channel, reverse=reverse, wait_time=0)]
    expected = list(range(1, 251))
    assert ids == (expected if reverse else expected[::-1])


async def test_bounds_and_offsets_pick_the_page_that_telegram_picks(telegram: Loopback) -> None:
    """Raw getHistory calls; ids newest first."""
    telegram.add_channel("ledger", messages=40, members=["clerk"])
    async with connected(telegram.add_session("clerk-1", account="clerk")) as client:
        peer = await client.get_input_entity("@ledger")

        async def ids(**changes: int) -> list[int]:
            fields: dict[str, Any] = {"offset_id": 0, "add_offset": 0, "limit": 5, "max_id": 0, "min_id": 0, **changes}
            page = await client(functions.messages.GetHistoryRequest(peer, offset_date=None, hash=0, **fields))
            assert page.count == 40
            return [message.id for message in page.messages]

        assert await ids() == [40, 39, 38, 37, 36]
        assert await ids(offset_id=10) == [9, 8, 7, 6, 5]
        assert await ids(offset_id=10, add_offset=2) == [7, 6, 5, 4, 3]
        assert await ids(offset_id=10, add_offset=-5) == [14, 13, 12, 11, 10]
        assert await ids(offset_id=39, add_offset=-5) == [40, 39]
        assert await ids(max_id=4) == []  # the newest five, and of these the ones below 4
        assert await ids(offset_id=6, max_id=4) == [3, 2, 1]
        assert await ids(min_id=37) == [40, 39, 38]
        assert await ids(offset_id=1) == []


async def test_min_and_max_id_bound_what_telethon_iterates(telegram: Loopback) -> None:
    """Both ends are exclusive, in both directions."""
    telegram.add_channel("tome", messages=150, members=["monk"])
    async with connected(telegram.add_session("monk-1", account="monk")) as client:
        down = [message.id async for message in client.iter_messages("@tome", min_id=10, max_id=140, wait_time=0)]
        up = [
            message.id
            async for message in client.iter_messages("@tome", min_id=10, max_id=140, reverse=True, wait_time=0)
        ]
    assert down == list(range(139, 10, -1))
    assert up == list(range(11, 140))


async def test_single_messages_are_found_by_id_and_missing_ones_are_none(telegram: Loopback) -> None:
    """channels.getMessages and messages.getMessages."""
    telegram.add_channel("index", messages=3, members=["finder"])
    telegram.post("finder", "psst", author="finder")
    async with connected(telegram.add_session("finder-1", account="finder")) as client:
        found = await client.get_messages("@index", ids=[2, 99])
        assert [message and message.raw_text for message in found] == ["index 2", None]
        assert (await client.get_messages("me", ids=1)).raw_text == "psst"


async def test_dialogs_are_listed_newest_first_with_where_updates_go_on(telegram: Loopback) -> None:
    """messages.getDialogs pages, with a channel's pts in it."""
    telegram.add_channel("old-hall", messages=2, members=["host"])
    telegram.add_account("guest")
    telegram.post("host", "knock", author="guest")
    async with connected(telegram.add_session("host-1", account="host")) as client:
        dialogs = await client.get_dialogs()
        assert [dialog.name for dialog in dialogs] == ["guest", "old-hall"]
        assert dialogs[0].unread_count == 1
        assert dialogs[1].dialog.pts == 3
        assert dialogs[1].date < datetime.now(UTC)


async def test_reading_a_chat_tells_the_other_side(telegram: Loopback) -> None:
    """messages.readHistory moves the writer's outbox mark."""
    for name in ("author", "fan"):
        telegram.add_account(name)
    telegram.post("fan", "chapter 1", author="author")
    async with connected(telegram.add_session("fan-1", account="fan")) as fan:
        await fan.send_read_acknowledge("@author")
        assert [dialog.unread_count for dialog in await fan.get_dialogs()] == [0]
    async with connected(telegram.add_session("author-1", account="author")) as author:
        (dialog,) = await author.get_dialogs()
        assert dialog.dialog.read_outbox_max_id == 1
