"""What people do with messages once they are there: answer, forward, format, edit, pin, react, read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, told


@asynccontextmanager
async def pair(telegram: Loopback, one: str, two: str) -> AsyncIterator[tuple[Any, Any]]:
    """Clients of two accounts."""
    async with (
        connected(telegram.add_session(f"{one}-s", account=one)) as first,
        connected(telegram.add_session(f"{two}-s", account=two)) as second,
    ):
        yield first, second


async def test_a_reply_says_what_it_answers_in_the_ids_of_each_side(telegram: Loopback) -> None:
    """In a private chat each side has ids of its own."""
    telegram.add_account("rex")
    telegram.post("rex", "noise", author="rex")
    async with pair(telegram, "ria", "rex") as (ria, rex):
        question = await ria.send_message("@rex", "why?")
        asked = (await rex.get_messages("@ria"))[0]
        assert asked.id != question.id
        await rex.send_message("@ria", "because", reply_to=asked)
        assert (await rex.get_messages("@ria", limit=1))[0].reply_to_msg_id == asked.id
        (heard,) = await ria.get_messages("@rex", limit=1)
        assert heard.reply_to_msg_id == question.id
        assert (await heard.get_reply_message()).raw_text == "why?"


async def test_replies_in_a_supergroup_make_threads(telegram: Loopback) -> None:
    """A reply to a reply is in the thread of the first message, which counts them."""
    telegram.add_channel("forum", members=["thea", "theo"])
    async with pair(telegram, "thea", "theo") as (thea, theo):
        root = await thea.send_message("@forum", "topic")
        first = await theo.send_message("@forum", "first", reply_to=root)
        second = await thea.send_message("@forum", "second", reply_to=first)
        await thea.send_message("@forum", "aside")
        assert second.reply_to.reply_to_top_id == root.id
        thread = [message.raw_text async for message in theo.iter_messages("@forum", reply_to=root.id)]
        assert thread == ["second", "first"]
        assert (await theo.get_messages("@forum", ids=root.id)).replies.replies == 2


@pytest.mark.parametrize("target", ["private", "channel"])
async def test_a_forward_keeps_text_and_formatting_and_says_who_said_it(telegram: Loopback, target: str) -> None:
    """Also a forward of a forward; without the author it is like one's own."""
    telegram.add_channel(f"relay-{target}", members=["fay", "flo"])
    chat = "@flo" if target == "private" else f"@relay_{target}"
    async with pair(telegram, "flo", "fay") as (flo, fay):
        said = await flo.send_message("@fay", "**bold** words")
        (there,) = await fay.get_messages("@flo", limit=1)
        passed = await fay.forward_messages(chat, there)
        again = await fay.forward_messages(chat, [passed])
        plain = await fay.forward_messages(chat, there, drop_author=True)
    assert passed.raw_text == again[0].raw_text == plain.raw_text == "bold words"
    assert isinstance(passed.entities[0], types.MessageEntityBold)
    assert passed.fwd_from.from_id.user_id == again[0].fwd_from.from_id.user_id
    assert passed.fwd_from.date == said.date
    assert plain.fwd_from is None


async def test_a_post_of_a_channel_is_forwarded_as_the_channels(telegram: Loopback) -> None:
    """With the id it had there."""
    telegram.add_channel("daily", members=["ed"], messages=3, broadcast=True)
    async with connected(telegram.add_session("ed-1", account="ed")) as client:
        sent = await client.forward_messages("me", 2, "@daily")
        assert sent.fwd_from.channel_post == 2
        assert isinstance(sent.fwd_from.from_id, types.PeerChannel)


async def test_the_same_random_ids_forward_once(telegram: Loopback) -> None:
    """As with sending: a repeat is answered with what was made then."""
    telegram.add_account("fox")
    async with connected(telegram.add_session("hen")) as hen:
        sent = await hen.send_message("me", "egg")
        fox = await hen.get_input_entity("@fox")
        request = functions.messages.ForwardMessagesRequest(types.InputPeerSelf(), [sent.id], fox, random_id=[5])
        first, second = await hen(request), await hen(request)
        ids = [[update.id for update in reply.updates if hasattr(update, "random_id")] for reply in (first, second)]
        assert ids[0] == ids[1]
        with pytest.raises(errors.MessageIdInvalidError):
            await hen.forward_messages("@fox", 999, "me")
    assert [message.text for message in telegram.messages("fox")] == ["egg"]


async def test_formatting_comes_back_as_it_was_sent(telegram: Loopback) -> None:
    """Entities with their places, and a mention of somebody without a username by id."""
    telegram.add_account("max")
    async with pair(telegram, "may", "max") as (may, max_):
        me = await max_.get_me()
        await may.get_input_entity("@max")
        text = f"**b** __i__ `c` [link](https://example.org/) [Max](tg://user?id={me.id})"
        await may.send_message("@max", text)
        (got,) = await max_.get_messages("@may", limit=1)
    kinds = [type(entity).__name__.removeprefix("MessageEntity") for entity in got.entities]
    assert kinds == ["Bold", "Italic", "Code", "TextUrl", "MentionName"]
    assert got.entities[-1].user_id == me.id
    assert got.text == text


