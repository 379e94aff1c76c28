"""A basic group that becomes a supergroup (https://core.telegram.org/api/channel#migration). It is pure.

The group stays where it is, with what was said in it, and takes no more. methods/chats.py decides who may do it.
"""

from __future__ import annotations

from actors.testing.server.tl import types
from actors.testing.server.world.membership import join
from actors.testing.server.world.parties import Channel, Group
from actors.testing.server.world.party_views import look
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = ["migrate"]


def migrate(world: World, group: Group, *, now: int) -> Channel:
    """Make a supergroup of a group, with its members and administrators, and say so in both."""
    creator = world.accounts[group.creator]
    channel = world.add_channel(group.title, creator=creator, broadcast=False, username=None, now=now)
    channel.admins, channel.forbidden, channel.about = dict(group.admins), group.forbidden, group.about
    creator.moved[channel.id] = now
    opened = types.UpdateChannel(channel.id)
    world.push((creator.id,), lambda viewer: wrap([opened], [], [look(world, viewer, channel)], now))
    for member in group.members:
        join(world, world.accounts[member], channel, now=now)
    group.migrated_to, group.closed = channel.id, True
    group.version += 1
    post(world, creator, group, Draft("", action=types.MessageActionChatMigrateTo(channel.id)), now=now)
    came = types.MessageActionChannelMigrateFrom(group.title, group.id)
    post(world, creator, channel, Draft("", action=came), now=now)
    return channel
