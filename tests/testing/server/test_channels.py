"""Channels and supergroups: finding them, who is in them, coming and going."""

from __future__ import annotations

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, stranger, told


async def test_participants_come_in_pages_until_an_empty_one(telegram: Loopback) -> None:
    """450 members are three pages of Telethon's 200."""
    members = [f"crowd-{number}" for number in range(450)]
    telegram.add_channel("stadium", members=members)
    async with connected(telegram.add_session("crowd-x", account="crowd-0")) as client:
        found = [user.first_name async for user in client.iter_participants("@stadium")]
        assert found == members
        searched = [user.first_name async for user in client.iter_participants("@stadium", search="crowd-44")]
    assert searched == ["crowd-44", *members[440:450]]


async def test_names_resolve_in_any_case_and_unknown_ones_are_refused(telegram: Loopback) -> None:
    """contacts.resolveUsername for accounts and channels."""
    telegram.add_channel("Agora", members=["plato"])
    async with connected(telegram.add_session("plato-1", account="plato")) as client:
        assert (await client.get_entity("@aGORA")).title == "Agora"
        assert (await client.get_entity("@PLATO")).is_self
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("nobody_here"))
        with pytest.raises(errors.UsernameInvalidError):
            await client(functions.contacts.ResolveUsernameRequest("1x"))


async def test_joining_lets_one_write_and_leaving_ends_that(telegram: Loopback) -> None:
    """channels.joinChannel and leaveChannel, each refused when there is nothing to do, and noted in a supergroup."""
    telegram.add_channel("chess", members=["queen"])
    async with connected(telegram.add_session("pawn")) as pawn:
        chess = await pawn.get_input_entity("@chess")
        await pawn(functions.channels.JoinChannelRequest(chess))
        assert (await pawn.send_message(chess, "e4")).id == 2
        with pytest.raises(errors.UserAlreadyParticipantError):
            await pawn(functions.channels.JoinChannelRequest(chess))
        await pawn(functions.channels.LeaveChannelRequest(chess))
        with pytest.raises(errors.ChatWriteForbiddenError):
            await pawn.send_message(chess, "e5")
        with pytest.raises(errors.UserNotParticipantError):
            await pawn(functions.channels.LeaveChannelRequest(chess))
        notes = [message.action async for message in pawn.iter_messages(chess, reverse=True) if message.action]
        assert [type(note) for note in notes] == [types.MessageActionChatAddUser, types.MessageActionChatDeleteUser]


@pytest.mark.parametrize("broadcast", [False, True])
async def test_a_bot_that_is_an_administrator_is_told_who_comes_and_goes(telegram: Loopback, broadcast: bool) -> None:
    """By updateChannelParticipant, also in a broadcast channel, whose members hear nothing."""
    name, other = f"club{broadcast}", f"extra{broadcast}"
    token = telegram.add_bot(f"{name}-bot")
    telegram.add_account(other)
    telegram.add_channel(name, members=[f"host{broadcast}", f"{name}-bot"], broadcast=broadcast)
    telegram.promote(name, f"{name}-bot")
    async with stranger(telegram.address) as bot:
        await bot.start(bot_token=token)
        news = told(bot, types.UpdateChannelParticipant)
        telegram.join(name, other)
        telegram.leave(name, other)
        await eventually(lambda: len(news) == 2)
        assert [(each.prev_participant is None, each.new_participant is None) for each in news] == [
            (True, False),
            (False, True),
        ]
        assert {each.actor_id for each in news} == {news[0].user_id}


async def test_a_private_channel_is_closed_to_those_who_left_it(telegram: Loopback) -> None:
    """CHANNEL_PRIVATE, even with a good access hash."""
    telegram.add_channel("lodge", members=["warden", "brother"], messages=1, public=False)
    async with connected(telegram.add_session("brother-1", account="brother")) as client:
        (dialog,) = await client.get_dialogs()
        telegram.leave("lodge", "brother")
        with pytest.raises(errors.ChannelPrivateError):
            await client(functions.messages.GetHistoryRequest(dialog.input_entity, 0, None, 0, 1, 0, 0, 0))


async def test_a_broadcast_channel_shows_its_members_only_to_its_creator(telegram: Loopback) -> None:
    """CHAT_ADMIN_REQUIRED for the others, who still read it."""
    telegram.add_channel("gazette", members=["editor", "subscriber"], messages=2, broadcast=True)
    async with connected(telegram.add_session("subscriber-1", account="subscriber")) as client:
        gazette = await client.get_entity("@gazette")
        assert gazette.broadcast
        assert [message.post async for message in client.iter_messages(gazette)] == [True, True]
        with pytest.raises(errors.ChatAdminRequiredError):
            await client.get_participants(gazette)
        full = await client(functions.channels.GetFullChannelRequest(gazette))
        assert full.full_chat.participants_count == 2
