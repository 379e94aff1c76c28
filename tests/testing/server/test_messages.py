"""Sending, editing, deleting: what gets where, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected


async def test_a_message_is_in_both_boxes_with_ids_of_their_own(telegram: Loopback) -> None:
    """Private message ids belong to an account, not to a chat."""
    telegram.add_account("bea")
    telegram.post("bea", "before", author=_other(telegram, "zed"))
    async with connected(telegram.add_session("abe")) as abe:
        sent = await abe.send_message("@bea", "hello")
        assert [message.raw_text async for message in abe.iter_messages("@bea")] == ["hello"]
    assert (
        [(m.id, m.text, m.out) for m in telegram.messages("abe")] == [(sent.id, "hello", True)] == [(1, "hello", True)]
    )
    assert [(m.id, m.sender, m.text, m.out) for m in telegram.messages("bea")] == [
        (1, "zed", "before", False),
        (2, "abe", "hello", False),
    ]


def _other(telegram: Loopback, name: str) -> str:
    telegram.add_account(name)
    return name


@pytest.mark.parametrize("chat", ["private", "channel"])
async def test_the_same_random_id_sends_once_and_answers_with_the_first_id(telegram: Loopback, chat: str) -> None:
    """The promise that makes a retry safe, in both kinds of chat."""
    me, other = f"cleo-{chat}", f"dora-{chat}"
    telegram.add_channel(f"club-{chat}", members=[me, other])
    async with connected(telegram.add_session(me)) as client:
        peer = await client.get_input_entity(f"@dora_{chat}" if chat == "private" else f"@club_{chat}")
        request = functions.messages.SendMessageRequest(peer, "once", random_id=77)
        first, second = await client(request), await client(request)
        assert _id_of(first) == _id_of(second)
        found = telegram.messages(me) if chat == "private" else telegram.channel_messages(f"club-{chat}")
        assert [(m.text, m.random_id) for m in found] == [("once", 77)]


def _id_of(reply: Any) -> int:
    if isinstance(reply, types.UpdateShortSentMessage):
        return int(reply.id)
    return next(int(update.id) for update in reply.updates if isinstance(update, types.UpdateMessageID))


async def test_texts_are_bounded_as_on_telegram(telegram: Loopback) -> None:
    """Nothing and 4,097 characters are refused, 4,096 pass."""
    telegram.add_account("ella")
    async with connected(telegram.add_session("fred")) as client:
        peer = await client.get_input_entity("@ella")
        with pytest.raises(errors.MessageEmptyError):
            await client(functions.messages.SendMessageRequest(peer, " ", random_id=1))
        with pytest.raises(errors.MessageTooLongError):
            await client(functions.messages.SendMessageRequest(peer, "x" * 4097, random_id=2))
        await client(functions.messages.SendMessageRequest(peer, "x" * 4096, random_id=3))


async def test_an_access_hash_works_only_for_the_account_that_got_it(telegram: Loopback) -> None:
    """A peer learnt by one account is unknown to another."""
    telegram.add_channel("yard", members=["gina"], messages=1)
    telegram.add_account("hugo")
    async with (
        connected(telegram.add_session("gina-1", account="gina")) as gina,
        connected(telegram.add_session("ivo")) as ivo,
    ):
        user, channel = await gina.get_input_entity("@hugo"), await gina.get_input_entity("@yard")
        with pytest.raises(errors.PeerIdInvalidError):
            await ivo(functions.messages.SendMessageRequest(user, "hi", random_id=1))
        with pytest.raises(errors.ChannelInvalidError):
            await ivo(functions.messages.GetHistoryRequest(channel, 0, None, 0, 1, 0, 0, 0))


async def test_who_is_no_member_and_who_is_no_admin_cannot_write(telegram: Loopback) -> None:
    """A supergroup needs membership, a broadcast channel its creator."""
    telegram.add_channel("talks", members=["jane"])
    telegram.add_channel("press", members=["jane", "karl"], broadcast=True)
    async with connected(telegram.add_session("karl-1", account="karl")) as karl:
        with pytest.raises(errors.ChatWriteForbiddenError):
            await karl.send_message("@talks", "let me in")
        with pytest.raises(errors.ChatAdminRequiredError):
            await karl.send_message("@press", "my own news")


async def test_an_edit_and_a_deletion_reach_the_other_side(telegram: Loopback) -> None:
    """Text and edit mark change in both boxes; a revoked message leaves both."""
    telegram.add_session("luca")
    async with connected(telegram.add_session("mila")) as mila:
        sent = await mila.send_message("@luca", "frist")
        await mila.edit_message("@luca", sent.id, "first")
        assert [m.text for m in telegram.messages("luca")] == ["first"]
        assert (await mila.get_messages("@luca", ids=sent.id)).edit_date is not None
        with pytest.raises(errors.MessageNotModifiedError):
            await mila.edit_message("@luca", sent.id, "first")
        await mila.delete_messages("@luca", [sent.id])
        assert telegram.messages("luca") == telegram.messages("mila") == []


async def test_an_unknown_rpc_is_refused_with_its_name(telegram: Loopback) -> None:
    """Never silence, and never an error that Telethon would retry in secret."""
    async with connected(telegram.add_session("nils")) as client:
        with pytest.raises(errors.BadRequestError, match=r"METHOD_NOT_SUPPORTED: messages\.getAllStickers"):
            await client(functions.messages.GetAllStickersRequest(0))
