"""From Telethon's TL updates to snapshots: new, edited and deleted messages, reactions, joins and leaves.

Changes of the account's own place in a chat are among them. These are pure functions. Updates that aren't listed here
(read marks, typing, presence) have no snapshot. Lost updates are noticed in `telegram/message_box.py`. This module is
called by `telegram/updates.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon import types, utils

from actors.model.content import Message, Peer
from actors.model.updates import (
    AccessChanged,
    DeletedMessages,
    EditedMessage,
    MemberJoined,
    MemberLeft,
    NewMessage,
    ReactionsChanged,
    Update,
)
from actors.telegram.access import why_unheard
from actors.telegram.convert_message import (
    Known,
    is_message,
    to_message,
    to_reactions,
    to_short_message,
    to_unknown_message,
)

__all__ = ["to_access", "to_unknown_updates", "to_updates"]

ByKey = Callable[[Any], Peer]
_EDITS = (types.UpdateEditMessage, types.UpdateEditChannelMessage)
Reader = Callable[[Any, ByKey, int, Known], list[Update]]


def to_updates(update: Any, peer: ByKey, *, me: int, known: Known) -> list[Update]:
    """Return what a TL update says, as the account with the id `me` sees it. `peer` turns a TL Peer into a `Peer`."""
    read = _READERS.get(type(update))
    return [] if read is None else read(update, peer, me, known)


def to_unknown_updates(update: Any, peer: ByKey, *, me: int) -> list[Update]:
    """Return what is left of an update that can't be converted: that there is a message, or that one was edited."""
    message: Any = getattr(update, "message", None)
    if is_message(message):
        news = EditedMessage if isinstance(update, _EDITS) else NewMessage
        return [news(to_unknown_message(message, peer(message.peer_id), me=me))]
    if isinstance(update, types.UpdateShortMessage):
        return [NewMessage(to_unknown_message(update, peer(types.PeerUser(update.user_id)), me=me))]
    if isinstance(update, types.UpdateShortChatMessage):
        return [NewMessage(to_unknown_message(update, peer(types.PeerChat(update.chat_id)), me=me))]
    return []


def _new_message(update: Any, peer: ByKey, me: int, known: Known) -> list[Update]:
    tl_message = update.message
    if not is_message(tl_message):
        return []
    message = to_message(tl_message, peer(tl_message.peer_id), me=me, known=known)
    news: list[Update] = [NewMessage(message)]
    if tl_message.action is None:
        return news
    moved = _moved_by(tl_message.action, message)
    return news + moved + _own_access(moved, update, tl_message.peer_id, peer, me)


def _short_message(update: Any, peer: ByKey, me: int, known: Known) -> list[Update]:
    return [NewMessage(to_short_message(update, peer(types.PeerUser(update.user_id)), me=me, known=known))]


def _short_chat_message(update: Any, peer: ByKey, me: int, known: Known) -> list[Update]:
    return [NewMessage(to_short_message(update, peer(types.PeerChat(update.chat_id)), me=me, known=known))]


def _edited_message(update: Any, peer: ByKey, me: int, known: Known) -> list[Update]:
    if not is_message(update.message):
        return []
    return [EditedMessage(to_message(update.message, peer(update.message.peer_id), me=me, known=known))]


def _deleted_messages(update: Any, *_: Any) -> list[Update]:
    return [DeletedMessages(None, tuple(update.messages))] if update.messages else []


