"""From TL objects to snapshots: peers, pages, members, sends. Messages are test_convert_message.py's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telethon import types

from actors.model.content import Peer
from actors.telegram.convert import to_history_page, to_participant, to_peer, to_sent_message

ME = 1
DATE = datetime(2026, 1, 2, tzinfo=UTC)
PERSON = Peer("user", 7)


def message(number: int = 1, **fields: Any) -> types.Message:
    """Return a TL message."""
    return types.Message(number, types.PeerUser(7), DATE, "text", **fields)


def test_a_short_page_or_a_whole_history_is_the_last() -> None:
    """Deleted messages count for the length, and aren't shown."""
    found = [message(3), types.MessageEmpty(2, types.PeerUser(7)), message(1)]
    whole = to_history_page(types.messages.Messages(found, [], [], []), PERSON, limit=3, me=ME)
    slice_ = types.messages.MessagesSlice(9, found, [], [], [])
    full, short = (to_history_page(slice_, PERSON, limit=limit, me=ME) for limit in (3, 4))
    assert [(page.total, page.last, [each.id for each in page.messages]) for page in (whole, full, short)] == [
        (3, True, [3, 1]),
        (9, False, [3, 1]),
        (9, True, [3, 1]),
    ]


def test_a_sent_message_is_found_by_its_random_id() -> None:
    """Among the updates of the answer, or in the short one."""
    updates = [types.UpdateMessageID(8, 80), types.UpdateMessageID(9, 90), types.UpdateNewMessage(message(9), 1, 1)]
    answer = types.Updates(updates, [], [], datetime(2026, 1, 3, tzinfo=UTC), 0)
    sent = to_sent_message(answer, PERSON, random_id=90)
    assert sent is not None
    assert (sent.id, sent.date, sent.random_id) == (9, DATE, 90)
    short = to_sent_message(types.UpdateShortSentMessage(4, 1, 1, DATE), PERSON, random_id=1)
    assert short is not None
    assert short.id == 4
    assert to_sent_message(answer, PERSON, random_id=1) is None


def test_members_have_roles_and_perhaps_no_name() -> None:
    """The answer need not describe everybody."""
    rights = types.ChatAdminRights()
    members = [
        types.ChannelParticipantCreator(1, rights),
        types.ChannelParticipantAdmin(2, 1, DATE, rights),
        types.ChannelParticipant(3, DATE),
        types.ChannelParticipantBanned(types.PeerUser(4), 1, DATE, types.ChatBannedRights(None)),
    ]
    bob = types.User(3, first_name="Bob", last_name="By", username="bob", bot=True)
    found = [to_participant(each, {3: bob}) for each in members]
    assert [(each.id, each.role) for each in found] == [(1, "creator"), (2, "admin"), (3, "member"), (4, "banned")]
    assert (found[2].name, found[2].username, found[2].bot) == ("Bob By", "bob", True)
    assert (found[0].name, found[0].username, found[0].bot) == ("", None, False)


def test_a_forbidden_channel_is_still_a_peer() -> None:
    """One that the account was banned from."""
    forbidden = types.ChannelForbidden(5, 50, "News", broadcast=True)
    assert to_peer(forbidden) == Peer("channel", 5, 50, None, "News", broadcast=True)
