"""Joining and leaving channels. Pure: changes the world and tells the member's own sessions."""

from __future__ import annotations

from actors.loopback.tl import types
from actors.loopback.world.parties import Account, Channel
from actors.loopback.world.views import look, wrap
from actors.loopback.world.world import World

__all__ = ["join", "leave"]


def join(world: World, account: Account, channel: Channel, *, now: int) -> bool:
    """Make an account a member; False when it is one already."""
    if account.id in channel.members:
        return False
    channel.members[account.id] = now
    account.channels[channel.id] = channel.last_id
    _tell(world, account, channel, now)
    return True


def leave(world: World, account: Account, channel: Channel, *, now: int) -> bool:
    """End an account's membership; False when it is no member."""
    if channel.members.pop(account.id, None) is None:
        return False
    account.channels.pop(channel.id, None)
    _tell(world, account, channel, now)
    return True


def _tell(world: World, account: Account, channel: Channel, now: int) -> None:
    channel.version += 1
    update = types.UpdateChannel(channel.id)
    world.push((account.id,), lambda viewer: wrap([update], [], [look(world, viewer, channel)], now))
