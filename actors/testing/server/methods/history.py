"""Reading: histories, single messages and read marks. Pages are cut in world/messages.py; dialogs are in dialogs.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from actors.testing.server.methods.peers import channel_of, party_of, readable
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Slice, Window
from actors.testing.server.world.parties import Channel, Party
from actors.testing.server.world.party_views import faces, sort_faces
from actors.testing.server.world.reading import read, read_channel

__all__ = ["PAGE", "asked", "page"]

PAGE = 100  # the most that Telegram gives at once


def _seconds(date: Any) -> int:
    return int(date.timestamp()) if date is not None else 0


def asked(request: Any) -> Window:
    """Return the window that a request for a page asks for. The dates of a search are bounds, and no offsets."""
    return Window(
        offset_id=request.offset_id,
        offset_date=_seconds(getattr(request, "offset_date", None)),
        add_offset=request.add_offset,
        limit=min(request.limit, PAGE),
        max_id=request.max_id,
        min_id=request.min_id,
        min_date=_seconds(getattr(request, "min_date", None)),
        max_date=_seconds(getattr(request, "max_date", None)),
    )


def page(call: Call, party: Party | None, found: Slice, count: int, *, next_rate: int | None = None) -> Any:
    """Answer with messages as the kind of list that a chat of this kind has. party None stands for several chats."""
    me, place = call.account, found.place
    messages = [message for message in found.messages if call.world.left_out.shows(me, message)]
    users, chats = faces(call.world, me, messages)
    views = [message_view(me, message) for message in messages]
    if isinstance(party, Channel):
        chats = chats or sort_faces(call.world, me, [party])[1]
        pts = party.log.pts
        return types.messages.ChannelMessages(pts, count, views, [], chats, users, offset_id_offset=place)
    if count > len(messages):
        return types.messages.MessagesSlice(count, views, [], chats, users, next_rate=next_rate, offset_id_offset=place)
    return types.messages.Messages(views, [], chats, users)


@method(functions.messages.GetHistoryRequest, bots=False)
def get_history(call: Call, request: Any) -> Any:
    """Answer with a page of a chat's messages, newest first."""
    party = party_of(call, request.peer)
    history = history_of(call.account, party)
    return page(call, party, history.window(asked(request)), len(history))


def _by_id(ids: Iterable[Any], get: Any) -> list[Any]:
    wanted = [item.id for item in ids if isinstance(item, types.InputMessageID)]
    return [(message_id, get(message_id)) for message_id in wanted]


def _picked(call: Call, party: Party, found: list[Any]) -> Any:
    """Answer with messages in the order asked for, and with MessageEmpty for those that aren't there."""
    me, there = call.account, [message for _, message in found if message is not None]
    users, chats = faces(call.world, me, there)
    views = [
        types.MessageEmpty(message_id, None) if message is None else message_view(me, message)
        for message_id, message in found
    ]
    if isinstance(party, Channel):
        return types.messages.ChannelMessages(party.log.pts, len(views), views, [], chats, users)
    return types.messages.Messages(views, [], chats, users)


@method(functions.messages.GetMessagesRequest)
def get_messages(call: Call, request: Any) -> Any:
    """Answer with private messages by id."""
    return _picked(call, call.account, _by_id(request.id, call.account.messages.get))


@method(functions.channels.GetMessagesRequest)
def get_channel_messages(call: Call, request: Any) -> Any:
    """Answer with a channel's messages by id."""
    channel = readable(call, channel_of(call, request.channel))
    return _picked(call, channel, _by_id(request.id, channel.history.get))


@method(functions.messages.ReadHistoryRequest, bots=False)
def read_history(call: Call, request: Any) -> Any:
    """Mark a private chat or a group as read. Those who wrote learn it."""
    me, party = call.account, party_of(call, request.peer)
    if isinstance(party, Channel):
        raise RpcFailure("PEER_ID_INVALID")
    moved = read(call.world, me, party, request.max_id, now=call.now)
    return types.messages.AffectedMessages(me.log.pts, int(moved))


@method(functions.messages.SetTypingRequest)
def set_typing(call: Call, request: Any) -> bool:
    """Accept it, and tell nobody."""
    return party_of(call, request.peer) is not None


@method(functions.channels.ReadHistoryRequest, bots=False)
def read_channel_history(call: Call, request: Any) -> bool:
    """Mark a channel as read. One's other sessions learn it, and in a supergroup those who wrote."""
    channel = readable(call, channel_of(call, request.channel))
    read_channel(call.world, call.account, channel, request.max_id, now=call.now)
    return True


@method(functions.messages.ReadReactionsRequest, bots=False)
def read_reactions(call: Call, request: Any) -> Any:
    """Change nothing: unread reactions aren't counted here."""
    party_of(call, request.peer)
    return types.messages.AffectedHistory(call.account.log.pts, 0, 0)
