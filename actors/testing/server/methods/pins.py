"""Pinning and unpinning messages, with the service message that says so. The change itself is in world/changing.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.changing import pin
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.parties import Account, Channel, Party
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import may

__all__: list[str] = []


def _may_pin(me: Account, party: Party) -> None:
    if isinstance(party, Account):
        return
    right = "edit_messages" if isinstance(party, Channel) and party.broadcast else "pin_messages"
    if not may(party, me, right):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")


@method(functions.messages.UpdatePinnedMessageRequest)
def update_pinned_message(call: Call, request: Any) -> Any:
    """Pin a message or unpin it. A message that is so already stays as it is."""
    me, party = call.account, party_of(call, request.peer)
    _may_pin(me, party)
    message = history_of(me, party).get(request.id)
    if message is None or message.action is not None:
        raise RpcFailure("MESSAGE_ID_INVALID")
    pinned = not request.unpin
    if message.pinned is pinned:
        return told(call)
    pin(call.world, [message], pinned=pinned, now=call.now, only=me if request.pm_oneside else None)
    if pinned and party is not me and not request.pm_oneside:
        draft = Draft("", reply_to=message.id, action=types.MessageActionPinMessage())
        post(call.world, me, party, draft, now=call.now)
    return told(call)


@method(functions.messages.UnpinAllMessagesRequest)
def unpin_all_messages(call: Call, request: Any) -> Any:
    """Unpin everything in a chat."""
    me, party = call.account, party_of(call, request.peer)
    _may_pin(me, party)
    pinned = [message for message in history_of(me, party).messages if message.pinned]
    if pinned:
        pin(call.world, pinned, pinned=False, now=call.now, echo=True)
    if isinstance(party, Channel):
        return types.messages.AffectedHistory(party.log.pts, 0, 0)
    return types.messages.AffectedHistory(me.log.pts, len(pinned), 0)
