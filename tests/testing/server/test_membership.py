"""Supergroups and channels from the inside: making them, coming and going, roles, restrictions, links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, heard, told


async def _create(client: Any, title: str, *, broadcast: bool = False) -> Any:
    request = functions.channels.CreateChannelRequest(title, "about it", broadcast=broadcast, megagroup=not broadcast)
    return (await client(request)).chats[0]


async def _invite(client: Any, channel: Any, *names: str) -> Any:
    users = [await client.get_input_entity(f"@{name}") for name in names]
    return await client(functions.channels.InviteToChannelRequest(channel, users))


def _admits(link: str) -> Any:
    return functions.messages.ImportChatInviteRequest(link.rpartition("+")[2])


@pytest.mark.parametrize("broadcast", [False, True])
async def test_a_new_channel_is_its_creators_and_private(telegram: Loopback, broadcast: bool) -> None:
    """The creator's other session learns of it; nobody else does."""
    first, second = [telegram.add_session(f"ida-{number}", account="ida") for number in (1, 2)]
    async with connected(first) as ida, connected(second) as other:
        news = told(other, types.UpdateChannel)
        channel = await _create(ida, f"lab-{broadcast}", broadcast=broadcast)
        assert (channel.creator, channel.broadcast, channel.megagroup) == (True, broadcast, not broadcast)
        assert channel.username is None
        await eventually(lambda: [update.channel_id for update in news] == [channel.id])
        assert (await ida.send_message(channel, "first")).id == 2
        assert isinstance((await ida.get_messages(channel, ids=1)).action, types.MessageActionChannelCreate)
        full = await ida(functions.channels.GetFullChannelRequest(channel))
        assert (full.full_chat.about, full.full_chat.participants_count) == ("about it", 1)


async def test_who_is_invited_is_a_member_and_hears_what_is_said(telegram: Loopback) -> None:
    """A supergroup notes it; inviting somebody twice is refused."""
    async with (
        connected(telegram.add_session("jo")) as jo,
        connected(telegram.add_session("ken")) as ken,
    ):
        texts = heard(ken)
        channel = await _create(jo, "salon")
        await _invite(jo, channel, "ken")
        with pytest.raises(errors.UserAlreadyParticipantError):
            await _invite(jo, channel, "ken")
        await jo.send_message(channel, "welcome")
        await eventually(lambda: "welcome" in texts)
        (dialog,) = await ken.get_dialogs()
        assert (dialog.name, dialog.entity.left) == ("salon", False)
        assert isinstance((await ken.get_messages(dialog.entity, ids=2)).action, types.MessageActionChatAddUser)


async def test_a_link_lets_in_as_many_as_it_says(telegram: Loopback) -> None:
    """exportChatInvite, checkChatInvite, importChatInvite; then it has expired."""
    async with (
        connected(telegram.add_session("lea")) as lea,
        connected(telegram.add_session("moe")) as moe,
        connected(telegram.add_session("ned")) as ned,
    ):
        channel = await _create(lea, "party")
        peer = await lea.get_input_entity(channel)
        link = (await lea(functions.messages.ExportChatInviteRequest(peer, usage_limit=1))).link
        check = functions.messages.CheckChatInviteRequest(link.rpartition("+")[2])
        assert ((await moe(check)).title, (await moe(check)).megagroup) == ("party", True)
        joined = await moe(_admits(link))
        assert joined.updates.chats[0].title == "party"
        assert isinstance(await moe(check), types.ChatInviteAlready)
        with pytest.raises(errors.InviteHashExpiredError):
            await ned(_admits(link))
        (dialog,) = await moe.get_dialogs()
        assert isinstance(dialog.message.action, types.MessageActionChatJoinedByLink)


async def test_the_kits_link_can_ask_for_an_administrators_consent(telegram: Loopback) -> None:
    """INVITE_REQUEST_SENT, and a member once it is given."""
    telegram.add_channel("vault", members=["olaf"], public=False, messages=1)
    link = telegram.invite_link("vault", by_request=True)
    async with (
        connected(telegram.add_session("olaf-1", account="olaf")) as olaf,
        connected(telegram.add_session("pam")) as pam,
    ):
        with pytest.raises(errors.InviteRequestSentError):
            await pam(_admits(link))
        assert await pam.get_dialogs() == []
        vault = (await olaf.get_dialogs())[0].input_entity
        who = await olaf.get_input_entity("@pam")
        await olaf(functions.messages.HideChatJoinRequestRequest(vault, who, approved=True))
        assert [dialog.name for dialog in await pam.get_dialogs()] == ["vault"]


