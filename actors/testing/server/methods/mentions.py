"""Unread mentions: listing them, and reading them. Who is mentioned is decided in world/mentions.py.

The server calls it for RPCs. One's other sessions aren't told. https://core.telegram.org/api/mentions
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.history import asked, page
from actors.testing.server.methods.peers import my_channel, party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.tl import functions, types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.mentions import unread
from actors.testing.server.world.messages import History
from actors.testing.server.world.parties import Channel

__all__: list[str] = []


@method(functions.messages.GetUnreadMentionsRequest, bots=False)
def get_unread_mentions(call: Call, request: Any) -> Any:
    """Answer with a page of a chat's messages that mention the account and are unread, newest first."""
    me, party = call.account, party_of(call, request.peer)
    found = History(unread(me, party.id, history_of(me, party)))
    return page(call, party, found.window(asked(request)), len(found))


@method(functions.messages.ReadMentionsRequest, bots=False)
def read_mentions(call: Call, request: Any) -> Any:
    """Read all mentions in a chat, or in one of its topics."""
    me, party = call.account, party_of(call, request.peer)
    top = request.top_msg_id
    found = [one for one in unread(me, party.id, history_of(me, party)) if top is None or one.top == top]
    me.mentions.get(party.id, set()).difference_update(message.id for message in found)
    pts = party.log.pts if isinstance(party, Channel) else me.log.pts
    return types.messages.AffectedHistory(pts, 0, 0)


@method(functions.messages.ReadMessageContentsRequest, bots=False)
def read_message_contents(call: Call, request: Any) -> Any:
    """Read the mentions in some messages of groups."""
    for chat, ids in call.account.mentions.items():
        if chat in call.world.groups:  # a channel has message ids of its own
            ids.difference_update(request.id)
    return types.messages.AffectedMessages(call.account.log.pts, 0)


@method(functions.channels.ReadMessageContentsRequest, bots=False)
def read_channel_message_contents(call: Call, request: Any) -> bool:
    """Read the mentions in some messages of a supergroup."""
    channel = my_channel(call, request.channel)
    call.account.mentions.get(channel.id, set()).difference_update(request.id)
    return True
