"""Invite links of groups and channels: making, checking and counting them. It is pure; joining is in membership.py."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from actors.testing.server.world.parties import Account, Channel, Group
from actors.testing.server.world.world import World

__all__ = ["LINK", "Invite", "hash_of", "invite", "invite_by_hash", "new_hash"]

LINK = "https://t.me/+"
HASH_BYTES = 12


@dataclass(slots=True, eq=False)
class Invite:
    """An invite link.

    expires: Unix time, 0 for never. limit: how many members it may bring, 0 for any number. by_request: whether an
    administrator must agree.
    """

    hash: str
    creator: int
    date: int
    expires: int = 0
    limit: int = 0
    by_request: bool = False
    permanent: bool = False
    title: str | None = None
    revoked: bool = False
    usage: int = 0

    @property
    def link(self) -> str:
        """The link as people pass it on."""
        return LINK + self.hash

    def works(self, now: int) -> bool:
        """Tell whether somebody can still join with it."""
        spent = self.limit and self.usage >= self.limit
        return not self.revoked and not spent and (not self.expires or now < self.expires)


def hash_of(link: str) -> str:
    """Return the hash in a link."""
    return link.rpartition("/")[2].removeprefix("+")


def invite(world: World, creator: Account, chat: Group | Channel, made: Invite | None = None, *, now: int) -> Invite:
    """File a link, or return the creator's permanent one, which is made if need be."""
    if made is None:
        mine = (link for link in chat.invites.values() if link.permanent and link.creator == creator.id)
        found: Invite | None = next((link for link in mine if not link.revoked), None)
        made = found or Invite(new_hash(), creator.id, now, permanent=True)
    chat.invites[made.hash] = made
    world.invites[made.hash] = chat
    return made


def new_hash() -> str:
    """Return a hash for a new link."""
    return secrets.token_urlsafe(HASH_BYTES)


def invite_by_hash(world: World, invite_hash: str) -> tuple[Invite, Group | Channel] | None:
    """Return the link with this hash, and the chat that it leads to; None when there is none."""
    chat = world.invites.get(invite_hash)
    return None if chat is None else (chat.invites[invite_hash], chat)