def _deleted_in_channel(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    return [DeletedMessages(peer(types.PeerChannel(update.channel_id)), tuple(update.messages))]


def _reactions(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    return [ReactionsChanged(peer(update.peer), update.msg_id, to_reactions(update.reactions))]


def _reactions_for_bots(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    counts = to_reactions(types.MessageReactions(update.reactions))
    return [ReactionsChanged(peer(update.peer), update.msg_id, counts)]


def _moved_in_channel(update: Any, peer: ByKey, me: int, *_: Any) -> list[Update]:
    tl_peer = types.PeerChannel(update.channel_id)
    moved = _moved(update, peer(tl_peer))
    return moved + _own_access(moved, update, tl_peer, peer, me)


def _moved_in_chat(update: Any, peer: ByKey, me: int, *_: Any) -> list[Update]:
    tl_peer = types.PeerChat(update.chat_id)
    moved = _moved(update, peer(tl_peer))
    return moved + _own_access(moved, update, tl_peer, peer, me)


def _channel_changed(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    return _access(update, types.PeerChannel(update.channel_id), peer)


def _chat_changed(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    return _access(update, types.PeerChat(update.chat_id), peer)


def _members_changed(update: Any, peer: ByKey, *_: Any) -> list[Update]:
    return _access(update, types.PeerChat(update.participants.chat_id), peer)


def _own_access(moved: list[Update], update: Any, tl_peer: Any, peer: ByKey, me: int) -> list[Update]:
    """Return what a move of the account itself has changed for it, by the chat as it is now: it may be an old move."""
    own = any(isinstance(each, MemberJoined | MemberLeft) and each.user_id == me for each in moved)
    return _access(update, tl_peer, peer) if own else []


def _access(update: Any, tl_peer: Any, peer: ByKey) -> list[Update]:
    """Return whether the account is still told of a chat, as the chat that came with an update has it."""
    chat = getattr(update, "_entities", {}).get(utils.get_peer_id(tl_peer))
    return [] if chat is None or getattr(chat, "min", False) else [AccessChanged(peer(tl_peer), why_unheard(chat))]


_READERS: dict[type, Reader] = {
    types.UpdateNewMessage: _new_message,
    types.UpdateNewChannelMessage: _new_message,
    types.UpdateShortMessage: _short_message,
    types.UpdateShortChatMessage: _short_chat_message,
    types.UpdateEditMessage: _edited_message,
    types.UpdateEditChannelMessage: _edited_message,
    types.UpdateDeleteMessages: _deleted_messages,
    types.UpdateDeleteChannelMessages: _deleted_in_channel,
    types.UpdateMessageReactions: _reactions,
    types.UpdateBotMessageReactions: _reactions_for_bots,
    types.UpdateChannelParticipant: _moved_in_channel,
    types.UpdateChatParticipant: _moved_in_chat,
    types.UpdateChannel: _channel_changed,
    types.UpdateChat: _chat_changed,
    types.UpdateChatParticipants: _members_changed,
}
"""What is told of each TL update that has a snapshot."""

_OF_ACCESS = frozenset({types.UpdateChannel, types.UpdateChat, types.UpdateChatParticipants})
"""TL updates that say nothing but how the account now stands to a chat."""


def to_access(update: Any, peer: ByKey) -> list[Update]:
    """Return how the account now stands to a chat, by a TL update that the client itself has brought about."""
    if type(update) in _OF_ACCESS:
        return to_updates(update, peer, me=0, known=lambda _: None)
    message: Any = getattr(update, "message", None)
    return _access(update, message.peer_id, peer) if isinstance(message, types.MessageService) else []


def _moved_by(action: Any, message: Message) -> list[Update]:
    """Return who joined or left by a service message. Whoever adds themselves came by the group's public name."""
    actor = message.sender_id if message.sender_id is not None and message.sender_id > 0 else None
    match action:
        case types.MessageActionChatAddUser():
            return [
                MemberJoined(message.chat, user, message.date, by=None if user == actor else actor)
                for user in action.users
            ]
        case types.MessageActionChatJoinedByLink() if actor is not None:
            return [MemberJoined(message.chat, actor, message.date, by=action.inviter_id)]
        case types.MessageActionChatJoinedByRequest() if actor is not None:
            return [MemberJoined(message.chat, actor, message.date)]
        case types.MessageActionChatDeleteUser():
            user = action.user_id
            return [MemberLeft(message.chat, user, message.date, by=None if user == actor else actor)]
        case _:
            return []


def _moved(update: Any, chat: Peer) -> list[Update]:
    """Return who joined or left by a change of standing. Most such changes only change a role, and give nothing."""
    before, after = _is_in(update.prev_participant), _is_in(update.new_participant)
    if before == after:
        return []
    by = None if update.actor_id == update.user_id else update.actor_id
    return [(MemberJoined if after else MemberLeft)(chat, update.user_id, update.date, by)]


def _is_in(participant: Any) -> bool:
    match participant:
        case None | types.ChannelParticipantLeft():
            return False
        case types.ChannelParticipantBanned():
            return not participant.left
        case _:
            return True
