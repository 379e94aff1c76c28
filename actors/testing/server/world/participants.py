"""Who is in a channel: the filters that clients ask by, and each member as a TL ChannelParticipant.

It changes nothing. methods/channels.py answers with it.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import CREATOR_RIGHTS, admin_rights, banned_rights
from actors.testing.server.world.world import World

__all__ = ["chosen", "participant"]


def participant(viewer: Account, channel: Channel, account_id: int) -> Any:
    """Return an account's standing in a channel as TL."""
    ban, joined = channel.bans.get(account_id), channel.members.get(account_id)
    if ban is not None:
        rights = banned_rights(ban.forbidden, ban.until)
        return types.ChannelParticipantBanned(
            types.PeerUser(account_id), ban.by, ban.date, rights, left=joined is None or None
        )
    if account_id == channel.creator:
        return types.ChannelParticipantCreator(account_id, admin_rights(CREATOR_RIGHTS))
    if account_id in channel.admins:
        return _admin(viewer, channel, account_id)
    if account_id == viewer.id:
        return types.ChannelParticipantSelf(account_id, channel.inviters.get(account_id, channel.creator), joined)
    return types.ChannelParticipant(account_id, joined)


def _admin(viewer: Account, channel: Channel, account_id: int) -> Any:
    admin = channel.admins[account_id]
    me = account_id == viewer.id
    return types.ChannelParticipantAdmin(
        account_id,
        admin.by,
        admin.date,
        admin_rights(admin.rights),
        can_edit=viewer.id in (channel.creator, admin.by) or None,
        is_self=me or None,
        inviter_id=channel.inviters.get(account_id, channel.creator) if me else None,
        rank=admin.rank or None,
    )


def chosen(world: World, channel: Channel, kind: Any, now: int) -> list[int]:
    """Return the ids of those whom a filter lets through, in the order they joined."""
    members = list(channel.members)
    match kind:
        case types.ChannelParticipantsAdmins():
            return [member for member in members if member == channel.creator or member in channel.admins]
        case types.ChannelParticipantsBots():
            return [member for member in members if world.accounts[member].bot]
        case types.ChannelParticipantsKicked() | types.ChannelParticipantsBanned():
            kicked = isinstance(kind, types.ChannelParticipantsKicked)
            return _named(world, _banned(channel, now, kicked=kicked), kind.q)
        case types.ChannelParticipantsRecent():
            return members
        case types.ChannelParticipantsSearch() | types.ChannelParticipantsMentions():
            return _named(world, members, kind.q)
    return []  # contacts: nobody has any


def _banned(channel: Channel, now: int, *, kicked: bool) -> list[int]:
    in_force = {who: ban for who, ban in channel.bans.items() if not ban.until or now < ban.until}
    return [who for who, ban in in_force.items() if ban.kicked is kicked]


def _named(world: World, people: list[int], query: str | None) -> list[int]:
    wanted = (query or "").casefold()
    if not wanted:
        return people
    return [who for who in people if _is_named(world.accounts[who], wanted)]


def _is_named(account: Account, wanted: str) -> bool:
    return wanted in account.name.casefold() or wanted in (account.username or "").casefold()
