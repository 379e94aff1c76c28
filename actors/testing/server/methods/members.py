"""Joining channels and supergroups and leaving them, by oneself and by invitation. Basic groups are in chats.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import channel_of, my_channel, readable, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.membership import come, go, join
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import ban_of, may

__all__: list[str] = []


@method(functions.channels.JoinChannelRequest, bots=False)
def join_channel(call: Call, request: Any) -> Any:
    """Become a member of a public channel. A supergroup gets a service message."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    if not come(call.world, me, channel, now=call.now):
        raise RpcFailure("USER_ALREADY_PARTICIPANT")
    return types.messages.ChatInviteJoinResultOk(told(call))


@method(functions.channels.LeaveChannelRequest)
def leave_channel(call: Call, request: Any) -> Any:
    """Stop being a member. A supergroup gets a service message."""
    me, channel = call.account, channel_of(call, request.channel)
    if not go(call.world, me, channel, now=call.now):
        raise RpcFailure("USER_NOT_PARTICIPANT")
    return told(call)


@method(functions.channels.InviteToChannelRequest, bots=False)
def invite_to_channel(call: Call, request: Any) -> Any:
    """Make others members. Members, and people whom an administrator has removed, are passed over."""
    me, channel = call.account, my_channel(call, request.channel)
    if not may(channel, me, "invite_users"):
        raise RpcFailure("CHAT_ADMIN_REQUIRED" if channel.broadcast else "CHAT_WRITE_FORBIDDEN")
    people = [user_of(call, user) for user in request.users]
    if len(people) == 1 and people[0].id in channel.members:
        raise RpcFailure("USER_ALREADY_PARTICIPANT")
    if len(people) == 1 and not _admits(call, channel, people[0]):
        raise RpcFailure("USER_KICKED")
    welcome = [person for person in people if _admits(call, channel, person)]
    came = [person for person in welcome if join(call.world, person, channel, now=call.now, inviter=me.id)]
    if came and not channel.broadcast:
        action = types.MessageActionChatAddUser([person.id for person in came])
        post(call.world, me, channel, Draft("", action=action), now=call.now)
    missing = [types.MissingInvitee(person.id) for person in people if person not in welcome]
    return types.messages.InvitedUsers(told(call), missing)


def _admits(call: Call, channel: Channel, person: Account) -> bool:
    ban = ban_of(channel, person, call.now)
    return not person.deleted and (ban is None or not ban.kicked)
