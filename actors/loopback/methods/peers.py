"""From the peers that a client sends to the parties they mean, access hash checked.

Not permissions to write (sending.py). Used by all methods; refuses with the RpcFailure that Telegram would.
"""

from __future__ import annotations

from typing import Any

from actors.loopback.methods.registry import Call
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import types
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.world import World

__all__ = ["channel_of", "chat_name", "party_of", "readable", "user_of"]


def _known(call: Call, party: Party | None, access_hash: int) -> bool:
    return party is not None and call.world.access_hash(call.account.id, party.id) == access_hash


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
    """Return the channel if the account may read it: it is a member, or anybody may."""
    if call.account.id not in channel.members and channel.username is None:
        raise RpcFailure("CHANNEL_PRIVATE")
    return channel


def party_of(call: Call, peer: Any) -> Party:
    """Return the account or the readable channel that an InputPeer means."""
    if isinstance(peer, types.InputPeerChannel):
        return readable(call, channel_of(call, peer))
    return user_of(call, peer, error="PEER_ID_INVALID")


def chat_name(world: World, request: Any) -> str | None:
    """Return the name of the chat that a request is about, for faults scripted for one chat."""
    peer = getattr(request, "peer", None) or getattr(request, "channel", None)
    user, channel = getattr(peer, "user_id", None), getattr(peer, "channel_id", None)
    if user in world.accounts:
        return world.accounts[user].name
    return world.channels[channel].title if channel in world.channels else None
