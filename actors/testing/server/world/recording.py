"""Records an event in a box's log and puts it into the outbox. All modules that change messages use it.

It decides nothing about the event.
"""

from __future__ import annotations

from actors.testing.server.world.log import Event, Stamped
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.updates import account_updates, channel_updates
from actors.testing.server.world.world import World

__all__ = ["tell_account", "tell_channel"]


def tell_channel(
    world: World, channel: Channel, event: Event, *, now: int, count: int = 1, push: bool = True, echo: bool = False
) -> Stamped:
    """Record an event of a channel and tell all who listen; push=False: the update is lost on the way."""
    stamped = channel.log.add(event, now=now, count=count)
    if push:
        world.push(
            channel.listeners(now), lambda viewer: channel_updates(world, viewer, channel, stamped, now), echo=echo
        )
    return stamped


def tell_account(
    world: World, account: Account, event: Event, *, now: int, count: int = 1, push: bool = True
) -> Stamped:
    """Record an event of an account's box and tell its sessions; push=False: the update is lost on the way."""
    stamped = account.log.add(event, now=now, count=count)
    if push:
        world.push((account.id,), lambda viewer: account_updates(world, viewer, stamped, now))
    return stamped
