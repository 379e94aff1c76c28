"""updates.*: where a client stands, and what it missed. The differences are made in world/difference.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import channel_of, readable
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.difference import account_difference, channel_difference, state

__all__: list[str] = []

PATIENCE = 5  # seconds that a poll may be late


@method(functions.updates.GetStateRequest)
def get_state(call: Call, _request: Any) -> Any:
    """Answer with the account's update state."""
    return state(call.account, call.now)


@method(functions.updates.GetDifferenceRequest)
def get_difference(call: Call, request: Any) -> Any:
    """Answer with what the account missed; in channels, since this login was last known to hear of them."""
    if request.pts <= 0:
        raise RpcFailure("PERSISTENT_TIMESTAMP_EMPTY")
    date = int(request.date.timestamp()) if request.date is not None else 0
    since = date if call.key.lost is None else min(date, call.key.lost)
    difference = account_difference(call.world, call.account, request.pts, since, call.now)
    if not isinstance(difference, types.updates.DifferenceTooLong):
        call.key.lost = None
    return difference


@method(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(call: Call, request: Any) -> Any:
    """Answer with what was missed in a channel. Who isn't in it is told of it for as long as it goes on asking."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    if request.pts <= 0:
        raise RpcFailure("PERSISTENT_TIMESTAMP_EMPTY")
    if me.id not in channel.members:
        channel.viewers[me.id] = call.now + call.world.poll_timeout + PATIENCE
    return channel_difference(call.world, me, channel, request.pts, request.limit)
