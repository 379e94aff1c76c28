"""What peers are known by, and how it changes: usernames, access hashes, veils, numbers, and groups that migrate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback, LoopbackFailed
from tests.testing.server.clients import connected, eventually, told


@asynccontextmanager
async def ann_and_bob(telegram: Loopback) -> AsyncIterator[tuple[Any, Any]]:
    """Two who have a chat with each other."""
    configs = telegram.add_session("ann"), telegram.add_session("bob")
    async with connected(configs[0]) as ann, connected(configs[1]) as bob:
        await ann.send_message("bob", "hello")
        yield ann, bob


async def test_a_username_moves_and_who_has_a_chat_with_its_holder_hears_of_it(telegram: Loopback) -> None:
    """Others resolve it anew."""
    async with ann_and_bob(telegram) as (ann, bob), connected(telegram.add_session("cid")) as cid:
        to_ann, to_cid = told(ann, types.UpdateUserName), told(cid, types.UpdateUserName)
        me = await bob(functions.account.UpdateUsernameRequest("robert"))
        assert me.username == "robert"
        await eventually(lambda: bool(to_ann))
        assert [name.username for name in to_ann[0].usernames] == ["robert"]
        assert to_cid == []
        assert (await cid(functions.contacts.ResolveUsernameRequest("ROBERT"))).peer.user_id == me.id
        with pytest.raises(errors.UsernameNotOccupiedError):
            await cid(functions.contacts.ResolveUsernameRequest("bob"))
        assert await cid(functions.account.CheckUsernameRequest("bob"))
        assert not await cid(functions.account.CheckUsernameRequest("Robert"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("1st", errors.UsernameInvalidError),
        ("ANN", errors.UsernameOccupiedError),
        ("bob", errors.UsernameNotModifiedError),
    ],
)
async def test_a_name_that_cannot_be_had_is_refused(telegram: Loopback, name: str, error: type[Exception]) -> None:
    """Taken, malformed, or one's own already."""
    async with ann_and_bob(telegram) as (_, bob):
        with pytest.raises(error):
            await bob(functions.account.UpdateUsernameRequest(name))


async def test_a_channel_changes_its_username_if_its_creator_says_so(telegram: Loopback) -> None:
    """The empty one makes it private; its members hear that it changed."""
    telegram.add_channel("club", members=["ann", "bob"])
    async with ann_and_bob(telegram) as (ann, bob):
        heard = told(bob, types.UpdateChannel)
        with pytest.raises(errors.ChatAdminRequiredError):
            await bob(functions.channels.UpdateUsernameRequest("club", "mine"))
        assert await ann(functions.channels.CheckUsernameRequest("club", "society"))
        await ann(functions.channels.UpdateUsernameRequest("club", "society"))
        await eventually(lambda: bool(heard))
        assert (await bob(functions.contacts.ResolveUsernameRequest("society"))).chats[0].title == "club"


async def test_a_rotated_hash_is_refused_and_answers_bring_the_new_one(telegram: Loopback) -> None:
    """Of that account alone."""
    telegram.add_channel("club", members=["ann", "bob"])
    async with ann_and_bob(telegram) as (ann, bob):
        old, theirs = await ann.get_input_entity("bob"), await bob.get_input_entity("ann")
        club = await ann.get_input_entity("club")
        telegram.rotate_hashes("ann")
        with pytest.raises(errors.PeerIdInvalidError):
            await ann.send_message(old, "lost")
        with pytest.raises(errors.ChannelInvalidError):
            await ann.send_message(club, "lost")
        found = (await ann(functions.contacts.ResolveUsernameRequest("bob"))).users[0]
        assert found.access_hash != old.access_hash
        await ann.send_message(found, "there you are")
        await bob.send_message(theirs, "so are you")


@pytest.mark.parametrize("how", ["min", "no hash"])
async def test_who_is_veiled_comes_along_without_a_hash_that_is_good(telegram: Loopback, how: Any) -> None:
    """What is asked for by name shows all of itself."""
    telegram.add_channel("club", members=["ann", "bob"])
    async with ann_and_bob(telegram) as (ann, _):
        asked = (await ann(functions.contacts.ResolveUsernameRequest("bob"))).users[0]
        telegram.veil("bob", how, account="ann")
        telegram.post("club", "hi", author="bob")
        page = await ann(functions.messages.GetHistoryRequest("club", 0, None, 0, 1, 0, 0, 0))
        bob = next(user for user in page.users if user.id == asked.id)
        assert (bool(bob.min), bob.access_hash is None) == (how == "min", how == "no hash")
        assert bob.access_hash != asked.access_hash
        assert (await ann(functions.contacts.ResolveUsernameRequest("bob"))).users[0].access_hash == asked.access_hash
        telegram.veil("bob", None)
        page = await ann(functions.messages.GetHistoryRequest("club", 0, None, 0, 1, 0, 0, 0))
        assert next(user for user in page.users if user.id == asked.id).access_hash == asked.access_hash


async def test_a_user_and_a_channel_may_share_a_number(telegram: Loopback) -> None:
    """With hashes of their own."""
    number = telegram.add_account("twin")
    assert telegram.add_channel("club", members=["ann", "bob"], number=number) == number
    with pytest.raises(LoopbackFailed, match="already"):
        telegram.add_channel("another", members=["ann"], number=number)
    async with ann_and_bob(telegram) as (ann, _):
        user = (await ann(functions.contacts.ResolveUsernameRequest("twin"))).users[0]
        channel = (await ann(functions.contacts.ResolveUsernameRequest("club"))).chats[0]
        assert user.id == channel.id == number
        assert user.access_hash != channel.access_hash
        with pytest.raises(errors.PeerIdInvalidError):
            await ann.send_message(types.InputPeerUser(number, channel.access_hash), "hm?")


async def test_a_group_migrates_and_says_so_in_both_chats(telegram: Loopback) -> None:
    """It takes no more, and what was said in it can be read there for ever."""
    group = telegram.add_group("crew", members=["ann", "bob"])
    telegram.post("crew", "before")
    async with ann_and_bob(telegram) as (ann, bob):
        heard = told(bob, types.UpdateNewMessage, types.UpdateNewChannelMessage)
        with pytest.raises(errors.ChatAdminRequiredError):
            await bob(functions.messages.MigrateChatRequest(group))
        answer = await ann(functions.messages.MigrateChatRequest(group))
        channel = next(chat for chat in answer.chats if isinstance(chat, types.Channel))
        await eventually(lambda: len(heard) >= 2)
        actions = [each.message.action for each in heard if each.message.action is not None]
        assert actions == [
            types.MessageActionChatMigrateTo(channel.id),
            types.MessageActionChannelMigrateFrom("crew", group),
        ]
        with pytest.raises(errors.PeerIdInvalidError):
            await bob.send_message(types.InputPeerChat(group), "anybody here?")
        with pytest.raises(errors.PeerIdInvalidError):
            await ann(functions.messages.MigrateChatRequest(group))
        old = (await bob(functions.messages.GetChatsRequest([group]))).chats[0]
        assert (old.deactivated, old.migrated_to.channel_id) == (True, channel.id)
        assert [m.raw_text for m in await bob.get_messages(types.InputPeerChat(group), limit=2)][1] == "before"
        assert telegram.post("crew", "after") > 1
        assert [m.raw_text for m in await bob.get_messages(old.migrated_to, limit=1)] == ["after"]
    with pytest.raises(LoopbackFailed, match="no basic group"):
        telegram.migrate("crew")
