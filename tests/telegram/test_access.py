"""Whether an account is told of a chat, as the chat's TL object and the updates about it say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon import types, utils

from actors.model.content import Peer
from actors.model.updates import AccessChanged
from actors.telegram.access import LEFT, why_unheard
from actors.telegram.convert_update import to_updates

ME, NOW = 7, datetime(2026, 1, 1, tzinfo=UTC)


def channel(**how: Any) -> types.Channel:
    """Return a channel."""
    return types.Channel(**{"id": 1, "title": "news", "photo": types.ChatPhotoEmpty(), "date": NOW, **how})


def group(**how: Any) -> types.Chat:
    """Return a basic group."""
    things = {"id": 1, "title": "family", "photo": types.ChatPhotoEmpty(), "participants_count": 2, "date": NOW}
    return types.Chat(**{**things, "version": 1, **how})


@pytest.mark.parametrize(
    ("chat", "word"),
    [
        (channel(), ""),
        (channel(left=True, username="news"), LEFT),
        (channel(left=True), "CHANNEL_PRIVATE"),
        (types.ChannelForbidden(1, 2, "news"), "banned"),
        (group(), ""),
        (group(left=True), "member"),
        (group(deactivated=True), "closed"),
        (group(deactivated=True, migrated_to=types.InputChannel(5, 6)), ""),
        (types.ChatForbidden(1, "family"), "removed"),
        (types.User(1), ""),
        (None, ""),
    ],
)
def test_a_chat_says_why_the_account_is_not_told_of_it(chat: Any, word: str) -> None:
    """Nothing for those of which it is told; a group that became a supergroup goes on there."""
    assert word in why_unheard(chat)
    assert bool(word) is bool(why_unheard(chat))


def told(update: Any, *chats: Any) -> list[AccessChanged]:
    """Return what an update that came with these chats says of the account's access."""
    update._entities = {utils.get_peer_id(chat): chat for chat in chats}
    found = to_updates(
        update,
        lambda tl_peer: Peer("chat", utils.resolve_id(utils.get_peer_id(tl_peer))[0]),
        me=ME,
        known=lambda _: None,
    )
    return [each for each in found if isinstance(each, AccessChanged)]


def removed(user: int) -> types.UpdateNewMessage:
    """Return the service message that somebody was removed from a group."""
    service = types.MessageService(
        id=5,
        peer_id=types.PeerChat(1),
        date=NOW,
        action=types.MessageActionChatDeleteUser(user),
        from_id=types.PeerUser(9),
    )
    return types.UpdateNewMessage(service, 3, 1)


def test_access_changes_by_what_comes_with_an_update_and_not_by_the_update_alone() -> None:
    """An old removal doesn't count where the account is a member again; one of somebody else says nothing."""
    forbidden = types.ChatForbidden(1, "family")
    assert [bool(one.lost) for one in told(removed(ME), forbidden)] == [True]
    assert [bool(one.lost) for one in told(removed(ME), group())] == [False]
    assert told(removed(8), group()) == []
    assert told(types.UpdateChannel(1)) == []
    assert told(types.UpdateChannel(1), channel(left=True, min=True)) == []
    assert [bool(one.lost) for one in told(types.UpdateChannel(1), types.ChannelForbidden(1, 2, "news"))] == [True]
    assert [one.lost for one in told(types.UpdateChannel(1), channel())] == [""]
    assert [bool(one.lost) for one in told(types.UpdateChat(1), forbidden)] == [True]
    members = types.UpdateChatParticipants(types.ChatParticipantsForbidden(1))
    assert [bool(one.lost) for one in told(members, forbidden)] == [True]
