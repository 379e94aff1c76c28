"""Reading: histories, single messages, dialogs, read marks. Pages are cut by world/messages.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from actors.loopback.methods.peers import channel_of, party_of, readable, user_of
from actors.loopback.methods.registry import Call, method
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import functions, types
from actors.loopback.world.difference import channel_dialog, private_dialog, state
from actors.loopback.world.messages import Message, Window
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.posting import read
from actors.loopback.world.views import faces, look, message_view, wrap

__all__: list[str] = []

PAGE = 100  # the most that Telegram gives at once


def _seconds(date: Any) -> int:
    return int(date.timestamp()) if date is not None else 0


def _page(call: Call, party: Party, messages: list[Message], count: int) -> Any:
    """Answer with messages as the kind of list that a chat of this kind has."""
    me = call.account
    users, chats = faces(call.world, me, messages)
    views = [message_view(me, message) for message in messages]
    if isinstance(party, Channel):
        chats = chats or [look(call.world, me, party)]
        return types.messages.ChannelMessages(party.log.pts, count, views, [], chats, users)
    if count > len(messages):
        return types.messages.MessagesSlice(count, views, [], chats, users)
    return types.messages.Messages(views, [], chats, users)


@method(functions.messages.GetHistoryRequest)
def get_history(call: Call, request: Any) -> Any:
    """Answer with a page of a chat, newest first."""
    party = party_of(call, request.peer)
    history = party.history if isinstance(party, Channel) else call.account.chats[party.id]
    window = Window(
        offset_id=request.offset_id,
        offset_date=_seconds(request.offset_date),
        add_offset=request.add_offset,
        limit=min(request.limit, PAGE),
        max_id=request.max_id,
        min_id=request.min_id,
    )
    return _page(call, party, history.window(window), len(history))


def _by_id(ids: Iterable[Any], get: Any) -> list[Any]:
    wanted = [item.id for item in ids if isinstance(item, types.InputMessageID)]
    return [(message_id, get(message_id)) for message_id in wanted]


def _picked(call: Call, party: Party, found: list[Any]) -> Any:
    """Answer with messages in the order asked, MessageEmpty for those that aren't there."""
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


@method(functions.messages.ReadHistoryRequest)
def read_history(call: Call, request: Any) -> Any:
    """Mark a private chat as read; the other side learns it."""
    me = call.account
    stamped = read(call.world, me, user_of(call, request.peer, error="PEER_ID_INVALID"), request.max_id, now=call.now)
    return types.messages.AffectedMessages(me.log.pts, stamped.count if stamped else 0)


@method(functions.messages.SetTypingRequest)
def set_typing(call: Call, request: Any) -> bool:
    """Take note, and tell nobody."""
    return party_of(call, request.peer) is not None


@method(functions.channels.ReadHistoryRequest)
def read_channel(call: Call, request: Any) -> bool:
    """Mark a channel as read; one's other sessions learn it."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    upto = min(request.max_id or channel.last_id, channel.last_id)
    if channel.id not in me.channels or upto <= me.channels[channel.id]:
        return True
    me.channels[channel.id] = upto
    update = types.UpdateReadChannelInbox(channel.id, upto, channel.history.unread_after(upto), channel.log.pts)
    call.world.push((me.id,), lambda viewer: wrap([update], [], [look(call.world, viewer, channel)], call.now))
    return True


def _dialogs_of(call: Call) -> list[tuple[Message, Party]]:
    """Return the chats of an account with their last messages, newest first."""
    me, world = call.account, call.world
    private = [(chat.messages[-1], world.accounts[other]) for other, chat in me.chats.items() if len(chat)]
    channels = [world.channels[channel] for channel in me.channels]
    public = [(channel.history.messages[-1], channel) for channel in channels if len(channel.history)]
    return sorted([*private, *public], key=lambda pair: (-pair[0].date, pair[0].chat))


def _dialog(me: Account, party: Party) -> Any:
    return channel_dialog(me, party) if isinstance(party, Channel) else private_dialog(me, party.id)


@method(functions.messages.GetDialogsRequest)
def get_dialogs(call: Call, request: Any) -> Any:
    """Answer with a page of chats, newest first; the offset is the last chat of the page before."""
    me, dialogs = call.account, _dialogs_of(call)
    rest = dialogs
    if not isinstance(request.offset_peer, types.InputPeerEmpty):
        last = party_of(call, request.offset_peer)
        place = next((index for index, (_, party) in enumerate(dialogs) if party is last), None)
        rest = dialogs[place + 1 :] if place is not None else []
    page = rest[: max(0, min(request.limit, PAGE))]
    if request.limit < 0:
        raise RpcFailure("LIMIT_INVALID")
    users, chats = faces(call.world, me, [message for message, _ in page])
    rows = [_dialog(me, party) for _, party in page]
    return types.messages.DialogsSlice(len(dialogs), rows, [message_view(me, top) for top, _ in page], chats, users)


@method(functions.messages.GetPeerDialogsRequest)
def get_peer_dialogs(call: Call, request: Any) -> Any:
    """Answer with the dialogs asked for."""
    me, world = call.account, call.world
    parties = [party_of(call, peer.peer) for peer in request.peers if isinstance(peer, types.InputDialogPeer)]
    histories = [party.history if isinstance(party, Channel) else me.chats[party.id] for party in parties]
    tops = [history.messages[-1] for history in histories if len(history)]
    users, chats = faces(world, me, tops)
    rows = [_dialog(me, party) for party in parties]
    return types.messages.PeerDialogs(rows, [message_view(me, top) for top in tops], chats, users, state(me, call.now))
