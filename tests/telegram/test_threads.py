"""Topics, anonymous administrators, mentions and reactions that say little, from a server to snapshots."""

from __future__ import annotations

from telethon import functions, types

from actors.model.content import Reaction
from actors.model.updates import ReactionsChanged
from actors.telegram.convert import to_input_peer

from .conftest import Desk, messages_of, online, run, until, updates_of


def test_a_message_in_a_topic_says_so(desk: Desk) -> None:
    """It answers something there or not; in the General topic it is in a thread of answers at most."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        topic = desk.telegram.add_topic(name, "cats")
        async with online(alice) as client:
            heard = messages_of(client)
            there = desk.telegram.post(name, "there", author=bob.name, reply_to=topic)
            desk.telegram.post(name, "answer", author=bob.name, reply_to=there)
            general = desk.telegram.post(name, "general", author=bob.name)
            desk.telegram.post(name, "beside", author=bob.name, reply_to=general)
            await until(lambda: len(heard) == 4)
            assert [(m.reply_to, m.thread_id, m.forum_topic) for m in heard] == [
                (None, topic, True),
                (there, topic, True),
                (None, None, False),
                (general, general, False),
            ]

    run(test())


def test_an_answer_to_what_is_hidden_says_its_topic_all_the_same(desk: Desk) -> None:
    """A quote from a chat that the account isn't in: there is no id to give."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name, secret = desk.channel(alice.name, bob.name), desk.name("secret")
        desk.telegram.add_channel(secret, members=[bob.name], public=False, messages=1)
        topic = desk.telegram.add_topic(name, "cats")
        async with online(alice) as client, online(bob) as writer:
            heard = messages_of(client)
            telethon = writer.telethon
            dialogs = await telethon.get_dialogs()
            source = next(dialog.input_entity for dialog in dialogs if dialog.name == secret)
            reply = types.InputReplyToMessage(1, topic, source, quote_text=secret)
            peer = await telethon.get_input_entity(name)
            await telethon(functions.messages.SendMessageRequest(peer, "see", reply_to=reply))
            await until(lambda: heard)
            assert (heard[0].reply_to, heard[0].thread_id, heard[0].forum_topic) == (None, topic, True)

    run(test())


def test_what_an_anonymous_administrator_writes_is_the_groups(desk: Desk) -> None:
    """With the group itself as the sender, also when it is a post of a channel."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        group, channel = desk.channel(bob.name, alice.name), desk.name("channel")
        desk.telegram.add_channel(channel, members=[bob.name, alice.name], broadcast=True)
        desk.telegram.promote(group, bob.name, rights=["anonymous"])
        async with online(alice) as client:
            heard = messages_of(client)
            for name in (group, channel):
                desk.telegram.post(name, "the rules", author=bob.name)
            await until(lambda: len(heard) == 2)
            chats = [await client.resolve(name) for name in (group, channel)]
            heard.sort(key=lambda message: message.chat.id)
            assert [m.sender_id for m in heard] == [-1_000_000_000_000 - chat.id for chat in chats]
            assert [m.sender for m in heard] == chats

    run(test())


def test_reactions_that_dont_say_whose_they_are_are_told_so(desk: Desk) -> None:
    """As an update, and in the history."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        post = desk.telegram.post(name, "joke", author=bob.name)
        desk.telegram.min_reactions(alice.name)
        async with online(alice) as client, online(bob) as other:
            heard = updates_of(client)
            for each in (client, other):
                chat = await each.resolve(name)
                smile = [types.ReactionEmoji("\N{SMILING FACE WITH SMILING EYES}")]
                request = functions.messages.SendReactionRequest(to_input_peer(chat), post, reaction=smile)
                await each.telethon(request)
            await until(lambda: heard)
            chat = await client.resolve(name)
            expected = (Reaction(smile[0].emoticon, 2, chosen=None),)
            assert heard == [ReactionsChanged(chat, post, expected)]
            assert (await client.history(chat, limit=1)).messages[0].reactions == expected

    run(test())


def test_a_group_is_among_the_dialogs_from_the_start_and_counts_mentions(desk: Desk) -> None:
    """Before anybody has written to it."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.name("group")
        desk.telegram.add_group(name, members=[alice.name, bob.name])
        async with online(alice) as client:
            (dialog,) = (await client.dialogs(limit=10)).dialogs
            assert dialog.last_message is not None
            assert (dialog.chat.title, dialog.last_message.service) == (name, "ChatCreate")
            assert dialog.unread_mentions == 0
            desk.telegram.post(name, f"@{alice.name}, look", author=bob.name)
            (dialog,) = (await client.dialogs(limit=10)).dialogs
            assert dialog.unread_mentions == 1

    run(test())
