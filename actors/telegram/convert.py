"""From Telethon's TL objects to snapshots and back, for all but messages and updates. The client calls it.

These are pure functions without cache, client or network. Messages are converted in `telegram/convert_message.py`, and
updates in `telegram/convert_update.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from telethon import types, utils

from actors.model.answers import DialogsPage, HistoryPage, ParticipantsPage
from actors.model.content import Account, Dialog, Message, Participant, Peer
from actors.model.results import SentMessage
from actors.telegram.convert_message import Known, is_message, nobody, to_message, to_unknown_message
from actors.telegram.oddities import Oddities

__all__ = [
    "to_account",
    "to_dialogs_page",
    "to_history_page",
    "to_input_channel",
    "to_input_peer",
    "to_participant",
    "to_participants_page",
    "to_peer",
    "to_sent_message",
    "usernames",
]

_ROLES = {
    types.ChannelParticipantCreator: "creator",
    types.ChannelParticipantAdmin: "admin",
    types.ChannelParticipantBanned: "banned",
    types.ChannelParticipantLeft: "left",
}
_NEW_MESSAGE = (types.UpdateNewMessage, types.UpdateNewChannelMessage)


def usernames(entity: Any) -> tuple[str, ...]:
    """Return the active usernames of a user or channel, the main one first."""
    several = [each.username for each in getattr(entity, "usernames", None) or () if each.active]
    first = getattr(entity, "username", None)
    return tuple(dict.fromkeys(([first] if first else []) + several))


def to_peer(entity: Any) -> Peer | None:
    """Return the peer that a TL User, Chat or Channel stands for; None for the empty ones."""
    names = usernames(entity)
    username = names[0] if names else None
    match entity:
        case types.User():
            return Peer("user", entity.id, entity.access_hash or 0, username, utils.get_display_name(entity))
        case types.Chat() | types.ChatForbidden():
            return Peer("chat", entity.id, title=entity.title)
        case types.Channel() | types.ChannelForbidden():
            broadcast = bool(entity.broadcast)
            return Peer("channel", entity.id, entity.access_hash or 0, username, entity.title, broadcast)
        case _:
            return None


def to_input_peer(peer: Peer) -> Any:
    """Return what requests take for a peer."""
    match peer.kind:
        case "user":
            return types.InputPeerUser(peer.id, peer.access_hash)
        case "chat":
            return types.InputPeerChat(peer.id)
        case _:
            return types.InputPeerChannel(peer.id, peer.access_hash)


def to_input_channel(peer: Peer) -> Any:
    """Return what channels.* methods take for a channel or supergroup."""
    return types.InputChannel(peer.id, peer.access_hash)


def to_account(user: Any) -> Account:
    """Return the account that a TL User is."""
    names = usernames(user)
    return Account(user.id, names[0] if names else None, bot=bool(user.bot))


def to_history_page(
    answer: Any,
    chat: Peer,
    *,
    limit: int,
    me: int,
    odd: Oddities,
    known: Known = nobody,
    place: int | None = None,
) -> HistoryPage:
    """Return a page of messages.getHistory or messages.search, which was asked for `limit` messages.

    place: how many messages are newer than the page, as far as that follows from the request; the answer's own figure
    (offset_id_offset, "the absolute position of messages[0]") comes first. A page that shows nothing has passed over a
    whole window. A full page is never the last, an `inexact` count tells nothing, and rows that were left out can only
    make a page seem not to be the last (https://core.telegram.org/constructor/messages.messagesSlice).
    """
    known = functools.cache(known)  # few people write most of a page
    rows = answer.messages
    convert = functools.partial(to_message, chat=chat, me=me, known=known)
    spare = functools.partial(to_unknown_message, chat=chat, me=me)
    messages = tuple(odd.converted(filter(is_message, rows), convert, spare))
    if isinstance(answer, types.messages.Messages):
        return HistoryPage(messages, len(rows), last=True, first=True)
    if answer.offset_id_offset is not None:
        place = answer.offset_id_offset
    if place is None or answer.inexact:
        return HistoryPage(messages, answer.count, last=not rows, first=not rows)
    is_short = len(rows) < limit
    last = is_short and place + (len(rows) or limit) >= answer.count
    return HistoryPage(messages, answer.count, last=last, first=place <= 0)


def to_dialogs_page(
    answer: Any, peer: Callable[[Any], Peer], *, me: int, odd: Oddities, known: Known = nobody
) -> DialogsPage:
    """Return a page of messages.getDialogs. `peer` turns a TL Peer into a `Peer`.

    It is the last page when the answer is a messages.dialogs, or empty. The archive, which Telegram may list as if it
    were a chat, is left out.
    """
    tops = {(utils.get_peer_id(each.peer_id), each.id): each for each in answer.messages if is_message(each)}

    def convert(dialog: Any) -> Dialog:
        chat, top = peer(dialog.peer), tops.get((utils.get_peer_id(dialog.peer), dialog.top_message))
        last = odd.converted(
            () if top is None else (top,),
            functools.partial(to_message, chat=chat, me=me, known=known),
            functools.partial(to_unknown_message, chat=chat, me=me),
        )
        return _dialog(dialog, chat, last[0] if last else None)

    chats = [each for each in answer.dialogs if isinstance(each, types.Dialog)]
    dialogs = odd.converted(chats, convert)
    whole = isinstance(answer, types.messages.Dialogs)
    total = len(chats) if whole else answer.count
    return DialogsPage(tuple(dialogs), total, last=whole or not answer.dialogs)


def _dialog(dialog: Any, chat: Peer, last_message: Message | None) -> Dialog:
    return Dialog(
        chat,
        last_message,
        unread_count=dialog.unread_count,
        unread_mentions=dialog.unread_mentions_count,
        read_inbox_id=dialog.read_inbox_max_id,
        read_outbox_id=dialog.read_outbox_max_id,
        pinned=bool(dialog.pinned),
        unread_mark=bool(dialog.unread_mark),
        folder_id=dialog.folder_id or 0,
    )


def to_participants_page(answer: Any, *, odd: Oddities) -> ParticipantsPage:
    """Return a page of channels.getParticipants."""
    users = {user.id: user for user in answer.users}
    members = odd.converted(answer.participants, functools.partial(to_participant, users=users))
    return ParticipantsPage(tuple(members), answer.count)


def to_participant(participant: Any, users: dict[int, Any]) -> Participant:
    """Return a member. One whom the answer doesn't describe has no name."""
    user_id = getattr(participant, "user_id", None)
    marked = user_id if user_id is not None else utils.get_peer_id(participant.peer)
    user = users.get(marked)
    names = usernames(user)
    return Participant(
        marked,
        names[0] if names else None,
        utils.get_display_name(user),
        _ROLES.get(type(participant), "member"),
        bot=bool(getattr(user, "bot", False)),
    )


def to_sent_message(answer: Any, chat: Peer, *, random_id: int) -> SentMessage | None:
    """Return what became of a send: the message whose id the server gave to this random_id; None when it names none."""
    if isinstance(answer, types.UpdateShortSentMessage):
        return SentMessage(answer.id, chat, answer.date, random_id)
    updates = getattr(answer, "updates", ())
    ids = [each.id for each in updates if isinstance(each, types.UpdateMessageID) and each.random_id == random_id]
    if not ids:
        return None
    dates = [each.message.date for each in updates if isinstance(each, _NEW_MESSAGE) and each.message.id == ids[0]]
    return SentMessage(ids[0], chat, dates[0] if dates else answer.date, random_id)