async def test_a_revoked_and_an_unknown_link_have_expired(telegram: Loopback) -> None:
    """INVITE_HASH_EXPIRED for both; an empty one is said to be empty."""
    async with connected(telegram.add_session("quin")) as quin, connected(telegram.add_session("rob")) as rob:
        peer = await quin.get_input_entity(await _create(quin, "attic"))
        link = (await quin(functions.messages.ExportChatInviteRequest(peer))).link
        assert (await quin(functions.messages.ExportChatInviteRequest(peer))).link == link
        await quin(functions.messages.EditExportedChatInviteRequest(peer, link, revoked=True))
        for dead in (link, "https://t.me/+nothing"):
            with pytest.raises(errors.InviteHashExpiredError):
                await rob(_admits(dead))
        with pytest.raises(errors.InviteHashEmptyError):
            await rob(_admits("+"))


async def test_a_kicked_member_is_out_and_may_come_back(telegram: Loopback) -> None:
    """Telethon's kick is a ban that is lifted at once; the group notes it."""
    telegram.add_channel("bar", members=["sam", "ted"])
    async with (
        connected(telegram.add_session("sam-1", account="sam")) as sam,
        connected(telegram.add_session("ted-1", account="ted")) as ted,
    ):
        bar = await ted.get_entity("@bar")
        news = told(ted, types.UpdateChannel)
        note = await sam.kick_participant("@bar", "@ted")
        assert isinstance(note.action, types.MessageActionChatDeleteUser)
        await eventually(lambda: len(news) == 2)
        with pytest.raises(errors.ChatWriteForbiddenError):
            await ted.send_message(bar, "one more")
        await ted(functions.channels.JoinChannelRequest(bar))
        assert (await ted.send_message(bar, "back")).raw_text == "back"


async def test_who_is_banned_sees_nothing_and_cannot_come_back_until_it_is_lifted(telegram: Loopback) -> None:
    """CHANNEL_PRIVATE, by name and by link; listed under kicked."""
    telegram.add_channel("court", members=["uma", "vic"], messages=2)
    link = telegram.invite_link("court")
    async with (
        connected(telegram.add_session("uma-1", account="uma")) as uma,
        connected(telegram.add_session("vic-1", account="vic")) as vic,
    ):
        court = await vic.get_input_entity("@court")
        await uma.edit_permissions("@court", "@vic", view_messages=False)
        with pytest.raises(errors.ChannelPrivateError):
            await vic.get_messages(court, limit=1)
        with pytest.raises(errors.ChannelPrivateError):
            await vic(functions.channels.JoinChannelRequest(court))
        with pytest.raises(errors.InviteHashExpiredError):
            await vic(_admits(link))
        kicked = await uma.get_participants("@court", filter=types.ChannelParticipantsKicked)
        assert [user.first_name for user in kicked] == ["vic"]
        await uma.edit_permissions("@court", "@vic")
        await vic(_admits(link))
        assert len(await uma.get_participants("@court")) == 2


async def test_a_restricted_member_reads_and_does_not_write(telegram: Loopback) -> None:
    """USER_BANNED_IN_CHANNEL; listed under banned, with what is denied and until when."""
    telegram.add_channel("class", members=["wes", "xan"], messages=2)
    async with (
        connected(telegram.add_session("wes-1", account="wes")) as wes,
        connected(telegram.add_session("xan-1", account="xan")) as xan,
    ):
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        await wes.edit_permissions("@class", "@xan", tomorrow, send_messages=False)
        assert len(await xan.get_messages("@class", limit=5)) == 2
        with pytest.raises(errors.UserBannedInChannelError):
            await xan.send_message("@class", "but")
        (banned,) = await wes.get_participants("@class", filter=types.ChannelParticipantsBanned)
        assert banned.participant.banned_rights.send_messages
        assert abs(banned.participant.banned_rights.until_date - tomorrow) < timedelta(seconds=2)
        assert (await xan.get_permissions("@class", "me")).is_banned


