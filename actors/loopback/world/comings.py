"""Coming to a chat and leaving it by oneself, with the note that groups show of it; a broadcast channel shows none.

Pure: it joins membership.py, which keeps who is in, with posting.py. Inviting and throwing out are the methods'.
"""

from __future__ import annotations

from typing import Any

from actors.loopback.tl import types
from actors.loopback.world.membership import join, leave
from actors.loopback.world.parties import Account, Channel, Group
from actors.loopback.world.posting import Draft, post
from actors.loopback.world.world import World

__all__ = ["come", "go"]


def come(world: World, account: Account, chat: Group | Channel, *, now: int) -> bool:
    """Make an account a member by its own doing; False when it is one already."""
    if not join(world, account, chat, now=now):
        return False
    _note(world, account, chat, types.MessageActionChatAddUser([account.id]), now)
    return True


def go(world: World, account: Account, chat: Group | Channel, *, now: int) -> bool:
    """End an account's membership by its own doing; False when it is no member."""
    if account.id not in chat.members:
        return False
    _note(world, account, chat, types.MessageActionChatDeleteUser(account.id), now)
    return leave(world, account, chat, now=now)


def _note(world: World, account: Account, chat: Group | Channel, action: Any, now: int) -> None:
    if not (isinstance(chat, Channel) and chat.broadcast):
        post(world, account, chat, Draft("", action=action), now=now)