async def test_an_edit_is_told_to_the_others_with_its_new_formatting(telegram: Loopback) -> None:
    """In a private chat and in a supergroup; nobody else's message can be edited."""
    telegram.add_channel("draft", members=["ava", "ben"])
    async with pair(telegram, "ava", "ben") as (ava, ben):
        edits = told(ben, types.UpdateEditMessage, types.UpdateEditChannelMessage)
        for chat in ("@ben", "@draft"):
            sent = await ava.send_message(chat, "wrod")
            edited = await ava.edit_message(chat, sent, "**word**")
            assert (edited.id, edited.raw_text) == (sent.id, "word")
        await eventually(lambda: [edit.message.message for edit in edits] == ["word", "word"])
        assert all(isinstance(edit.message.entities[0], types.MessageEntityBold) for edit in edits)
        with pytest.raises(errors.MessageAuthorRequiredError):
            await ben.edit_message("@draft", sent.id, "mine")


async def test_deleting_only_for_oneself_leaves_the_other_copy(telegram: Loopback) -> None:
    """revoke=False."""
    telegram.add_account("leo")
    async with connected(telegram.add_session("liz")) as liz:
        sent = await liz.send_message("@leo", "hm")
        await liz.delete_messages("@leo", sent, revoke=False)
        assert await liz.get_messages("@leo", limit=5) == []
    assert [message.text for message in telegram.messages("leo")] == ["hm"]


async def test_a_deletion_in_a_channel_is_told_to_all_and_allowed_to_authors_and_admins(telegram: Loopback) -> None:
    """The session that deletes is told too, so that it stays in step with the channel."""
    telegram.add_channel("wall", members=["boss", "hand"])
    async with pair(telegram, "boss", "hand") as (boss, hand):
        gone = [told(client, types.UpdateDeleteChannelMessages) for client in (boss, hand)]
        first, second = await boss.send_message("@wall", "rules"), await hand.send_message("@wall", "graffiti")
        with pytest.raises(errors.MessageDeleteForbiddenError):
            await hand.delete_messages("@wall", first)
        await boss.delete_messages("@wall", [first, second])
        await eventually(lambda: all(len(updates) == 1 for updates in gone))
        assert gone[1][0].messages == [first.id, second.id]
        assert await hand.get_messages("@wall", limit=5) == []


async def test_a_pinned_message_is_marked_noted_and_told_to_both_sides(telegram: Loopback) -> None:
    """A private chat; the note is a message that answers the pinned one."""
    telegram.add_account("pat")
    async with pair(telegram, "pia", "pat") as (pia, pat):
        pins = told(pat, types.UpdatePinnedMessages)
        sent = await pia.send_message("@pat", "address")
        note = await pia.pin_message("@pat", sent)
        assert isinstance(note.action, types.MessageActionPinMessage)
        assert note.reply_to_msg_id == sent.id
        await eventually(lambda: len(pins) == 1)
        found = await pat.get_messages("@pia", limit=None, filter=types.InputMessagesFilterPinned())
        assert [message.raw_text for message in found] == ["address"]
        assert await pia.pin_message("@pat", sent) is None
        await pia.unpin_message("@pat", sent)
        await eventually(lambda: len(pins) == 2 and not pins[1].pinned)


async def test_pinning_in_a_supergroup_is_for_its_administrators(telegram: Loopback) -> None:
    """The full channel names the last pinned message; all are unpinned at once."""
    telegram.add_channel("board", members=["chair", "clerk"])
    async with pair(telegram, "chair", "clerk") as (chair, clerk):
        pins = told(clerk, types.UpdatePinnedChannelMessages)
        notices = [await chair.send_message("@board", text) for text in ("one", "two")]
        for notice in notices:
            await chair.pin_message("@board", notice)
        full = await clerk(functions.channels.GetFullChannelRequest("@board"))
        assert full.full_chat.pinned_msg_id == notices[1].id
        with pytest.raises(errors.ChatAdminRequiredError):
            await clerk.unpin_message("@board")
        await chair.unpin_message("@board")
        await eventually(lambda: [(pin.messages, bool(pin.pinned)) for pin in pins] == _pins(notices))
        assert await clerk.get_messages("@board", limit=5, filter=types.InputMessagesFilterPinned()) == []


def _pins(notices: list[Any]) -> list[tuple[list[int], bool]]:
    ids = [notice.id for notice in notices]
    return [([ids[0]], True), ([ids[1]], True), (ids, False)]


