"""Reactions to messages: giving them, and listing who gave which. The change itself is in world/changing.py.

https://core.telegram.org/api/reactions
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.changing import react
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.message_views import reactions_view
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Account, Party
from actors.testing.server.world.party_views import peer, sort_faces
from actors.testing.server.world.roles import is_denied
from actors.testing.server.world.updates import wrap

__all__: list[str] = []

EACH = 1  # reactions that one account may give to a message; three with Premium, which nobody has here
LENGTH = 16  # characters of an emoji with all its modifiers, generously


def _message(me: Account, party: Party, message_id: int) -> Message:
    message = history_of(me, party).get(message_id)
    if message is None:
        raise RpcFailure("MESSAGE_ID_INVALID")
    return message


def _emoji(reaction: Any) -> str:
    if not isinstance(reaction, types.ReactionEmoji) or not 0 < len(reaction.emoticon) <= LENGTH:
        raise RpcFailure("REACTION_INVALID")
    return str(reaction.emoticon)


@method(functions.messages.SendReactionRequest)
def send_reaction(call: Call, request: Any) -> Any:
    """Set one's reactions to a message. An empty list takes them back."""
    me, party = call.account, party_of(call, request.peer)
    message = _message(me, party, request.msg_id)
    emojis = tuple(_emoji(item) for item in request.reaction or () if not isinstance(item, types.ReactionEmpty))
    if len(emojis) > EACH:
        raise RpcFailure("REACTIONS_TOO_MANY")
    if not isinstance(party, Account) and is_denied(party, me, "send_reactions", call.now):
        raise RpcFailure("CHAT_WRITE_FORBIDDEN")
    if (message.reactions or {}).get(me.id, ()) == emojis:
        raise RpcFailure("MESSAGE_NOT_MODIFIED")
    react(call.world, me, message, emojis, now=call.now)
    return told(call)


@method(functions.messages.GetMessagesReactionsRequest)
def get_messages_reactions(call: Call, request: Any) -> Any:
    """Answer with the reactions to messages, as updates."""
    me, party = call.account, party_of(call, request.peer)
    found = [message for message in map(history_of(me, party).get, request.id) if message is not None]
    updates = [
        types.UpdateMessageReactions(
            peer(message.kind, message.chat), message.id, reactions_view(me, message, whole=True)
        )
        for message in found
    ]
    users, chats = sort_faces(call.world, me, [party])
    return wrap(updates, users, chats, call.now)


@method(functions.messages.GetMessageReactionsListRequest)
def get_message_reactions_list(call: Call, request: Any) -> Any:
    """Answer with who reacted how, newest first. The offset is how many were seen already."""
    me, party = call.account, party_of(call, request.peer)
    message = _message(me, party, request.id)
    wanted = _emoji(request.reaction) if request.reaction is not None else None
    given = [(who, emoji) for who, emojis in reversed((message.reactions or {}).items()) for emoji in emojis]
    chosen = [(who, emoji) for who, emoji in given if wanted in (None, emoji)]
    start = int(request.offset) if request.offset and request.offset.isdecimal() else 0
    end = start + max(0, min(request.limit, 100))
    page = chosen[start:end]
    rows = [types.MessagePeerReaction(types.PeerUser(w), message.date, types.ReactionEmoji(e)) for w, e in page]
    users, chats = sort_faces(call.world, me, [call.world.accounts[who] for who, _ in page])
    return types.messages.MessageReactionsList(
        len(chosen), rows, chats, users, next_offset=str(end) if end < len(chosen) else None
    )
