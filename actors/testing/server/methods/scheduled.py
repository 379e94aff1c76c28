"""The list of messages that one has scheduled in a chat. Scheduling itself is in sending.py and world/scheduled.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Party
from actors.testing.server.world.party_views import sort_faces
from actors.testing.server.world.scheduled import cancel, send_now

__all__: list[str] = []


def _answer(call: Call, party: Party, messages: list[Message]) -> Any:
    me = call.account
    users, chats = sort_faces(call.world, me, [me, party])
    return types.messages.Messages([message_view(me, message) for message in messages], [], chats, users)


@method(functions.messages.GetScheduledHistoryRequest, bots=False)
def get_scheduled_history(call: Call, request: Any) -> Any:
    """Answer with all that is scheduled for a chat, the highest id first, as clients expect of any history."""
    me, party = call.account, party_of(call, request.peer)
    return _answer(call, party, me.scheduled[party.id].messages[::-1])


@method(functions.messages.GetScheduledMessagesRequest, bots=False)
def get_scheduled_messages(call: Call, request: Any) -> Any:
    """Answer with scheduled messages by id."""
    me, party = call.account, party_of(call, request.peer)
    found = [message for message in map(me.scheduled[party.id].get, request.id) if message is not None]
    return _answer(call, party, found)


@method(functions.messages.SendScheduledMessagesRequest, bots=False)
def send_scheduled_messages(call: Call, request: Any) -> Any:
    """Send scheduled messages at once."""
    me, party = call.account, party_of(call, request.peer)
    found = [message for message in map(me.scheduled[party.id].get, request.id) if message is not None]
    if not found:
        raise RpcFailure("MESSAGE_ID_INVALID")
    send_now(call.world, me, found, now=call.now)
    return told(call)


@method(functions.messages.DeleteScheduledMessagesRequest, bots=False)
def delete_scheduled_messages(call: Call, request: Any) -> Any:
    """Delete scheduled messages before they are sent."""
    me, party = call.account, party_of(call, request.peer)
    cancel(call.world, me, party, request.id, now=call.now)
    return told(call)
