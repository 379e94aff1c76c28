"""messages.sendMessage, editing and deleting: who may write what. What then happens is world/posting.py's."""

from __future__ import annotations

from typing import Any

from actors.loopback.methods.peers import channel_of, party_of, readable
from actors.loopback.methods.registry import Call, method
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import functions, types
from actors.loopback.world.messages import Message
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.posting import Draft, Posted, delete, edit, post
from actors.loopback.world.views import channel_update, channel_updates, look, private_update, wrap

__all__: list[str] = []

MESSAGE_LENGTH = 4096  # characters (https://core.telegram.org/method/messages.sendMessage)
RANDOM_IDS = 100_000  # remembered per account: Telegram's own memory is time-bound, ours is bounded all the same


def _checked(text: str) -> str:
    if not text.strip():
        raise RpcFailure("MESSAGE_EMPTY")
    if len(text) > MESSAGE_LENGTH:
        raise RpcFailure("MESSAGE_TOO_LONG")
    return text


def _may_write(me: Account, party: Party) -> None:
    if not isinstance(party, Channel):
        return
    if me.id not in party.members:
        raise RpcFailure("CHAT_WRITE_FORBIDDEN")
    if party.broadcast and party.creator != me.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")


@method(functions.messages.SendMessageRequest)
def send_message(call: Call, request: Any) -> Any:
    """Say it once: a random_id seen before gets the message that it made then."""
    me, party = call.account, party_of(call, request.peer)
    if not request.random_id:
        raise RpcFailure("RANDOM_ID_EMPTY")
    known = me.sent.get(request.random_id)
    if known is not None:
        return _answer(call, party, known)
    _may_write(me, party)
    reply = getattr(request.reply_to, "reply_to_msg_id", None)
    draft = Draft(_checked(request.message), request.random_id, reply, request.entities)
    posted = post(call.world, me, party, draft, now=call.now)
    me.sent[request.random_id] = posted
    if len(me.sent) > RANDOM_IDS:
        del me.sent[next(iter(me.sent))]
    return _answer(call, party, posted)


def _answer(call: Call, party: Party, posted: Posted) -> Any:
    """Answer as Telegram does: briefly in a private chat, with the whole message in a channel."""
    message, stamped = posted.message, posted.stamped
    if not isinstance(party, Channel):
        return types.UpdateShortSentMessage(
            message.id, stamped.pts, stamped.count, message.date, out=True, entities=message.entities
        )
    updates = [
        types.UpdateMessageID(message.id, message.random_id),
        channel_update(call.account, party, stamped),
    ]
    users = [look(call.world, call.account, call.account)]
    return wrap(updates, users, [look(call.world, call.account, party)], call.now)


def _own_message(me: Account, party: Party, message_id: int) -> Message:
    box = party.history if isinstance(party, Channel) else me.chats[party.id]
    message = box.get(message_id)
    if message is None:
        raise RpcFailure("MESSAGE_ID_INVALID")
    if message.sender != me.id:
        raise RpcFailure("MESSAGE_AUTHOR_REQUIRED")
    return message


@method(functions.messages.EditMessageRequest)
def edit_message(call: Call, request: Any) -> Any:
    """Change the text of one's own message."""
    me, party = call.account, party_of(call, request.peer)
    message = _own_message(me, party, request.id)
    text = _checked(request.message or "")
    if text == message.text and request.entities == message.entities:
        raise RpcFailure("MESSAGE_NOT_MODIFIED")
    stamped = edit(call.world, message, text, request.entities, now=call.now)
    if isinstance(party, Channel):
        return channel_updates(call.world, me, party, stamped, call.now)
    return wrap([private_update(me, stamped)], [look(call.world, me, party)], [], call.now)


@method(functions.messages.DeleteMessagesRequest)
def delete_messages(call: Call, request: Any) -> Any:
    """Delete private messages, with `revoke` at the other side too."""
    me = call.account
    doomed = [me.messages[message_id] for message_id in request.id if message_id in me.messages]
    stamped = delete(call.world, me, request.id, now=call.now)
    if request.revoke:
        for message in doomed:
            delete(call.world, call.world.accounts[message.chat], (message.twin,), now=call.now)
    return types.messages.AffectedMessages(me.log.pts, stamped.count if stamped else 0)


@method(functions.channels.DeleteMessagesRequest)
def delete_channel_messages(call: Call, request: Any) -> Any:
    """Delete one's own messages in a channel; its creator may delete anybody's."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    found = [message for message in map(channel.history.get, request.id) if message is not None]
    if channel.creator != me.id and any(message.sender != me.id for message in found):
        raise RpcFailure("MESSAGE_DELETE_FORBIDDEN")
    stamped = delete(call.world, channel, request.id, now=call.now)
    return types.messages.AffectedMessages(channel.log.pts, stamped.count if stamped else 0)
