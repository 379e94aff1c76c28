"""From TL objects to snapshots: peers, pages, members, sends. Messages are test_convert_message.py's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telethon import types

from actors.model.answers import HistoryPage
from actors.model.content import Peer
from actors.telegram.convert import (
    to_dialogs_page,
    to_history_page,
    to_participant,
    to_participants_page,
    to_peer,
    to_sent_message,
)
from actors.telegram.oddities import Oddities

ME = 1
DATE = datetime(2026, 1, 2, tzinfo=UTC)
PERSON = Peer("user", 7)


def message(number: int = 1, **fields: Any) -> types.Message:
    """Return a TL message."""
    return types.Message(number, types.PeerUser(7), DATE, "text", **fields)


def page_of(answer: Any, *, limit: int, place: int | None = None) -> HistoryPage:
    """Return the page that an answer is."""
    return to_history_page(answer, PERSON, limit=limit, me=ME, odd=Oddities(), place=place)


def test_a_page_is_the_last_by_the_servers_own_word_alone() -> None:
    """A whole history is; a short page with as many messages in all as come before it and are in it, too."""
    found = [message(3), types.MessageEmpty(2, types.PeerUser(7)), message(1)]
    whole = page_of(types.messages.Messages(found, [], [], []), limit=3)
    assert (whole.total, whole.last, whole.first, [each.id for each in whole.messages]) == (3, True, True, [3, 1])

    def piece(count: int, offset: int | None = None, rows: Any = found, **more: Any) -> Any:
        return types.messages.MessagesSlice(count, rows, [], [], [], offset_id_offset=offset, **more)

    for answer, limit, place, last, first in [
        (piece(9), 4, None, False, False),  # short, and nothing is said of where it is
        (piece(9), 4, 0, False, True),
        (piece(9, 5), 4, 0, False, False),  # something was left out: 5 + 3 of 9
        (piece(9, 6), 4, None, True, False),
        (piece(3, 0), 4, None, True, True),
        (piece(9, 6), 3, None, False, False),  # full
        (piece(9, 6, inexact=True), 4, None, False, False),
        (piece(9, 6, []), 2, None, False, False),  # all of the window was left out: 6 + 2 of 9
        (piece(9, 6, []), 3, None, True, False),
        (piece(9, None, []), 3, None, True, True),  # an empty answer ends a history
    ]:
        page = page_of(answer, limit=limit, place=place)
        assert (page.total, page.last, page.first) == (answer.count, last, first), answer.stringify()


def test_one_odd_chat_or_member_is_left_out_and_counted() -> None:
    """The others are there, and the server's count says that one is missing."""
    odd = Oddities()
    nobody = types.InputPeerEmpty()  # no answer has it here
    members = [types.ChannelParticipant(3, DATE), nobody, types.ChannelParticipant(5, DATE)]
    page = to_participants_page(types.channels.ChannelParticipants(3, members, [], []), odd=odd)
    assert ([member.id for member in page.participants], page.total, odd.count) == ([3, 5], 3, 1)

    def dialog(peer: Any) -> Any:
        return types.Dialog(peer, 1, 0, 0, 3, 0, 0, 0, types.PeerNotifySettings())

    answer = types.messages.Dialogs([dialog(types.PeerUser(7)), dialog(nobody)], [], [], [])
    chats = to_dialogs_page(answer, lambda _: PERSON, me=ME, odd=odd)
    assert ([each.chat for each in chats.dialogs], chats.total, odd.count) == ([PERSON], 2, 2)


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
