"""Finding things: in a chat, in all chats, in the list of chats."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, told


async def _found(messages: Any) -> list[str]:
    return [message.raw_text async for message in messages]


async def test_a_chat_is_searched_for_words_in_any_case_and_order(telegram: Loopback) -> None:
    """In a supergroup, in a private chat, in a group, newest first."""
    telegram.add_channel("garden", members=["seeker"])
    telegram.add_group("shed", members=["seeker"])
    for chat in ("garden", "shed", "seeker"):
        telegram.post_many(chat, ["Red rose", "white lily", "rose, dark red"], author="seeker")
    async with connected(telegram.add_session("seeker-1", account="seeker")) as client:
        for dialog in await client.get_dialogs():
            found = await _found(client.iter_messages(dialog.entity, search="red ROSE"))
            assert found == ["rose, dark red", "Red rose"]
            assert await client.get_messages(dialog.entity, limit=5, search="tulip") == []


async def test_a_search_comes_in_pages_either_way_with_its_total(telegram: Loopback) -> None:
    """250 hits among 500 messages."""
    telegram.add_channel("book", members=["page", "pencil"])
    telegram.post_many("book", [f"{'even' if n % 2 == 0 else 'odd'} {n}" for n in range(500)])
    evens = [f"even {n}" for n in range(0, 500, 2)]
    async with connected(telegram.add_session("page-1", account="page")) as client:
        assert await _found(client.iter_messages("@book", search="even", wait_time=0)) == evens[::-1]
        assert await _found(client.iter_messages("@book", search="even", reverse=True, wait_time=0)) == evens
        assert (await client.get_messages("@book", limit=0, search="even")).total == 250


async def test_a_search_can_be_for_one_writer_and_for_links(telegram: Loopback) -> None:
    """from_user in a supergroup, and InputMessagesFilterUrl."""
    telegram.add_channel("pub", members=["ale", "rum"])
    async with (
        connected(telegram.add_session("ale-1", account="ale")) as ale,
        connected(telegram.add_session("rum-1", account="rum")) as rum,
    ):
        await ale.send_message("@pub", "cheers")
        await rum.send_message("@pub", "see [this](https://example.org/)")
        assert await _found(ale.iter_messages("@pub", from_user="@ale")) == ["cheers"]
        assert await _found(ale.iter_messages("@pub", filter=types.InputMessagesFilterUrl)) == ["see this"]


async def test_all_chats_are_searched_at_once_in_pages(telegram: Loopback) -> None:
    """Private, group and supergroup; not the chats that one isn't in."""
    telegram.add_channel("world", members=["fogg"])
    telegram.add_channel("elsewhere", members=["other"])
    telegram.add_group("train", members=["fogg"])
    for chat, author in (("world", "fogg"), ("train", "fogg"), ("fogg", "other"), ("elsewhere", "other")):
        telegram.post_many(chat, [f"{chat} day {number}" for number in range(60)], author=author)
    async with connected(telegram.add_session("fogg-1", account="fogg")) as client:
        found = await _found(client.iter_messages(None, search="day", wait_time=0))
    assert len(found) == len(set(found)) == 180
    assert {text.split()[0] for text in found} == {"world", "train", "fogg"}


async def test_dialogs_come_in_pages_of_a_hundred_newest_first(telegram: Loopback) -> None:
    """Over three pages, chats of all kinds, none twice."""
    telegram.add_account("hub")
    for number in range(210):
        telegram.add_account(f"spoke-{number}")
        telegram.post("hub", "hi", author=f"spoke-{number}")
    telegram.add_channel("rim", members=["hub"], messages=1)
    telegram.add_group("tyre", members=["hub"])
    telegram.post("tyre", "psst", author="hub")
    async with connected(telegram.add_session("hub-1", account="hub")) as client:
        dialogs = await client.get_dialogs()
        assert (len(dialogs), dialogs.total) == (212, 212)
        assert len({dialog.id for dialog in dialogs}) == 212
        dates = [dialog.date for dialog in dialogs]
        assert dates == sorted(dates, reverse=True)
        assert {"rim", "tyre"} < {dialog.name for dialog in dialogs}
    assert telegram.calls("hub").count("messages.getDialogs") == 3


async def test_archived_chats_are_in_a_folder_of_their_own(telegram: Loopback) -> None:
    """folders.editPeerFolders, which tells the account's other sessions."""
    telegram.add_channel("old", members=["tidy"], messages=1)
    telegram.add_channel("new", members=["tidy"], messages=1)
    first, second = telegram.add_session("tidy-1", account="tidy"), telegram.add_session("tidy-2", account="tidy")
    async with connected(first) as client, connected(second) as other:
        news = told(other, types.UpdateFolderPeers)
        await client.edit_folder("@old", 1)
        assert [dialog.name for dialog in await client.get_dialogs(folder=0)] == ["new"]
        assert [(dialog.name, dialog.archived) for dialog in await client.get_dialogs(folder=1)] == [("old", True)]
        assert len(await client.get_dialogs()) == 2
        await eventually(lambda: [update.folder_peers[0].folder_id for update in news] == [1])
        await client.edit_folder("@old", 0)
        assert len(await client.get_dialogs(folder=0)) == 2


async def test_a_pinned_chat_is_on_top(telegram: Loopback) -> None:
    """Though another one is newer; ignored on request."""
    telegram.add_channel("dusty", members=["neat"], messages=1)
    telegram.post_many("neat", ["note"], author="neat")
    async with connected(telegram.add_session("neat-1", account="neat")) as client:
        assert [dialog.name for dialog in await client.get_dialogs()] == ["neat", "dusty"]
        peer = types.InputDialogPeer(await client.get_input_entity("@dusty"))
        await client(functions.messages.ToggleDialogPinRequest(peer, pinned=True))
        assert [(dialog.name, dialog.pinned) for dialog in await client.get_dialogs()] == [
            ("dusty", True),
            ("neat", False),
        ]
        assert [dialog.name for dialog in await client.get_dialogs(ignore_pinned=True)] == ["neat"]


async def test_a_deleted_dialog_is_gone_and_with_revoke_for_both(telegram: Loopback) -> None:
    """messages.deleteHistory."""
    telegram.add_account("exes")
    async with connected(telegram.add_session("gone")) as client:
        await client.send_message("@exes", "bye")
        await client.delete_dialog("@exes", revoke=True)
        assert await client.get_dialogs() == []
    assert telegram.messages("exes") == []


async def test_a_thread_of_no_message_is_refused(telegram: Loopback) -> None:
    """MSG_ID_INVALID."""
    telegram.add_channel("loom", members=["weaver"], messages=1)
    async with connected(telegram.add_session("weaver-1", account="weaver")) as client:
        with pytest.raises(errors.MsgIdInvalidError):
            await client.get_messages("@loom", limit=5, reply_to=99)
