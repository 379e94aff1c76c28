"""Answers that aren't as one expects: rows left out of pages, messages in disguise, answers of the test's own."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import TelegramClient
from telethon.tl import functions, types

from actors.testing import Loopback, LoopbackFailed
from tests.testing.server.clients import connected
from tests.testing.server.pictures import named, png


async def _page(client: TelegramClient, **changes: int) -> Any:
    """Return an answer of messages.getHistory in @log."""
    peer = await client.get_input_entity("@log")
    fields: dict[str, Any] = {"offset_id": 0, "add_offset": 0, "limit": 5, "max_id": 0, "min_id": 0, **changes}
    return await client(functions.messages.GetHistoryRequest(peer, offset_date=None, hash=0, **fields))


def _ids(answer: Any) -> list[int]:
    return [message.id for message in answer.messages]


async def test_a_hidden_message_is_missing_from_its_page_and_counted_still(telegram: Loopback) -> None:
    """No other one takes its place; it can be fetched by its id."""
    telegram.add_channel("log", messages=20, members=["ann", "bob"])
    async with connected(telegram.add_session("ann")) as ann, connected(telegram.add_session("bob")) as bob:
        telegram.hide("log", [18, 19])
        telegram.hide("log", [16], account="bob")
        assert (_ids(await _page(ann)), _ids(await _page(bob))) == ([20, 17, 16], [20, 17])
        assert (await _page(ann)).count == 20
        assert _ids(await _page(ann, offset_id=18)) == [17, 16, 15, 14, 13]
        assert [m.id async for m in ann.iter_messages("@log", search="log", limit=5)] == [20, 17, 16, 15, 14]
        assert (await ann.get_messages("@log", ids=19)).id == 19
        telegram.hide("log", [])
        assert _ids(await _page(ann)) == [20, 19, 18, 17, 16]


async def test_a_private_message_can_be_hidden_from_one_side(telegram: Loopback) -> None:
    """Its pages are then a part of what there is, and say so."""
    telegram.add_account("ann")
    telegram.add_account("bob")
    ids = telegram.post_many("ann", ["one", "two", "three"], author="bob")
    with pytest.raises(LoopbackFailed, match="whose they are"):
        telegram.hide("bob", ids)
    telegram.hide("bob", [ids[1]], account="ann")
    async with connected(telegram.add_session("ann-1", account="ann")) as ann:
        found = await ann.get_messages("@bob", limit=10)
        assert ([message.raw_text for message in found], found.total) == (["three", "one"], 3)
    async with connected(telegram.add_session("bob-1", account="bob")) as bob:
        assert len(await bob.get_messages("@ann", limit=10)) == 3


async def test_a_page_says_how_many_are_newer_when_it_was_asked_for_with_an_offset(telegram: Loopback) -> None:
    """offset_id_offset, of the window; none without an offset."""
    telegram.add_channel("log", messages=20, members=["ann"])
    async with connected(telegram.add_session("ann")) as ann:
        for changes, place in (
            ({}, None),
            ({"offset_id": 18}, 3),
            ({"offset_id": 18, "add_offset": 2}, 5),
            ({"offset_id": 18, "add_offset": -5}, 0),
            ({"offset_id": 1}, 20),
        ):
            assert (await _page(ann, **changes)).offset_id_offset == place


async def test_chats_and_members_can_be_left_out_of_their_lists(telegram: Loopback) -> None:
    """And are counted still; a list that is given whole says that it is."""
    for name in ("one", "two", "three"):
        telegram.add_channel(name, messages=1, members=["ann", "bob", "cid"])
    async with connected(telegram.add_session("ann")) as ann:
        request = functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 100, 0)
        assert isinstance(await ann(request), types.messages.Dialogs)
        telegram.hide_dialog("two", "ann")
        answer = await ann(request)
        assert (type(answer), answer.count, len(answer.dialogs)) == (types.messages.DialogsSlice, 3, 2)
        telegram.hide_member("one", "bob")
        members = await ann.get_participants("@one")
        assert ([member.first_name for member in members], members.total) == (["ann", "cid"], 3)


async def test_a_message_shows_as_whatever_the_test_says(telegram: Loopback) -> None:
    """In a history, by id, and to everybody."""
    telegram.add_channel("log", messages=3, members=["ann"])
    date = telegram.channel_messages("log")[1].date
    other = types.MessageService(id=2, peer_id=types.PeerChannel(1), date=date, action=types.MessageActionPinMessage())
    telegram.disguise("log", 2, bytes(other))
    with pytest.raises(LoopbackFailed, match="no message 9"):
        telegram.disguise("log", 9, bytes(other))
    async with connected(telegram.add_session("ann")) as ann:
        assert [type(message.action) for message in await ann.get_messages("@log", limit=3)] == [
            type(None),
            types.MessageActionPinMessage,
            type(None),
        ]


async def test_a_call_can_be_answered_with_anything(telegram: Loopback) -> None:
    """As often as other faults strike."""
    telegram.add_channel("log", messages=3, members=["ann"])
    async with connected(telegram.add_session("ann")) as ann:
        telegram.fail("messages.getHistory", answer=bytes(types.messages.MessagesNotModified(7)), times=1)
        answer = await _page(ann)
        assert (type(answer), answer.count) == (types.messages.MessagesNotModified, 7)
        assert _ids(await _page(ann)) == [3, 2, 1]


FILTERS = {
    "Photos": 1,
    "Video": 1,
    "PhotoVideo": 2,
    "RoundVideo": 1,
    "Voice": 1,
    "RoundVoice": 2,
    "Music": 1,
    "Gif": 1,
    "Document": 1,
    "Url": 2,
    "Contacts": 1,
    "Geo": 1,
}


async def test_a_search_can_be_for_one_kind_of_messages(telegram: Loopback) -> None:
    """Each kind of file has a filter of its own, and plain documents are the rest."""
    telegram.add_channel("log", members=["ann"])
    video, sound = types.DocumentAttributeVideo, types.DocumentAttributeAudio
    kinds: list[list[Any]] = [
        [types.DocumentAttributeFilename("a.pdf")],
        [video(3, 9, 9)],
        [video(3, 9, 9, round_message=True)],
        [video(3, 9, 9), types.DocumentAttributeAnimated()],
        [sound(3, voice=True)],
        [sound(3, title="tune")],
    ]
    async with connected(telegram.add_session("ann")) as ann:
        for attributes in kinds:
            await ann.send_file("@log", named(b"x" * 99, "x.bin"), attributes=attributes, force_document=True)
        await ann.send_file("@log", named(png(20, 20), "sea.png"))
        await ann.send_file("@log", types.InputMediaContact("+4912345", "Bob", "", ""))
        await ann.send_file("@log", types.InputMediaGeoPoint(types.InputGeoPoint(1.0, 2.0)))
        await ann.send_message("@log", "see https://example.org")
        await ann.send_message("@log", "see [this](https://example.org/)")
        found = {}
        for name in FILTERS:
            kind = getattr(types, f"InputMessagesFilter{name}")
            found[name] = len([message async for message in ann.iter_messages("@log", filter=kind)])
        assert found == FILTERS
