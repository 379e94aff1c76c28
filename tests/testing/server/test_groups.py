"""Basic groups: each member has a copy of every message, with an id and a pts of its own."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, heard, told


async def _create(client: Any, title: str, *names: str) -> Any:
    users = [await client.get_input_entity(f"@{name}") for name in names]
    made = await client(functions.messages.CreateChatRequest(users, title))
    return made.updates.chats[0]


async def _group(client: Any, title: str) -> Any:
    """Return a group as one of its members sees it."""
    return next(dialog.entity for dialog in await client.get_dialogs() if dialog.name == title)


async def test_a_new_group_appears_at_its_members_and_they_talk(telegram: Loopback) -> None:
    """The first message is the service note of its creation."""
    telegram.add_account("bob")
    async with (
        connected(telegram.add_session("al")) as al,
        connected(telegram.add_session("bob-1", account="bob")) as bo,
    ):
        texts = heard(bo)
        group = await _create(al, "crew", "bob")
        assert group.creator
        await al.send_message(group, "hello all")
        await eventually(lambda: "hello all" in texts)
        there = await _group(bo, "crew")
        await bo.send_message(there, "hello al")
        page = await al.get_messages(group, limit=5)
        assert [message.raw_text for message in page] == ["hello al", "hello all", None]
        assert isinstance(page[-1].action, types.MessageActionChatCreate)
        assert [message.out for message in page[:2]] == [False, True]
        assert {user.first_name for user in await bo.get_participants(there)} == {"al", "bob"}


async def test_a_group_of_oneself_alone_is_refused(telegram: Loopback) -> None:
    """USERS_TOO_FEW."""
    async with connected(telegram.add_session("solo")) as solo:
        with pytest.raises(errors.UsersTooFewError):
            await _create(solo, "me and me", "solo")


async def test_edits_deletions_and_pins_reach_every_members_copy(telegram: Loopback) -> None:
    """Though the ids differ."""
    telegram.add_group("band", members=["lead", "bass"])
    telegram.post("bass", "noise", author="bass")
    async with (
        connected(telegram.add_session("lead-1", account="lead")) as lead,
        connected(telegram.add_session("bass-1", account="bass")) as bass,
    ):
        telegram.post("band", "one two", author="bass")
        band = await _group(lead, "band")
        sent = await lead.send_message(band, "sing", reply_to=(await lead.get_messages(band, limit=1))[0])
        theirs = await _group(bass, "band")
        copy = (await bass.get_messages(theirs, limit=1))[0]
        assert copy.id != sent.id
        assert (await copy.get_reply_message()).raw_text == "one two"
        await lead.edit_message(band, sent, "sing!")
        await lead.pin_message(band, sent)
        full = await bass(functions.messages.GetFullChatRequest(theirs.id))
        assert full.full_chat.pinned_msg_id == copy.id
        assert (await bass.get_messages(theirs, ids=copy.id)).raw_text == "sing!"
        await lead.delete_messages(band, sent)
        assert await bass.get_messages(theirs, ids=copy.id) is None


async def test_a_group_is_in_its_members_dialogs_from_the_start(telegram: Loopback) -> None:
    """Its first message says that it was made, by whom and with whom."""
    telegram.add_group("club", members=["ann", "bea"])
    for name in ("ann", "bea"):
        async with connected(telegram.add_session(f"{name}-1", account=name)) as client:
            (dialog,) = await client.get_dialogs()
            action = dialog.message.action
            assert (dialog.name, type(action), action.title) == ("club", types.MessageActionChatCreate, "club")
            assert len(action.users) == 2


async def test_reading_a_group_tells_those_who_wrote(telegram: Loopback) -> None:
    """Each in its own ids. The first message of each says that the group was made."""
    telegram.add_group("club", members=["ann", "bea"])
    async with (
        connected(telegram.add_session("ann-1", account="ann")) as ann,
        connected(telegram.add_session("bea-1", account="bea")) as bea,
    ):
        telegram.post("bea", "noise", author="bea")
        telegram.post("club", "hi", author="ann")
        marks = told(ann, types.UpdateReadHistoryOutbox)
        club = await _group(bea, "club")
        assert [dialog.unread_count for dialog in await bea.get_dialogs() if dialog.name == "club"] == [2]
        await bea.send_read_acknowledge(club)
        await eventually(lambda: [mark.max_id for mark in marks] == [2])
        assert isinstance(marks[0].peer, types.PeerChat)


async def test_members_come_by_invitation_and_go_by_themselves_or_are_thrown_out(telegram: Loopback) -> None:
    """Each with a note; who is out can't write, and keeps what there was."""
    telegram.add_group("hut", members=["host", "guest"])
    telegram.add_account("late")
    async with (
        connected(telegram.add_session("host-1", account="host")) as host,
        connected(telegram.add_session("guest-1", account="guest")) as guest,
        connected(telegram.add_session("late-1", account="late")) as late,
    ):
        telegram.post("hut", "welcome", author="host")
        hut = await _group(host, "hut")
        newcomer = await host.get_input_entity("@late")
        await host(functions.messages.AddChatUserRequest(hut.id, newcomer, fwd_limit=0))
        with pytest.raises(errors.UserAlreadyParticipantError):
            await host(functions.messages.AddChatUserRequest(hut.id, newcomer, fwd_limit=0))
        assert isinstance((await late.get_messages(await _group(late, "hut"), limit=1))[0].action, ADDED)
        note = await host.kick_participant(hut, "@guest")
        assert isinstance(note.action, REMOVED)
        out = await _group(guest, "hut")
        assert isinstance(out, types.ChatForbidden)
        with pytest.raises(errors.ChatWriteForbiddenError):
            await guest.send_message(out, "let me in")
        assert "welcome" in [message.raw_text for message in await guest.get_messages(out, limit=5)]
        await late.kick_participant(await _group(late, "hut"), "me")
        assert [user.first_name for user in await host.get_participants(hut)] == ["host"]


