"""Commands for people and chats: groups, bots, passwords, roles, invite links, scheduled messages, deleted accounts.

Commands for accounts, channels and posts are in commands.py. channel.py imports this module, which registers them.
"""

from __future__ import annotations

import secrets
from typing import Any

from actors.testing.server.clock import clock
from actors.testing.server.control.registry import (
    CommandError,
    account_named,
    channel_named,
    chat_named,
    command,
    members_named,
    new_title,
    party_named,
)
from actors.testing.server.methods import Slow
from actors.testing.server.server import Server
from actors.testing.server.tl import types
from actors.testing.server.world import deactivation, migration, usernames
from actors.testing.server.world.forums import open_topic
from actors.testing.server.world.invites import Invite, invite, new_hash
from actors.testing.server.world.membership import open_group, set_admin
from actors.testing.server.world.parties import Admin, Group
from actors.testing.server.world.passwords import make_password
from actors.testing.server.world.scheduled import hurry

__all__: list[str] = []


@command
def add_group(server: Server, *, name: str, members: list[str]) -> dict[str, Any]:
    """Create a basic group. Members are created if need be, and the first one is its creator."""
    creator, *people = members_named(server, members)
    return {"id": open_group(server.world, new_title(server, name), creator, people, now=clock.now()).id}


@command
def add_topic(server: Server, *, channel: str, title: str, author: str | None) -> int:
    """Open a topic in a supergroup, which is a forum from then on, and return its id."""
    found = channel_named(server, channel)
    if found.broadcast:
        raise CommandError(f"{channel!r} is no supergroup: it has no topics")
    creator = server.world.accounts[found.creator] if author is None else account_named(server, author)
    return open_topic(server.world, creator, found, title, now=clock.now()).message.id


@command
def min_reactions(server: Server, *, account: str, on: bool) -> None:
    """Tell an account of reactions without its own, until it asks for them."""
    account_named(server, account).min_reactions = on


@command
def cached_photos(server: Server, *, on: bool) -> None:
    """Send photos along with their messages, in one cached size alone: those that are stored from now on."""
    server.world.files.caches_photos = on


@command
def migrate(server: Server, *, group: str) -> int:
    """Make a supergroup of a basic group; return its id."""
    found = chat_named(server, group)
    if not isinstance(found, Group) or found.migrated_to is not None:
        raise CommandError(f"{group!r} is no basic group (any more)")
    return migration.migrate(server.world, found, now=clock.now()).id


@command
def set_username(server: Server, *, name: str, username: str | None, told: bool = True) -> None:
    """Give an account or a channel another username, None for none; told: whether anybody hears of it."""
    party = party_named(server, name)
    if isinstance(party, Group):
        raise CommandError(f"{name!r} is a basic group: it has no username")
    usernames.set_username(server.world, party, username, now=clock.now(), told=told)


@command
def add_bot(server: Server, *, name: str) -> str:
    """Create a bot and return its token."""
    token = f"{secrets.randbelow(10**9)}:{secrets.token_urlsafe(26)}"
    server.world.add_account(name, token=token)
    return token


@command
def set_password(server: Server, *, account: str, password: str | None, hint: str) -> Slow | None:
    """Give an account a two-step password; None takes it away."""
    found = account_named(server, account)
    if password is None:
        found.password = None
        return None

    def keep(made: Any) -> None:
        found.password = made

    return Slow(lambda: make_password(password, hint), keep)


@command
def promote(server: Server, *, chat: str, account: str, rights: list[str]) -> None:
    """Make an account an administrator of a chat."""
    found = chat_named(server, chat)
    unknown = set(rights) - vars(types.ChatAdminRights()).keys()
    if unknown:
        raise CommandError(f"no rights of an administrator: {', '.join(sorted(unknown))}")
    admin = Admin(frozenset(rights), found.creator, clock.now())
    person = account_named(server, account)
    if person.id not in found.members:
        raise CommandError(f"{account!r} is not in {chat!r}")
    set_admin(server.world, person, found, admin, now=clock.now())


@command
def invite_link(server: Server, *, chat: str, limit: int, by_request: bool, lifetime: int | None) -> str:
    """Return a new invite link."""
    found, now = chat_named(server, chat), clock.now()
    creator = server.world.accounts[found.creator]
    expires = 0 if lifetime is None else now + lifetime
    made = Invite(new_hash(), creator.id, now, expires=expires, limit=limit, by_request=by_request)
    return invite(server.world, creator, found, made, now=now).link


@command
def send_scheduled(server: Server) -> int:
    """Send everything that is scheduled, whenever it would be due; return how many messages that were."""
    return hurry(server.world, now=clock.now())


@command
def deactivate(server: Server, *, account: str, error: str) -> None:
    """Delete an account: its logins end, and others see that it is gone."""
    found = account_named(server, account)
    server.keys.revoke(found, error)
    deactivation.deactivate(server.world, found, now=clock.now())
