"""Histories in both directions, searches and dialogs, against a real server. Plain pages are test_client.py's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from telethon import functions, types

from actors.model.answers import HistoryPage
from actors.model.content import Dialog, Message, Peer
from actors.model.errors import InvalidInput
from actors.telegram.convert import to_dialogs_page
from actors.telegram.oddities import Oddities

from .conftest import Desk, online, raised_by, run

DATE = datetime(2026, 1, 2, tzinfo=UTC)
PERSON = Peer("user", 7)


def texts(page: HistoryPage) -> list[str]:
    """Return what a page's messages say."""
    return [message.text for message in page.messages]


def test_a_history_can_be_read_on_from_a_message(desk: Desk) -> None:
    """Page by page towards the newest one, without loss or repeat."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=230)
        async with online(config) as client:
            channel = await client.resolve(name)
            last_id, seen, done = 0, [], False
            while not done:
                page = await client.history(channel, limit=100, offset_id=last_id + 1, add_offset=-100)
                seen += [message.id for message in reversed(page.messages)]
                last_id, done = seen[-1], page.first
            assert seen == list(range(1, 231))

    run(test())


def test_a_history_can_begin_at_a_date(desk: Desk) -> None:
    """A date means what was sent before it."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=30)
        async with online(config) as client:
            channel = await client.resolve(name)
            newest = (await client.history(channel, limit=30)).messages
            page = await client.history(channel, limit=3, offset_date=newest[10].date)
            assert [message.id for message in page.messages] == [message.id for message in newest[11:14]]

    run(test())


def test_a_search_finds_by_words_by_author_and_by_date(desk: Desk) -> None:
    """Each alone, and together; the count is of what was found."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name, messages=20)
        for author in (alice, bob):
            desk.telegram.post_many(name, ["red apple", "green apple", "pear"], author=author.name)
        async with online(alice) as client:
            channel, writer = await client.resolve(name), await client.resolve(bob.name)
            found = await client.search(channel, "apple", limit=3)
            assert (texts(found), found.total, found.last) == (["green apple", "red apple", "green apple"], 4, False)
            rest = await client.search(channel, "apple", limit=3, offset_id=found.messages[-1].id)
            assert (texts(rest), rest.last) == (["red apple"], True)
            his = await client.search(channel, "apple", limit=9, from_peer=writer)
            assert {(message.sender, message.chat) for message in his.messages} == {(writer, channel)}
            assert texts(his) == ["green apple", "red apple"]
            newer = await client.search(channel, limit=9, from_peer=writer, min_id=his.messages[0].id)
            assert texts(newer) == ["pear"]
            old = (await client.history(channel, limit=1, offset_id=6)).messages[0]
            hour = timedelta(hours=1)
            dated = await client.search(channel, limit=30, min_date=old.date - hour, max_date=old.date)
            assert [message.id for message in dated.messages] == [5, 4, 3, 2, 1]
            cut_first = await client.search(channel, limit=9, min_date=old.date - hour, max_date=old.date)
            assert (cut_first.messages, cut_first.total) == ((), 26)

    run(test())


def test_a_date_without_a_zone_is_refused(desk: Desk) -> None:
    """It could be any of twenty-four moments."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            me, date = await client.resolve("me"), DATE.replace(tzinfo=None)
            with pytest.raises(InvalidInput):
                client.history(me, limit=1, offset_date=date)
            with pytest.raises(InvalidInput):
                client.search(me, limit=1, max_date=date)
            assert isinstance(await raised_by(client.dialogs(limit=1, offset_date=date)), InvalidInput)
        assert "messages.search" not in desk.calls(config)

    run(test())


def test_dialogs_come_in_pages_each_chat_once(desk: Desk) -> None:
    """Going on from the last one of the page before; a pinned chat comes first, and not again."""

    async def test() -> None:
        config = desk.config()
        names = [desk.channel(config.name, messages=1) for _ in range(7)]
        async with online(config) as client:
            pinned = await client.telethon.get_input_entity(names[3])
            await client.telethon(functions.messages.ToggleDialogPinRequest(types.InputDialogPeer(pinned), pinned=True))
            page = await client.dialogs(limit=3)
            dialogs: list[Dialog] = list(page.dialogs)
            while not page.last:
                last = dialogs[-1]
                assert last.last_message is not None
                page = await client.dialogs(
                    limit=3,
                    offset_date=last.last_message.date,
                    offset_id=last.last_message.id,
                    offset_peer=last.chat,
                )
                dialogs += page.dialogs
            assert (dialogs[0].chat.username, dialogs[0].pinned) == (names[3], True)
            assert sorted(str(dialog.chat.username) for dialog in dialogs) == sorted(names)
            assert [dialog.pinned for dialog in dialogs].count(True) == 1

    run(test())


def test_a_dialog_says_what_is_unread_and_what_was_last_said(desk: Desk) -> None:
    """In a private chat and in a channel."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        desk.telegram.post_many(alice.name, ["one", "two"], author=bob.name)
        desk.telegram.post(name, "news", author=bob.name)
        async with online(alice) as client:
            page = await client.dialogs(limit=100)
            assert (page.total, page.last) == (2, True)
            by_kind = {dialog.chat.kind: dialog for dialog in page.dialogs}
            person, channel = by_kind["user"], by_kind["channel"]
            assert (person.chat, person.unread_count) == (await client.resolve(bob.name), 2)
            assert isinstance(person.last_message, Message)
            assert (person.last_message.text, person.last_message.sender) == ("two", person.chat)
            assert isinstance(channel.last_message, Message)
            assert (channel.last_message.text, channel.unread_count, channel.folder_id) == ("news", 1, 0)
            assert (await client.dialogs(limit=100, folder_id=1)).dialogs == ()
            await client.telethon.send_read_acknowledge(bob.name)
            again = {dialog.chat: dialog for dialog in (await client.dialogs(limit=100)).dialogs}
            assert (again[person.chat].unread_count, again[person.chat].read_inbox_id) == (0, person.last_message.id)

    run(test())


@pytest.mark.parametrize("whole", [False, True])
def test_the_archive_is_no_dialog(whole: bool) -> None:
    """Telegram lists it among the chats."""
    settings, peer = types.PeerNotifySettings(), types.PeerUser(7)
    dialog = types.Dialog(peer, 1, 0, 0, 3, 0, 0, 0, settings, unread_mark=True)
    folder = types.DialogFolder(types.Folder(1, "Archive"), peer, 1, 0, 0, 0, 0)
    rows = [[folder, dialog], [], [], []]
    answer = types.messages.Dialogs(*rows) if whole else types.messages.DialogsSlice(40, *rows)
    page = to_dialogs_page(answer, lambda _: PERSON, me=1, odd=Oddities())
    assert page.dialogs == (Dialog(PERSON, None, unread_count=3, unread_mark=True),)
    assert (page.total, page.last) == ((1, True) if whole else (40, False))