ADDED, REMOVED = types.MessageActionChatAddUser, types.MessageActionChatDeleteUser


async def test_only_the_creator_makes_administrators_who_may_throw_out(telegram: Loopback) -> None:
    """CHAT_ADMIN_REQUIRED for all others."""
    telegram.add_group("guild", members=["king", "duke", "page"])
    telegram.post("guild", "hear", author="king")
    async with (
        connected(telegram.add_session("king-1", account="king")) as king,
        connected(telegram.add_session("duke-1", account="duke")) as duke,
    ):
        there, guild = await _group(duke, "guild"), await _group(king, "guild")
        with pytest.raises(errors.ChatAdminRequiredError):
            await duke.kick_participant(there, "@page")
        with pytest.raises(errors.ChatAdminRequiredError):
            await duke.edit_admin(there, "@page", is_admin=True)
        await king.edit_admin(guild, "@duke", is_admin=True)
        assert (await duke.get_permissions(there, "me")).is_admin
        await duke.kick_participant(there, "@page")
        assert len(await king.get_participants(guild)) == 2


async def test_a_new_name_is_seen_by_all(telegram: Loopback) -> None:
    """With a note in the chat."""
    telegram.add_group("before", members=["owner", "other"])
    telegram.post("before", "hi", author="owner")
    async with (
        connected(telegram.add_session("owner-1", account="owner")) as owner,
        connected(telegram.add_session("other-1", account="other")) as other,
    ):
        group = await _group(owner, "before")
        await owner(functions.messages.EditChatTitleRequest(group.id, "after"))
        renamed = await _group(other, "after")
        assert (await other.get_messages(renamed, limit=1))[0].action.title == "after"


async def test_a_group_is_unknown_to_outsiders(telegram: Loopback) -> None:
    """There is no access hash to guess, and none is needed: CHAT_ID_INVALID."""
    telegram.add_group("secret", members=["in"])
    telegram.post("secret", "psst", author="in")
    async with (
        connected(telegram.add_session("in-1", account="in")) as inside,
        connected(telegram.add_session("out")) as outside,
    ):
        group = await _group(inside, "secret")
        with pytest.raises(errors.ChatIdInvalidError):
            await outside(functions.messages.GetFullChatRequest(group.id))
