"""Usernames that change hands. It is pure: it changes the world and tells whom Telegram would tell.

Whether a name may be had is decided in methods/usernames.py; the control channel gives away any that is free.
"""

from __future__ import annotations

from actors.testing.server.tl import types
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import look
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = ["set_username"]


def set_username(world: World, party: Account | Channel, username: str | None, *, now: int, told: bool = True) -> None:
    """Give an account or a channel another username, None for none. Raises ValueError when somebody else has it.

    Of an account's, those hear who have a chat with it, and its own sessions; of a channel's, its members. told=False:
    nobody hears, as strangers don't.
    """
    world.rename(party, username)
    if not told:
        return
    if isinstance(party, Channel):
        changed = types.UpdateChannel(party.id)
        world.push(party.members, lambda viewer: wrap([changed], [], [look(world, viewer, party)], now))
        return
    names = [] if username is None else [types.Username(username, editable=True, active=True)]
    renamed = types.UpdateUserName(party.id, party.name, "", names)
    hearers = {party.id, *(other.id for other in world.accounts.values() if party.id in other.chats)}
    world.push(hearers, lambda _: wrap([renamed], [], [], now))
