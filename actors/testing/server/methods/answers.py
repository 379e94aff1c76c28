"""What a message that is being sent answers: from an InputReplyTo to fields of a Draft. sending.py and media.py use it.

It refuses with the RpcFailure that Telegram would use. An answer to a message that isn't there is an ordinary message.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.messages import Quote

__all__ = ["answered"]

QUOTE_LENGTH = 1024  # characters (https://core.telegram.org/api/config#quote-length-max)


def answered(call: Call, reply_to: Any) -> dict[str, Any]:
    """Return what a client names as answered, by the names that a Draft has for it."""
    if not isinstance(reply_to, types.InputReplyToMessage):
        return {}
    found: dict[str, Any] = {"reply_to": reply_to.reply_to_msg_id, "top": reply_to.top_msg_id}
    if reply_to.quote_text:
        if len(reply_to.quote_text) > QUOTE_LENGTH:
            raise RpcFailure("QUOTE_TEXT_INVALID")
        found["quote"] = Quote(reply_to.quote_text, reply_to.quote_entities, reply_to.quote_offset)
    if reply_to.reply_to_peer_id is not None:
        party = party_of(call, reply_to.reply_to_peer_id)
        found |= {"reply_to": None, "source": history_of(call.account, party).get(reply_to.reply_to_msg_id)}
    return found
