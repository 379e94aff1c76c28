"""Editing and deleting: which messages one may change. What happens then is in world/changing.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import channel_of, party_of, readable
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.methods.sending import checked_text, due_date, entities_of
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.changing import delete, delete_for_all, edit
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.messages import Kind, Message
from actors.testing.server.world.parties import Account, Channel, Party
from actors.testing.server.world.roles import may
from actors.testing.server.world.scheduled import reschedule

__all__: list[str] = []

EDIT_SECONDS = 172_800  # help.getConfig's edit_time_limit


def _editable(call: Call, party: Party, message_id: int) -> Message:
    me = call.account
    message = history_of(me, party).get(message_id)
    if message is None or message.action is not None:
        raise RpcFailure("MESSAGE_ID_INVALID")
    editor = isinstance(party, Channel) and party.broadcast and may(party, me, "edit_messages")
    if message.sender != me.id and not editor:
        raise RpcFailure("MESSAGE_AUTHOR_REQUIRED")
    if message.origin is not None:
        raise RpcFailure("MESSAGE_EDIT_FORBIDDEN")
    timeless = message.chat == me.id or (isinstance(party, Channel) and may(party, me, "pin_messages"))
    if not timeless and call.now - message.date > EDIT_SECONDS:
        raise RpcFailure("MESSAGE_EDIT_TIME_EXPIRED")
    return message


@method(functions.messages.EditMessageRequest)
def edit_message(call: Call, request: Any) -> Any:
    """Change the text of one's own message, or the text and time of a scheduled one."""
    me, party = call.account, party_of(call, request.peer)
    entities = entities_of(call, request.entities)
    if request.schedule_date is not None:
        waiting = me.scheduled[party.id].get(request.id)
        if waiting is None:
            raise RpcFailure("MESSAGE_ID_INVALID")
        at = due_date(call, request.schedule_date) or call.now
        text = checked_text(request.message or waiting.text)
        reschedule(call.world, me, waiting, text, entities, at=at, now=call.now)
        return told(call)
    message = _editable(call, party, request.id)
    text = (request.message or "") if message.media is not None else checked_text(request.message or "")
    if text == message.text and (entities or None) == (message.entities or None):
        raise RpcFailure("MESSAGE_NOT_MODIFIED")
    edit(call.world, message, text, entities, now=call.now)
    return told(call)


@method(functions.messages.DeleteMessagesRequest)
def delete_messages(call: Call, request: Any) -> Any:
    """Delete messages of private chats and groups. With `revoke` others lose them too; in groups, as far as one may."""
    me = call.account
    before = me.log.pts
    doomed = [me.messages[message_id] for message_id in request.id if message_id in me.messages]
    if request.revoke:
        delete_for_all(call.world, [message for message in doomed if _revocable(call, message)], now=call.now)
    delete(call.world, me, request.id, now=call.now)
    return types.messages.AffectedMessages(me.log.pts, me.log.pts - before)


def _revocable(call: Call, message: Message) -> bool:
    if message.kind is Kind.PRIVATE or message.sender == call.account.id:
        return True
    return may(call.world.groups[message.chat], call.account, "delete_messages")


@method(functions.channels.DeleteMessagesRequest)
def delete_channel_messages(call: Call, request: Any) -> Any:
    """Delete one's own messages in a channel. Administrators with that right may delete anybody's."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    found = [message for message in map(channel.history.get, request.id) if message is not None]
    if not may(channel, me, "delete_messages") and any(message.sender != me.id for message in found):
        raise RpcFailure("MESSAGE_DELETE_FORBIDDEN")
    delete(call.world, channel, request.id, now=call.now)
    # The count goes by update: Telethon takes the one in this answer for a move of the account's own pts.
    return types.messages.AffectedMessages(channel.log.pts, 0)


@method(functions.messages.DeleteHistoryRequest, bots=False)
def delete_history(call: Call, request: Any) -> Any:
    """Empty a private chat or a group, up to a message. With `revoke` the other side of a private chat loses it too."""
    me, party = call.account, party_of(call, request.peer)
    if isinstance(party, Channel):
        raise RpcFailure("PEER_ID_INVALID")
    before, history = me.log.pts, me.chats[party.id]
    doomed = [message for message in history.messages if not request.max_id or message.id <= request.max_id]
    if request.revoke and isinstance(party, Account):
        delete_for_all(call.world, doomed, now=call.now)
    delete(call.world, me, [message.id for message in doomed], now=call.now)
    return types.messages.AffectedHistory(me.log.pts, me.log.pts - before, 0)
