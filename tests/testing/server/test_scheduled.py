"""Messages that wait for their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, heard, told


def _later(**how: float) -> datetime:
    return datetime.now(UTC) + timedelta(**how)


async def _waiting(client: Any, chat: str) -> list[str]:
    return [message.raw_text async for message in client.iter_messages(chat, scheduled=True)]


@pytest.mark.parametrize("chat", ["private", "channel"])
async def test_a_scheduled_message_waits_in_the_writers_list_and_is_sent_when_hurried(
    telegram: Loopback, chat: str
) -> None:
    """The reader gets it once it is sent; the writer's sessions see it leave the list."""
    telegram.add_channel(f"late-{chat}", members=["sue", "tom"])
    place, back = ("@tom", "@sue") if chat == "private" else (f"@late_{chat}", f"@late_{chat}")
    async with (
        connected(telegram.add_session("sue-1", account="sue")) as sue,
        connected(telegram.add_session("sue-2", account="sue")) as other,
        connected(telegram.add_session("tom-1", account="tom")) as tom,
    ):
        texts, news = heard(tom), told(other, types.UpdateNewScheduledMessage, types.UpdateDeleteScheduledMessages)
        planned = await sue.send_message(place, "**happy** birthday", schedule=_later(days=3))
        assert planned.date > _later(days=2)
        assert await _waiting(sue, place) == ["happy birthday"]
        assert texts == [] == await tom.get_messages(back, limit=5)
        assert telegram.send_scheduled() == 1
        await eventually(lambda: texts == ["happy birthday"])
        await eventually(lambda: len(news) == 2)
        assert await _waiting(sue, place) == []
        (sent,) = await sue.get_messages(place, limit=1)
        assert news[1].sent_messages == [sent.id]
        assert sent.date < _later(minutes=1)
        assert sent.from_scheduled


async def test_a_scheduled_message_is_sent_by_itself_when_its_time_has_come(telegram: Loopback) -> None:
    """The server's clock spares us most of the minute."""
    telegram.add_account("noon")
    try:
        async with connected(telegram.add_session("dawn")) as dawn:
            await dawn.send_message("@noon", "ding", schedule=_later(minutes=1))
            assert telegram.messages("noon") == []
            telegram.set_clock(59.0)
            await eventually(lambda: [message.text for message in telegram.messages("noon")] == ["ding"])
    finally:
        telegram.set_clock(0.0)


async def test_what_is_scheduled_for_now_is_sent_now_and_for_after_a_year_refused(telegram: Loopback) -> None:
    """SCHEDULE_DATE_TOO_LATE."""
    telegram.add_account("ivy")
    async with connected(telegram.add_session("ian")) as ian:
        await ian.send_message("@ivy", "now", schedule=_later(seconds=3))
        assert [message.text for message in telegram.messages("ivy")] == ["now"]
        with pytest.raises(errors.ScheduleDateTooLateError):
            await ian.send_message("@ivy", "then", schedule=_later(days=400))


async def test_a_scheduled_message_can_be_changed_sent_and_taken_back(telegram: Loopback) -> None:
    """By id, in the list of its chat."""
    telegram.add_account("meg")
    async with connected(telegram.add_session("mo")) as mo:
        peer = await mo.get_input_entity("@meg")
        first = await mo.send_message("@meg", "first", schedule=_later(days=1))
        second = await mo.send_message("@meg", "second", schedule=_later(days=2))
        await mo.edit_message("@meg", second.id, "2nd", schedule=_later(hours=5))
        assert await _waiting(mo, "@meg") == ["2nd", "first"]
        await mo(functions.messages.DeleteScheduledMessagesRequest(peer, [first.id]))
        await mo(functions.messages.SendScheduledMessagesRequest(peer, [second.id]))
        assert await _waiting(mo, "@meg") == []
        assert telegram.send_scheduled() == 0
    assert [message.text for message in telegram.messages("meg")] == ["2nd"]


async def test_the_same_random_id_schedules_once(telegram: Loopback) -> None:
    """A repeat is answered with the same scheduled message."""
    telegram.add_account("una")
    async with connected(telegram.add_session("ulf")) as ulf:
        peer = await ulf.get_input_entity("@una")
        request = functions.messages.SendMessageRequest(peer, "once", random_id=3, schedule_date=_later(days=1))
        await ulf(request)
        await ulf(request)
        assert await _waiting(ulf, "@una") == ["once"]
