"""From Telethon's TL updates to snapshots: new, edited and deleted messages, reactions, joins and leaves.

These are pure functions. Updates that aren't listed here (read marks, typing, presence) have no snapshot. Lost updates
are noticed in `telegram/updates.py`, which calls this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon import types

from actors.model.content import Message, Peer
from actors.model.updates import (
    DeletedMessages,
    EditedMessage,
    MemberJoined,
    MemberLeft,
    NewMessage,
    ReactionsChanged,
    Update,
)
from actors.telegram.convert_message import Known, is_message, to_message, to_reactions, to_short_message

__all__ = ["TELLING", "to_updates"]

TELLING = (
    types.UpdateNewMessage,
    types.UpdateNewChannelMessage,
    types.UpdateShortMessage,
    types.UpdateShortChatMessage,
    types.UpdateEditMessage,
    types.UpdateEditChannelMessage,
    types.UpdateDeleteMessages,
    types.UpdateDeleteChannelMessages,
    types.UpdateMessageReactions,
    types.UpdateBotMessageReactions,
    types.UpdateChannelParticipant,
    types.UpdateChatParticipant,
)
"""The TL updates that have a snapshot."""


def to_updates(update: Any, peer: Callable[[Any], Peer], *, me: int, known: Known) -> list[Update]:  # noqa: PLR0911  one match over all updates
    """Return what a TL update says, as the account with the id `me` sees it. `peer` turns a TL Peer into a `Peer`."""
    match update:
        case types.UpdateShortMessage():
            chat = peer(types.PeerUser(update.user_id))
            return [NewMessage(to_short_message(update, chat, me=me, known=known))]
        case types.UpdateShortChatMessage():
            chat = peer(types.PeerChat(update.chat_id))
            return [NewMessage(to_short_message(update, chat, me=me, known=known))]
        case types.UpdateNewMessage() | types.UpdateNewChannelMessage() if is_message(update.message):
            message = to_message(update.message, peer(update.message.peer_id), me=me, known=known)
            return [NewMessage(message), *_moved_by(update.message.action, message)]
        case types.UpdateEditMessage() | types.UpdateEditChannelMessage() if is_message(update.message):
            return [EditedMessage(to_message(update.message, peer(update.message.peer_id), me=me, known=known))]
        case types.UpdateDeleteMessages():
            return [DeletedMessages(None, tuple(update.messages))] if update.messages else []
        case types.UpdateDeleteChannelMessages():
            return [DeletedMessages(peer(types.PeerChannel(update.channel_id)), tuple(update.messages))]
        case types.UpdateMessageReactions():
            return [ReactionsChanged(peer(update.peer), update.msg_id, to_reactions(update.reactions))]
        case types.UpdateBotMessageReactions():
            counts = to_reactions(types.MessageReactions(update.reactions))
            return [ReactionsChanged(peer(update.peer), update.msg_id, counts)]
        case types.UpdateChannelParticipant():
            return _moved(update, peer(types.PeerChannel(update.channel_id)))
        case types.UpdateChatParticipant():
            return _moved(update, peer(types.PeerChat(update.chat_id)))
        case _:
            return []


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