@pytest.mark.parametrize("chat", ["private", "channel"])
async def test_reactions_are_counted_shown_as_ones_own_and_taken_back(telegram: Loopback, chat: str) -> None:
    """One emoji each; the other side is told at once."""
    telegram.add_channel(f"fans-{chat}", members=["kai", "kim"])
    async with pair(telegram, "kai", "kim") as (kai, kim):
        there, back = ("@kim", "@kai") if chat == "private" else (f"@fans_{chat}", f"@fans_{chat}")
        news = told(kai, types.UpdateMessageReactions)
        await kai.send_message(there, "joke")
        (joke,) = await kim.get_messages(back, limit=1)
        peer = await kim.get_input_entity(back)
        laugh = [types.ReactionEmoji("\N{FACE WITH TEARS OF JOY}")]
        await kim(functions.messages.SendReactionRequest(peer, joke.id, reaction=laugh))
        await eventually(lambda: len(news) == 1)
        (result,) = news[0].reactions.results
        assert (result.reaction, result.count, result.chosen_order) == (laugh[0], 1, None)
        assert (await kim.get_messages(back, limit=1))[0].reactions.results[0].chosen_order == 0
        with pytest.raises(errors.MessageNotModifiedError):
            await kim(functions.messages.SendReactionRequest(peer, joke.id, reaction=laugh))
        with pytest.raises(errors.ReactionInvalidError):
            await kim(functions.messages.SendReactionRequest(peer, joke.id, reaction=[types.ReactionEmoji("")]))
        await kim(functions.messages.SendReactionRequest(peer, joke.id, reaction=[]))
        await eventually(lambda: len(news) == 2)
        assert news[1].reactions.results == []


async def test_an_account_that_is_told_the_least_of_reactions_has_to_ask_for_its_own(telegram: Loopback) -> None:
    """In updates and pages they are `min`; others are told as ever."""
    telegram.add_channel("fans", members=["kai", "kim"])
    joke = telegram.post("fans", "joke", author="kai")
    telegram.min_reactions("kim")
    async with pair(telegram, "kai", "kim") as (kai, kim):
        news = told(kim, types.UpdateMessageReactions)
        peer = await kim.get_input_entity("@fans")
        laugh = [types.ReactionEmoji("\N{FACE WITH TEARS OF JOY}")]
        await kim(functions.messages.SendReactionRequest(peer, joke, reaction=laugh))
        await kai(functions.messages.SendReactionRequest(await kai.get_input_entity("@fans"), joke, reaction=laugh))
        await eventually(lambda: len(news) == 1)
        (seen,) = await kim.get_messages("@fans", limit=1)
        for reactions in (news[0].reactions, seen.reactions):
            (result,) = reactions.results
            assert (reactions.min, result.count, result.chosen_order, reactions.recent_reactions) == (
                True,
                2,
                None,
                None,
            )
        whole = (await kim(functions.messages.GetMessagesReactionsRequest(peer, [joke]))).updates[0].reactions
        assert (whole.min, whole.results[0].chosen_order) == (False, 0)
        assert not (await kai.get_messages("@fans", limit=1))[0].reactions.min
        telegram.min_reactions("kim", on=False)
        assert (await kim.get_messages("@fans", limit=1))[0].reactions.results[0].chosen_order == 0


async def test_who_reacted_is_listed_in_pages(telegram: Loopback) -> None:
    """messages.getMessageReactionsList, newest first."""
    names = [f"voter-{number}" for number in range(3)]
    telegram.add_channel("poll", members=names, messages=1)
    for name in names:
        async with connected(telegram.add_session(f"{name}-s", account=name)) as client:
            peer = await client.get_input_entity("@poll")
            yes = [types.ReactionEmoji("\N{THUMBS UP SIGN}")]
            await client(functions.messages.SendReactionRequest(peer, 1, reaction=yes))
            if name == names[-1]:
                page = await client(functions.messages.GetMessageReactionsListRequest(peer, 1, limit=2))
                rest = functions.messages.GetMessageReactionsListRequest(peer, 1, limit=2, offset=page.next_offset)
                last = await client(rest)
    assert (page.count, [user.first_name for user in page.users]) == (3, ["voter-2", "voter-1"])
    assert [user.first_name for user in last.users] == ["voter-0"]
    assert last.next_offset is None


async def test_reading_moves_the_marks_of_both_sides_and_the_count(telegram: Loopback) -> None:
    """A private chat and a supergroup: the reader's other session and the writer are told."""
    telegram.add_channel("office", members=["amy", "bob"])
    second = telegram.add_session("bob-2", account="bob")
    async with pair(telegram, "amy", "bob") as (amy, bob), connected(second) as other:
        out = told(amy, types.UpdateReadHistoryOutbox, types.UpdateReadChannelOutbox)
        inbox = told(other, types.UpdateReadHistoryInbox, types.UpdateReadChannelInbox)
        for chat in ("@bob", "@office"):
            sent = [await amy.send_message(chat, str(number)) for number in range(3)]
        unread = {dialog.name: dialog.unread_count for dialog in await bob.get_dialogs()}
        assert unread == {"amy": 3, "office": 3}
        await bob.send_read_acknowledge("@amy")
        await bob.send_read_acknowledge("@office", max_id=sent[1].id)
        await eventually(lambda: [update.max_id for update in out] == [3, sent[1].id])
        await eventually(lambda: [update.still_unread_count for update in inbox] == [0, 1])
        marks = {dialog.name: dialog.dialog.read_outbox_max_id for dialog in await amy.get_dialogs()}
        assert marks == {"bob": 3, "office": sent[1].id}
