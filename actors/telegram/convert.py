"""From Telethon's TL objects to snapshots and back. Pure functions: no cache, no client, no network.

Ids are Telegram's own, positive whatever the kind of peer; only a `sender_id` is marked as Telethon does it, so that
it stands for a user when positive and for a channel or group when negative.
"""

from __future__ import annotations

from typing import Any

from telethon import types, utils

from actors.snapshots import Account, HistoryPage, Message, Participant, Peer, SentMessage

__all__ = [
    "is_message",
    "to_account",
    "to_history_page",
    "to_input_channel",
    "to_input_peer",
    "to_message",
    "to_participant",
    "to_peer",
    "to_sent_message",
    "to_short_message",
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
    """Return the peer that a TL User, Chat or Channel is, None for the empty ones."""
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


def is_message(message: Any) -> bool:
    """Say whether it is a message with content, not the trace of a deleted one."""
    return isinstance(message, types.Message | types.MessageService)


def to_message(message: Any, chat: Peer, *, me: int) -> Message:
    """Return a message of `chat`, as the account with the id `me` sees it."""
    return Message(
        message.id,
        chat,
        _sender(message, chat, me),
        message.date,
        message.message or "",
        out=bool(message.out),
        reply_to=getattr(message.reply_to, "reply_to_msg_id", None),
    )


def to_short_message(update: Any, chat: Peer, *, me: int) -> Message:
    """Return the message that an UpdateShortMessage or UpdateShortChatMessage holds."""
    sender = update.from_id if isinstance(update, types.UpdateShortChatMessage) else update.user_id
    return Message(
        update.id,
        chat,
        me if update.out else sender,
        update.date,
        update.message or "",
        out=bool(update.out),
        reply_to=getattr(update.reply_to, "reply_to_msg_id", None),
    )


def _sender(message: Any, chat: Peer, me: int) -> int | None:
    """Return who sent it: in a private chat the one whom the direction tells, None for a channel's post."""
    if message.from_id is not None:
        return int(utils.get_peer_id(message.from_id))
    if chat.kind == "user":
        return me if message.out else chat.id
    return None


def to_history_page(answer: Any, chat: Peer, *, limit: int, me: int) -> HistoryPage:
    """Return a page of messages.getHistory; messages.messages, or fewer than asked for, means that it is the last."""
    messages = tuple(to_message(each, chat, me=me) for each in answer.messages if is_message(each))
    whole = isinstance(answer, types.messages.Messages)
    total = len(answer.messages) if whole else answer.count
    return HistoryPage(messages, total, last=whole or len(answer.messages) < limit)


def to_participant(participant: Any, users: dict[int, Any]) -> Participant:
    """Return a member; one whom the answer doesn't describe has no name."""
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
    """Return what became of a send: the id that the server gave this random_id, None when the answer has none."""
    if isinstance(answer, types.UpdateShortSentMessage):
        return SentMessage(answer.id, chat, answer.date, random_id)
    updates = getattr(answer, "updates", ())
    ids = [each.id for each in updates if isinstance(each, types.UpdateMessageID) and each.random_id == random_id]
    if not ids:
        return None
    dates = [each.message.date for each in updates if isinstance(each, _NEW_MESSAGE) and each.message.id == ids[0]]
    return SentMessage(ids[0], chat, dates[0] if dates else answer.date, random_id)
