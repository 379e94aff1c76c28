"""Channels and supergroups: making them, looking at them, and their members. The server calls it for RPCs.

Joining and leaving are in members.py, roles and bans in bans.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.chats import checked_title
from actors.testing.server.methods.peers import channel_of, my_channel, readable, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.membership import close
from actors.testing.server.world.participants import chosen, participant
from actors.testing.server.world.parties import Channel
from actors.testing.server.world.party_views import look, sort_faces
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import is_admin
from actors.testing.server.world.updates import wrap

__all__: list[str] = []

PAGE, REACHABLE = 200, 10_000  # participants: the most that Telegram gives at once, and in all


@method(functions.channels.CreateChannelRequest, bots=False)
def create_channel(call: Call, request: Any) -> Any:
    """Make a private supergroup, or a private channel if it is to be a broadcast."""
    me, title = call.account, checked_title(request.title)
    broadcast = not request.megagroup
    channel = call.world.add_channel(title, creator=me, broadcast=broadcast, username=None, now=call.now)
    channel.about = request.about
    me.moved[channel.id] = call.now
    opened = wrap([types.UpdateChannel(channel.id)], [], [look(call.world, me, channel)], call.now)
    call.world.push((me.id,), lambda _: opened)
    post(call.world, me, channel, Draft("", action=types.MessageActionChannelCreate(title)), now=call.now)
    return told(call)


@method(functions.channels.DeleteChannelRequest, bots=False)
def delete_channel(call: Call, request: Any) -> Any:
    """End a channel for everybody."""
    channel = my_channel(call, request.channel)
    if channel.creator != call.account.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    close(call.world, channel, now=call.now)
    return told(call)


@method(functions.channels.GetChannelsRequest)
def get_channels(call: Call, request: Any) -> Any:
    """Answer with channels by id."""
    me = call.account
    found = [readable(call, channel_of(call, item)) for item in request.id]
    return types.messages.Chats([look(call.world, me, channel, asked=True) for channel in found])


@method(functions.channels.GetFullChannelRequest)
def get_full_channel(call: Call, request: Any) -> Any:
    """Answer with counts, the pinned message, and the pts where updates go on."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    read, history = me.channels.get(channel.id, 0), channel.history
    seen = is_admin(channel, me) or not channel.broadcast
    full = types.ChannelFull(
        id=channel.id,
        about=channel.about,
        read_inbox_max_id=read,
        read_outbox_max_id=channel.outbox.get(me.id, 0),
        unread_count=history.unread_after(read),
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=channel.log.pts,
        can_view_participants=seen or None,
        participants_count=len(channel.members),
        admins_count=len(channel.admins) + 1 if is_admin(channel, me) else None,
        kicked_count=sum(ban.kicked for ban in channel.bans.values()) if is_admin(channel, me) else None,
        banned_count=sum(not ban.kicked for ban in channel.bans.values()) if is_admin(channel, me) else None,
        pinned_msg_id=next((message.id for message in reversed(history.messages) if message.pinned), None),
        folder_id=me.folders.get(channel.id),
        has_scheduled=bool(len(me.scheduled[channel.id])) or None,
    )
    return types.messages.ChatFull(full, [look(call.world, me, channel, asked=True)], [])


@method(functions.channels.GetParticipantsRequest)
def get_participants(call: Call, request: Any) -> Any:
    """Answer with a page of members. Only administrators see those of a broadcast channel, and who is banned."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    hidden = isinstance(request.filter, types.ChannelParticipantsBanned | types.ChannelParticipantsKicked)
    if (channel.broadcast or hidden) and not is_admin(channel, me):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    people = chosen(call.world, channel, request.filter, call.now)
    offset = max(0, request.offset)
    cut = people[:REACHABLE][offset : offset + max(0, min(request.limit, PAGE))]
    page = [person for person in cut if call.world.left_out.shows_member(channel, person)]
    rows = [participant(me, channel, person) for person in page]
    users, chats = sort_faces(call.world, me, [call.world.accounts[person] for person in page])
    return types.channels.ChannelParticipants(len(people), rows, chats, users)


@method(functions.channels.GetParticipantRequest)
def get_participant(call: Call, request: Any) -> Any:
    """Answer with one member, or with somebody who is banned."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    person = user_of(call, request.participant, error="PARTICIPANT_ID_INVALID")
    if not _is_there(channel, person.id):
        raise RpcFailure("USER_NOT_PARTICIPANT")
    users, chats = sort_faces(call.world, me, [channel, person])
    return types.channels.ChannelParticipant(participant(me, channel, person.id), chats, users)


def _is_there(channel: Channel, account_id: int) -> bool:
    return account_id in channel.members or account_id in channel.bans
