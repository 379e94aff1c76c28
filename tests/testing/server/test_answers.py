"""What messages answer: parts that they quote, messages of other chats, and people who are mentioned by it."""

from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, told


async def _send(client: Any, chat: str, text: str, reply_to: types.InputReplyToMessage) -> Any:
    peer = await client.get_input_entity(chat)
    await client(functions.messages.SendMessageRequest(peer, text, reply_to=reply_to))
    return (await client.get_messages(chat, limit=1))[0]


async def test_a_quote_comes_with_the_answer(telegram: Loopback) -> None:
    """Its text, its formatting, and where it stands; a script can have one too."""
    telegram.add_channel("club", members=["ann", "bob"])
    first = telegram.post("club", "a bold word", author="bob")
    telegram.post("club", "indeed", author="bob", reply_to=first, quote="word")
    async with connected(telegram.add_session("ann")) as ann:
        bold = [types.MessageEntityBold(0, 4)]
        reply = types.InputReplyToMessage(first, quote_text="bold", quote_entities=bold, quote_offset=2)
        found = (await _send(ann, "club", "yes", reply)).reply_to
        assert (found.reply_to_msg_id, found.quote, found.quote_text) == (first, True, "bold")
        assert ([type(each) for each in found.quote_entities], found.quote_offset) == ([types.MessageEntityBold], 2)
        scripted = (await ann.get_messages("club", limit=2))[1].reply_to
        assert (scripted.reply_to_msg_id, scripted.quote_text) == (first, "word")


async def test_what_is_answered_in_another_chat_is_named_to_those_who_are_in_it(telegram: Loopback) -> None:
    """The others see the quote, by whom that is, and the topic."""
    telegram.add_channel("forum", members=["ann", "bob"])
    telegram.add_channel("secret", members=["ann", "cid"], public=False)
    topic = telegram.add_topic("forum", "cats")
    first = telegram.post("secret", "hidden", author="cid")
    async with connected(telegram.add_session("ann")) as ann, connected(telegram.add_session("bob")) as bob:
        source = await _chat(ann, "secret")
        reply = types.InputReplyToMessage(first, topic, source, quote_text="hid")
        mine = (await _send(ann, "forum", "see", reply)).reply_to
        theirs = (await bob.get_messages("forum", limit=1))[0].reply_to
        assert (mine.reply_to_msg_id, mine.reply_to_peer_id) == (first, types.PeerChannel(source.channel_id))
        assert (theirs.reply_to_msg_id, theirs.reply_to_peer_id) == (None, None)
        for found in (mine, theirs):
            assert (found.reply_to_top_id, found.forum_topic, found.quote_text) == (topic, True, "hid")
            assert isinstance(found.reply_from.from_id, types.PeerUser)


@pytest.mark.parametrize("kind", ["supergroup", "group"])
async def test_who_is_named_or_answered_in_a_group_is_mentioned_until_that_is_read(
    telegram: Loopback, kind: str
) -> None:
    """By a link, by a username, and by an answer; nobody else is, and nobody by what he writes himself."""
    add = telegram.add_channel if kind == "supergroup" else telegram.add_group
    add("club", members=["ann", "bob", "cid"])
    telegram.post("club", "welcome")
    async with connected(telegram.add_session("ann")) as ann, connected(telegram.add_session("bob")) as bob:
        chat, there = await _chat(ann), await _chat(bob)
        news = told(bob, types.UpdateNewMessage, types.UpdateNewChannelMessage)
        mine = await bob.send_message(there, "mine @bob")
        user = await ann.get_input_entity("bob")
        link = [types.InputMessageEntityMentionName(0, 3, types.InputUser(user.user_id, user.access_hash))]
        await ann.send_message(chat, "you there", formatting_entities=link)
        await ann.send_message(chat, "hi @BOB!")
        (before,) = await ann.get_messages(chat, limit=1, search="mine")
        await ann.send_message(chat, "re", reply_to=before)
        await ann.send_message(chat, "me@bob.example, @cid, @nobody")
        await eventually(lambda: len(news) == 4)
        assert [bool(update.message.mentioned) for update in news] == [True, True, True, False]
        page = await bob.get_messages(there, limit=5)
        assert [(m.mentioned, m.media_unread) for m in page] == [(False, False), *[(True, True)] * 3, (False, False)]
        assert page[4].id == mine.id
        assert await _unread(bob) == 3
        unread = await bob(functions.messages.GetUnreadMentionsRequest(there, 0, 0, 10, 0, 0))
        assert [message.message for message in unread.messages] == ["re", "hi @BOB!", "you there"]
        await _read(bob, there, page[1].id)
        assert await _unread(bob) == 2
        await bob(functions.messages.ReadMentionsRequest(there))
        assert await _unread(bob) == 0
        (read,) = await bob.get_messages(there, limit=1, search="re")
        assert (read.mentioned, read.media_unread) == (True, False)
        assert await _unread(ann) == 0


async def _chat(client: Any, name: str = "club") -> Any:
    return next(dialog.input_entity for dialog in await client.get_dialogs() if dialog.name == name)


async def _unread(client: Any) -> int:
    return int((await client.get_dialogs())[0].unread_mentions_count)


async def _read(client: Any, chat: Any, message_id: int) -> None:
    if isinstance(chat, types.InputPeerChannel):
        await client(functions.channels.ReadMessageContentsRequest(chat, [message_id]))
    else:
        await client(functions.messages.ReadMessageContentsRequest([message_id]))


async def test_nobody_is_mentioned_in_private(telegram: Loopback) -> None:
    """However often the name is called."""
    async with connected(telegram.add_session("ann")) as ann, connected(telegram.add_session("bob")) as bob:
        first = await bob.send_message("ann", "hello")
        await ann.send_message("bob", "@bob", reply_to=(await ann.get_messages("bob", limit=1))[0])
        (answer,) = await bob.get_messages("ann", limit=1)
        assert (answer.mentioned, answer.reply_to.reply_to_msg_id) == (False, first.id)


async def test_an_anonymous_administrator_writes_in_the_groups_name(telegram: Loopback) -> None:
    """Nobody learns who it was, from no message, face, update, answer or forward; the writer's own is outgoing."""
    telegram.add_channel("club", members=["ann", "bob"])
    telegram.promote("club", "bob", rights=["anonymous", "pin_messages"])
    async with connected(telegram.add_session("ann")) as ann, connected(telegram.add_session("bob")) as bob:
        news = told(ann, types.UpdateNewChannelMessage)
        own = await bob.send_message("club", "the rules")
        await bob.pin_message("club", own)
        (pin, rules) = await ann.get_messages("club", limit=2)
        await eventually(lambda: len(news) == 2)
        assert [m.from_id for m in (pin, rules, news[0].message)] == [None, None, None]
        assert ((await bob.get_messages("club", ids=own.id)).out, rules.out) == (True, False)
        page = await ann(functions.messages.GetHistoryRequest("club", 0, None, 0, 10, 0, 0, 0))
        assert page.users == []
        dialogs = await ann(functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 10, 0))
        assert dialogs.users == []
        forwarded = await ann.forward_messages("me", rules)
        assert (forwarded.fwd_from.from_id, forwarded.fwd_from.channel_post) == (rules.peer_id, None)
        telegram.promote("club", "bob", rights=["pin_messages"])
        assert (await bob.send_message("club", "signed")).from_id == types.PeerUser((await bob.get_me()).id)
