"""Edits, deletions, reactions, comings and goings, as a session hears of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telethon import functions, types

from actors.model.content import Peer, Reaction
from actors.model.updates import (
    DeletedMessages,
    EditedMessage,
    MemberJoined,
    MemberLeft,
    NewMessage,
    ReactionsChanged,
    Update,
)
from actors.telegram.client import TelethonClient
from actors.testing import Loopback

from .conftest import Desk, online, run, until, updates_of

LAUGH = types.ReactionEmoji("\N{GRINNING FACE}")


def of_kind(updates: list[Update], *kinds: type) -> list[Any]:
    """Return the updates of some kinds, in order."""
    return [update for update in updates if isinstance(update, kinds)]


def test_an_edit_is_told_with_the_whole_message_as_it_is_now(desk: Desk) -> None:
    """In a channel and in private."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client, online(bob) as other:
            heard = updates_of(client)
            for where in (name, alice.name):
                chat = await other.resolve(where)
                sent = await other.send_message(chat, "frist", random_id=1 if where == name else 2)
                await other.telethon.edit_message(where, sent.id, "**first**")
                await until(lambda: len(of_kind(heard, EditedMessage)) == 1)
                (edit,) = of_kind(heard, EditedMessage)
                (new,) = of_kind(heard, NewMessage)
                assert (edit.message.id, edit.message.chat) == (new.message.id, new.message.chat)
                assert (edit.message.text, edit.message.entities[0].kind) == ("first", "bold")
                assert edit.message.edit_date is not None
                assert edit.message.edit_date >= edit.message.date
                assert edit.message.edit_date.tzname() == "UTC"
                heard.clear()

    run(test())


def test_a_deletion_names_the_channel_and_elsewhere_the_ids_alone(desk: Desk) -> None:
    """Telegram doesn't say in which private chat it was."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client, online(bob) as other:
            heard = updates_of(client)
            for where in (name, alice.name):
                sent = await other.send_message(await other.resolve(where), "oops", random_id=len(where))
                await until(lambda: of_kind(heard, NewMessage))
                (new,) = of_kind(heard, NewMessage)
                await other.telethon.delete_messages(where, [sent.id])
                await until(lambda: of_kind(heard, DeletedMessages))
                chat = await client.resolve(name) if where == name else None
                assert of_kind(heard, DeletedMessages) == [DeletedMessages(chat, (new.message.id,))]
                heard.clear()

    run(test())


def test_reactions_are_told_as_they_are_now_and_who_is_among_them(desk: Desk) -> None:
    """Given, joined by one's own, taken back."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        message_id = desk.telegram.post(name, "a joke", author=alice.name)
        async with online(alice) as client, online(bob) as other:
            heard = updates_of(client)
            chat, there = await client.resolve(name), await other.telethon.get_input_entity(name)

            async def react(who: TelethonClient, *reactions: Any) -> None:
                peer = await who.telethon.get_input_entity(name)
                await who.telethon(functions.messages.SendReactionRequest(peer, message_id, reaction=list(reactions)))

            await react(other, LAUGH)
            await until(lambda: len(heard) == 1)
            await react(client, LAUGH)
            await react(other)
            await until(lambda: len(heard) == 2)
            assert there.channel_id == chat.id
            assert heard == [
                ReactionsChanged(chat, message_id, (Reaction(LAUGH.emoticon, 1),)),
                ReactionsChanged(chat, message_id, (Reaction(LAUGH.emoticon, 1, chosen=True),)),
            ]
            page = await client.history(chat, limit=1)
            assert page.messages[0].reactions == (Reaction(LAUGH.emoticon, 1, chosen=True),)

    run(test())


