"""channels.*: looking at channels and supergroups, their participants, joining and leaving."""

from __future__ import annotations

from typing import Any

from actors.loopback.methods.peers import channel_of, readable, user_of
from actors.loopback.methods.registry import Call, method
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import functions, types
from actors.loopback.world.membership import join, leave
from actors.loopback.world.parties import Account, Channel
from actors.loopback.world.views import look, wrap

__all__: list[str] = []

PARTICIPANTS = 200  # the most that Telegram gives at once


@method(functions.channels.GetChannelsRequest)
def get_channels(call: Call, request: Any) -> Any:
    """Answer with channels by id."""
    me = call.account
    return types.messages.Chats([look(call.world, me, readable(call, channel_of(call, item))) for item in request.id])


@method(functions.channels.GetFullChannelRequest)
def get_full_channel(call: Call, request: Any) -> Any:
    """Answer with counts and where updates go on."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    read = me.channels.get(channel.id, 0)
    full = types.ChannelFull(
        id=channel.id,
        about="",
        read_inbox_max_id=read,
        read_outbox_max_id=channel.last_id,
        unread_count=channel.history.unread_after(read),
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=channel.log.pts,
        can_view_participants=not channel.broadcast or None,
        participants_count=len(channel.members),
    )
    return types.messages.ChatFull(full, [look(call.world, me, channel)], [])


def _participant(me: Account, channel: Channel, account_id: int) -> Any:
    joined = channel.members[account_id]
    if account_id == channel.creator:
        return types.ChannelParticipantCreator(account_id, types.ChatAdminRights())
    if account_id == me.id:
        return types.ChannelParticipantSelf(account_id, channel.creator, joined)
    return types.ChannelParticipant(account_id, joined)


def _chosen(call: Call, channel: Channel, kind: Any) -> list[int]:
    """Return the members that a filter lets through, in the order they joined."""
    members = list(channel.members)
    if isinstance(kind, types.ChannelParticipantsAdmins):
        return [channel.creator] if channel.creator in channel.members else []
    if isinstance(kind, types.ChannelParticipantsSearch) and kind.q:
        query = kind.q.lower()
        return [member for member in members if query in call.world.accounts[member].name.lower()]
    if isinstance(kind, types.ChannelParticipantsRecent | types.ChannelParticipantsSearch):
        return members
    return []  # bots, banned and kicked: there are none


@method(functions.channels.GetParticipantsRequest)
def get_participants(call: Call, request: Any) -> Any:
    """Answer with a page of members; of a broadcast channel only to its creator."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    if channel.broadcast and channel.creator != me.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    chosen = _chosen(call, channel, request.filter)
    offset = max(0, request.offset)
    page = chosen[offset : offset + max(0, min(request.limit, PARTICIPANTS))]
    people = [_participant(me, channel, member) for member in page]
    users = [look(call.world, me, call.world.accounts[member]) for member in page]
    return types.channels.ChannelParticipants(len(chosen), people, [], users)


@method(functions.channels.GetParticipantRequest)
def get_participant(call: Call, request: Any) -> Any:
    """Answer with one member."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    member = user_of(call, request.participant, error="PARTICIPANT_ID_INVALID")
    if member.id not in channel.members:
        raise RpcFailure("USER_NOT_PARTICIPANT")
    person = _participant(me, channel, member.id)
    return types.channels.ChannelParticipant(person, [look(call.world, me, channel)], [look(call.world, me, member)])


def _moved(call: Call, channel: Channel) -> Any:
    return wrap([types.UpdateChannel(channel.id)], [], [look(call.world, call.account, channel)], call.now)


@method(functions.channels.JoinChannelRequest)
def join_channel(call: Call, request: Any) -> Any:
    """Become a member of a public channel."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    if not join(call.world, me, channel, now=call.now):
        raise RpcFailure("USER_ALREADY_PARTICIPANT")
    return _moved(call, channel)


@method(functions.channels.LeaveChannelRequest)
def leave_channel(call: Call, request: Any) -> Any:
    """Stop being a member."""
    me, channel = call.account, channel_of(call, request.channel)
    if not leave(call.world, me, channel, now=call.now):
        raise RpcFailure("USER_NOT_PARTICIPANT")
    return _moved(call, channel)
