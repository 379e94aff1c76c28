"""updates.*: where a client stands and what it missed. The differences are world/difference.py's."""

from __future__ import annotations

from typing import Any

from actors.loopback.methods.peers import channel_of, readable
from actors.loopback.methods.registry import Call, method
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.tl import functions
from actors.loopback.world.difference import account_difference, channel_difference, state

__all__: list[str] = []


@method(functions.updates.GetStateRequest)
def get_state(call: Call, _request: Any) -> Any:
    """Answer with the account's update state."""
    return state(call.account, call.now)


@method(functions.updates.GetDifferenceRequest)
def get_difference(call: Call, request: Any) -> Any:
    """Answer with what the account missed."""
    if request.pts <= 0:
        raise RpcFailure("PERSISTENT_TIMESTAMP_EMPTY")
    date = int(request.date.timestamp()) if request.date is not None else 0
    return account_difference(call.world, call.account, request.pts, date, call.now)


@method(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(call: Call, request: Any) -> Any:
    """Answer with what was missed in a channel."""
    me, channel = call.account, readable(call, channel_of(call, request.channel))
    if request.pts <= 0:
        raise RpcFailure("PERSISTENT_TIMESTAMP_EMPTY")
    return channel_difference(call.world, me, channel, request.pts, request.limit)
