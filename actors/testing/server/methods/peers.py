"""From the peers that a client sends to the parties that they mean, with the access hash checked. All methods use it.

It refuses with the RpcFailure that Telegram would use. Permission to write is checked in sending.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.registry import Call
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import types
from actors.testing.server.world.parties import Account, Channel, Group, Party
from actors.testing.server.world.roles import ban_of
from actors.testing.server.world.world import World

__all__ = [
    "channel_of",
    "chat_name",
    "chat_of",
    "group_of",
    "my_channel",
    "my_group",
    "party_meant",
    "party_of",
    "readable",
    "user_of",
]


def _known(call: Call, party: Party | None, access_hash: int) -> bool:
    return party is not None and call.world.access_hash(call.account.id, party) == access_hash


def user_of(call: Call, user: Any, *, error: str = "USER_ID_INVALID") -> Account:
    """Return the account that an InputUser or InputPeerUser means."""
    if isinstance(user, types.InputUserSelf | types.InputPeerSelf):
        return call.account
    if isinstance(user, types.InputUser | types.InputPeerUser):
        account = call.world.accounts.get(user.user_id)
        if account is not None and _known(call, account, user.access_hash):
            return account
    raise RpcFailure(error)


def channel_of(call: Call, channel: Any) -> Channel:
    """Return the channel that an InputChannel or InputPeerChannel means."""
    if isinstance(channel, types.InputChannel | types.InputPeerChannel):
        found = call.world.channels.get(channel.channel_id)
        if found is not None and _known(call, found, channel.access_hash):
            return found
    raise RpcFailure("CHANNEL_INVALID")


def readable(call: Call, channel: Channel) -> Channel:
    """Return the channel if the account may read it: members may, and anybody may read a public one unless banned."""
    ban = ban_of(channel, call.account, call.now)
    there = call.account.id in channel.members or channel.username is not None
    if not there or channel.closed or (ban is not None and ban.kicked):
        raise RpcFailure("CHANNEL_PRIVATE")
    return channel


def my_channel(call: Call, channel: Any) -> Channel:
    """Return the channel if the account is a member of it."""
    found = readable(call, channel_of(call, channel))
    if call.account.id not in found.members:
        raise RpcFailure("USER_NOT_PARTICIPANT")
    return found


def group_of(call: Call, chat_id: int) -> Group:
    """Return the basic group with this id if the account has ever been in it."""
    group = call.world.groups.get(chat_id)
    if group is None or (call.account.id not in group.members and chat_id not in call.account.chats):
        raise RpcFailure("CHAT_ID_INVALID")
    return group


def my_group(call: Call, chat_id: int) -> Group:
    """Return the basic group if the account is a member of it, and it hasn't become a supergroup."""
    group = group_of(call, chat_id)
    if group.migrated_to is not None:
        raise RpcFailure("PEER_ID_INVALID")
    if call.account.id not in group.members:
        raise RpcFailure("USER_NOT_PARTICIPANT")
    return group


def chat_of(call: Call, peer: Any) -> Group | Channel:
    """Return the group or channel that an InputPeer means and that the account is a member of."""
    if isinstance(peer, types.InputPeerChat):
        return my_group(call, peer.chat_id)
    if isinstance(peer, types.InputPeerChannel):
        return my_channel(call, peer)
    raise RpcFailure("PEER_ID_INVALID")


def party_of(call: Call, peer: Any, *, error: str = "PEER_ID_INVALID") -> Party:
    """Return the account, the group or the readable channel that an InputPeer means. error: for an account's."""
    if isinstance(peer, types.InputPeerChannel):
        return readable(call, channel_of(call, peer))
    if isinstance(peer, types.InputPeerChat):
        return group_of(call, peer.chat_id)
    return user_of(call, peer, error=error)


def chat_name(world: World, request: Any) -> str | None:
    """Return the name of the chat that a request is about, for faults scripted for one chat."""
    party = party_meant(world, request)
    return party.name if isinstance(party, Account) else None if party is None else party.title


def party_meant(world: World, request: Any) -> Party | None:
    """Return the chat that a request is about, if it is about one. Nothing is checked."""
    peer = getattr(request, "peer", None) or getattr(request, "channel", None) or getattr(request, "to_peer", None)
    user, channel = getattr(peer, "user_id", None), getattr(peer, "channel_id", None)
    group = getattr(peer, "chat_id", None) or getattr(request, "chat_id", None)
    return world.accounts.get(user or 0) or world.groups.get(group or 0) or world.channels.get(channel or 0)
