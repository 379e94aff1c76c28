"""The end of an account. It is pure: others see a deleted user afterwards.

The logins of the account are not here: the key ring has them (keys.py). The control channel calls it.
"""

from __future__ import annotations

from actors.testing.server.tl import types
from actors.testing.server.world.parties import Account
from actors.testing.server.world.party_views import look
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = ["deactivate"]


def deactivate(world: World, account: Account, *, now: int) -> None:
    """Mark an account as deleted, free its username, and tell those who have a chat with it."""
    account.deleted = True
    account.version += 1
    if account.username is not None:
        world.usernames.pop(account.username.lower(), None)
    update = types.UpdateUser(account.id)
    others = [chat for chat in account.chats if chat in world.accounts]
    world.push(others, lambda viewer: wrap([update], [look(world, viewer, account)], [], now))
