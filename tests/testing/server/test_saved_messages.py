"""Saved Messages: what an account writes to itself, as Telegram shows it."""

from __future__ import annotations

from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually, told


async def test_messages_to_oneself_are_not_marked_as_outgoing(telegram: Loopback) -> None:
    """In no answer, history, update or dialog; each says in which part of Saved Messages it is."""
    one, two = telegram.add_session("ann"), telegram.add_session("ann-2", account="ann")
    async with connected(one) as ann, connected(two) as phone:
        news = told(phone, types.UpdateNewMessage)
        answer = await ann(functions.messages.SendMessageRequest("me", "note"))
        me = (await ann.get_me()).id
        assert [type(each) for each in answer.updates] == [types.UpdateMessageID, types.UpdateNewMessage]
        history = await ann(functions.messages.GetHistoryRequest("me", 0, None, 0, 1, 0, 0, 0))
        await eventually(lambda: bool(news))
        for message in (*history.messages, news[0].message, answer.updates[1].message):
            assert (message.message, message.out, message.saved_peer_id) == ("note", False, types.PeerUser(me))
        dialogs = await ann(functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 10, 0))
        assert [(row.unread_count, row.unread_mentions_count) for row in dialogs.dialogs] == [(0, 0)]
    assert [(m.text, m.out) for m in telegram.messages("ann")] == [("note", True)]


async def test_what_is_forwarded_to_oneself_says_from_where(telegram: Loopback) -> None:
    """The chat and the message, and by whom; that is forgotten when it is forwarded on."""
    telegram.add_channel("club", members=["ann", "bob"])
    post = telegram.post("club", "look", author="bob")
    async with connected(telegram.add_session("ann")) as ann:
        saved = await ann.forward_messages("me", post, "club")
        club = await ann.get_entity("club")
        header = saved.fwd_from
        assert (header.saved_from_peer, header.saved_from_msg_id) == (types.PeerChannel(club.id), post)
        assert saved.saved_peer_id == types.PeerChannel(club.id)
        assert not saved.out
        onwards = await ann.forward_messages("bob", saved.id, "me")
        assert (onwards.fwd_from.from_id, onwards.fwd_from.saved_from_peer) == (header.from_id, None)