async def test_what_is_denied_to_all_is_denied_to_all_but_administrators(telegram: Loopback) -> None:
    """By messages.editChatDefaultBannedRights."""
    telegram.add_channel("hall", members=["yan", "zoe"])
    async with (
        connected(telegram.add_session("yan-1", account="yan")) as yan,
        connected(telegram.add_session("zoe-1", account="zoe")) as zoe,
    ):
        with pytest.raises(errors.ChatAdminRequiredError):
            await zoe.edit_permissions("@hall", send_messages=False)
        await yan.edit_permissions("@hall", send_messages=False)
        with pytest.raises(errors.ChatWriteForbiddenError):
            await zoe.send_message("@hall", "hi")
        await yan.send_message("@hall", "silence")
        assert (await zoe.get_permissions("@hall")).send_messages


async def test_an_administrator_may_do_what_its_rights_say_and_no_more(telegram: Loopback) -> None:
    """In a broadcast channel: posting, but not throwing out; nothing any more once demoted."""
    telegram.add_channel("paper", members=["pub", "jim", "fan"], broadcast=True)
    async with (
        connected(telegram.add_session("pub-1", account="pub")) as pub,
        connected(telegram.add_session("jim-1", account="jim")) as jim,
    ):
        with pytest.raises(errors.ChatAdminRequiredError):
            await jim.send_message("@paper", "scoop")
        await pub.edit_admin("@paper", "@jim", post_messages=True, is_admin=False, title="reporter")
        assert (await jim.send_message("@paper", "scoop")).post
        assert (await jim.get_permissions("@paper", "me")).post_messages
        with pytest.raises(errors.ChatAdminRequiredError):
            await jim.edit_permissions("@paper", "@fan", view_messages=False)
        with pytest.raises(errors.UserCreatorError):
            await pub_demotes(jim, pub)
        admins = await pub.get_participants("@paper", filter=types.ChannelParticipantsAdmins)
        assert {user.first_name for user in admins} == {"pub", "jim"}
        await pub.edit_admin("@paper", "@jim", is_admin=False)
        with pytest.raises(errors.ChatAdminRequiredError):
            await jim.send_message("@paper", "another")


async def pub_demotes(admin: Any, creator: Any) -> None:
    """Have an administrator who may add others try to demote the creator."""
    await creator.edit_admin("@paper", "@jim", post_messages=True, add_admins=True, is_admin=False)
    await admin.edit_admin("@paper", "@pub", is_admin=False)


async def test_the_kit_promotes_and_bots_are_found_by_their_filter(telegram: Loopback) -> None:
    """promote() and add_bot()."""
    telegram.add_bot("helper_bot")
    telegram.add_channel("desk", members=["chief", "aide", "helper_bot"])
    telegram.promote("desk", "aide", rights=["delete_messages"])
    telegram.post("desk", "spam", author="chief")
    async with connected(telegram.add_session("aide-1", account="aide")) as aide:
        bots = await aide.get_participants("@desk", filter=types.ChannelParticipantsBots)
        assert [(bot.first_name, bot.bot) for bot in bots] == [("helper_bot", True)]
        await aide.delete_messages("@desk", 1)
        assert telegram.channel_messages("desk") == []


async def test_at_most_200_participants_come_at_once_and_10_000_in_all(telegram: Loopback) -> None:
    """Whatever is asked for; the count is the true one."""
    telegram.add_channel("city", members=[f"citizen-{number}" for number in range(10_050)])
    async with connected(telegram.add_session("c-1", account="citizen-0")) as client:
        city, recent = await client.get_input_entity("@city"), types.ChannelParticipantsRecent()

        async def page(offset: int) -> Any:
            return await client(functions.channels.GetParticipantsRequest(city, recent, offset, 1000, 0))

        assert (len((await page(0)).users), (await page(0)).count) == (200, 10_050)
        assert len((await page(9_900)).users) == 100
        assert (await page(10_000)).users == []


async def test_a_deleted_channel_is_gone_for_all(telegram: Loopback) -> None:
    """Only its creator deletes it."""
    telegram.add_channel("ruin", members=["lord", "serf"], messages=1)
    async with (
        connected(telegram.add_session("lord-1", account="lord")) as lord,
        connected(telegram.add_session("serf-1", account="serf")) as serf,
    ):
        ruin = await serf.get_input_entity("@ruin")
        with pytest.raises(errors.ChatAdminRequiredError):
            await serf(functions.channels.DeleteChannelRequest(ruin))
        await lord(functions.channels.DeleteChannelRequest("@ruin"))
        with pytest.raises(errors.ChannelPrivateError):
            await serf.get_messages(ruin, limit=1)
        assert await serf.get_dialogs() == []