def test_a_group_tells_who_comes_and_goes_and_by_whose_doing(desk: Desk) -> None:
    """By oneself, by an invitation, by being thrown out; each with the service message that says so."""

    async def test() -> None:
        alice, bob, carol = desk.config(), desk.config("bob"), desk.config("carol")
        name = desk.channel(alice.name, bob.name)
        async with online(bob) as client, online(alice) as admin:
            heard = updates_of(client)
            chat = await client.resolve(name)
            ids = {who: (await client.resolve(who)).id for who in (alice.name, carol.name)}
            channel = await admin.telethon.get_input_entity(name)
            guest = await admin.telethon.get_input_entity(carol.name)
            desk.telegram.join(name, carol.name)
            desk.telegram.leave(name, carol.name)
            await until(lambda: len(of_kind(heard, MemberLeft)) == 1)
            await admin.telethon(functions.channels.InviteToChannelRequest(channel, [guest]))
            await admin.telethon.kick_participant(channel, guest)
            await until(lambda: len(of_kind(heard, MemberLeft)) == 2)
            moves = of_kind(heard, MemberJoined, MemberLeft)
            assert [(type(move), move.chat, move.user_id, move.by) for move in moves] == [
                (MemberJoined, chat, ids[carol.name], None),
                (MemberLeft, chat, ids[carol.name], None),
                (MemberJoined, chat, ids[carol.name], ids[alice.name]),
                (MemberLeft, chat, ids[carol.name], ids[alice.name]),
            ]
            assert [each.message.service for each in of_kind(heard, NewMessage)] == [
                "ChatAddUser",
                "ChatDeleteUser",
            ] * 2

    run(test())


def test_who_comes_by_a_link_comes_by_its_maker(desk: Desk) -> None:
    """Into a basic group, whose members all hear of it."""

    async def test() -> None:
        alice, bob, carol = desk.config(), desk.config("bob"), desk.config("carol")
        group = desk.name("group")
        desk.telegram.add_group(group, members=[alice.name, bob.name])
        link = desk.telegram.invite_link(group)
        async with online(bob) as client, online(carol) as guest:
            heard = updates_of(client)
            await guest.telethon(functions.messages.ImportChatInviteRequest(link.rpartition("+")[2]))
            await until(lambda: of_kind(heard, MemberJoined))
            (joined,) = of_kind(heard, MemberJoined)
            who, maker = await client.resolve(carol.name), await client.resolve(alice.name)
            assert (joined.chat.kind, joined.chat.title) == ("chat", group)
            assert (joined.user_id, joined.by, joined.date.tzname()) == (who.id, maker.id, "UTC")

    run(test())


def test_a_bot_is_told_of_each_move_once(desk: Desk) -> None:
    """Telegram tells it twice: in the group, and as an administrator."""

    async def test() -> None:
        alice, carol = desk.config(), desk.config("carol")
        bot = bot_in(desk.telegram, desk, alice.name)
        async with online(bot[0]) as client:
            heard = updates_of(client)
            for _ in range(2):
                desk.telegram.join(bot[1], carol.name)
                desk.telegram.leave(bot[1], carol.name)
            desk.telegram.post(bot[1], "the end")
            await until(lambda: any(each.message.text == "the end" for each in of_kind(heard, NewMessage)))
            kinds = [type(each) for each in of_kind(heard, MemberJoined, MemberLeft)]
            assert kinds == [MemberJoined, MemberLeft] * 2

    run(test())


def bot_in(telegram: Loopback, desk: Desk, creator: str) -> tuple[Any, str]:
    """Return the config of a bot that administers a supergroup, and the group's name."""
    name, bot = desk.name("club"), desk.name("bot")
    telegram.add_bot(bot)
    telegram.add_channel(name, members=[creator, bot])
    telegram.promote(name, bot)
    return telegram.add_session(bot), name


def test_what_changes_only_a_role_is_no_coming_or_going(desk: Desk) -> None:
    """An administrator's updates tell of restrictions, too."""

    async def test() -> None:
        alice = desk.config()
        async with online(alice) as client:
            heard = updates_of(client)
            date, member = datetime(2026, 1, 1, tzinfo=UTC), types.ChannelParticipant(1, None)
            rights = types.ChatBannedRights(None, send_media=True)
            muted = types.ChannelParticipantBanned(types.PeerUser(1), 6, date, rights)
            out = types.ChannelParticipantBanned(types.PeerUser(1), 6, date, rights, left=True)
            for user, (before, after) in enumerate([(member, muted), (muted, out), (out, None), (None, member)]):
                standing = {"prev_participant": before, "new_participant": after}
                change = types.UpdateChannelParticipant(9, date, 6, user, 0, **standing)
                client.telethon._updates_queue.put_nowait(change)
            await until(lambda: len(heard) == 2)
            channel = Peer("channel", 9)
            assert heard == [MemberLeft(channel, 1, date, 6), MemberJoined(channel, 3, date, 6)]

    run(test())
