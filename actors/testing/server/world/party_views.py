"""Accounts, groups and channels as TL, seen by one account; also their rights and peers. It changes nothing.

Access hashes and standings depend on who looks. A view is encoded once for each viewer, and reused until the party's
version grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from actors.testing.server.tl import Encoded, encode, types
from actors.testing.server.world.messages import Kind, Message
from actors.testing.server.world.parties import Account, Ban, Channel, Chat, Group, Party, kind_of
from actors.testing.server.world.world import Veil, World

__all__ = ["CREATOR_RIGHTS", "admin_rights", "banned_rights", "faces", "look", "peer", "peer_of", "sort_faces"]

FOREVER = 0
CREATOR_RIGHTS = frozenset(
    {"change_info", "post_messages", "edit_messages", "delete_messages", "ban_users"}
    | {"invite_users", "pin_messages", "add_admins", "manage_call", "other"}
)


def look(world: World, viewer: Account, party: Party, *, asked: bool = False) -> Any:
    """Return a party as a TL User, Chat or Channel, as `viewer` sees it. asked: it was asked for, and shows all."""
    key = (viewer.id, kind_of(party), party.id)
    if not asked and key in world.veils:
        return _veiled(world, viewer, party, world.veils[key])
    cached = world.views.get(key)
    if cached is not None and cached[0] == party.version:
        return cached[1]
    encoded = Encoded(encode(_view(world, viewer, party)))
    world.views[key] = (party.version, encoded)
    return encoded


def _veiled(world: World, viewer: Account, party: Party, veil: Veil) -> Any:
    """Return a party as it often comes along: `min`, with a hash that is none, or without a hash at all."""
    view = _view(world, viewer, party)
    if isinstance(view, types.User | types.Channel):
        view.min = veil is Veil.MIN or None
        view.access_hash = world.access_hash(viewer.id, party, salt=-1) if veil is Veil.MIN else None
    return view


def _view(world: World, viewer: Account, party: Party) -> Any:
    if isinstance(party, Channel):
        return _channel(world, viewer, party)
    return _group(world, viewer, party) if isinstance(party, Group) else _user(world, viewer, party)


def _user(world: World, viewer: Account, account: Account) -> Any:
    me = viewer is account
    access_hash = world.access_hash(viewer.id, account)
    if account.deleted:
        return types.User(id=account.id, is_self=me or None, access_hash=access_hash, deleted=True)
    return types.User(
        id=account.id,
        is_self=me or None,
        access_hash=access_hash,
        first_name=account.name,
        username=account.username,
        phone=account.phone if me else None,
        bot=account.bot or None,
        bot_info_version=1 if account.bot else None,
    )


def _rights_in(chat: Chat, account_id: int) -> Any:
    if account_id == chat.creator:
        return admin_rights(CREATOR_RIGHTS)
    admin = chat.admins.get(account_id)
    return admin_rights(admin.rights) if admin is not None else None


def admin_rights(names: frozenset[str]) -> Any:
    """Return rights by name as TL."""
    return types.ChatAdminRights(**dict.fromkeys(names, True))


def banned_rights(names: frozenset[str], until: int = FOREVER) -> Any:
    """Return restrictions by name as TL."""
    return types.ChatBannedRights(until_date=until, **dict.fromkeys(names, True))


def _group(world: World, viewer: Account, group: Group) -> Any:
    there, successor = viewer.id in group.members, world.channels.get(group.migrated_to or 0)
    if not there and not group.closed:
        return types.ChatForbidden(group.id, group.title)
    return types.Chat(
        id=group.id,
        title=group.title,
        photo=types.ChatPhotoEmpty(),
        participants_count=len(group.members),
        date=group.members.get(viewer.id, group.date),
        version=group.version,
        creator=group.creator == viewer.id or None,
        deactivated=group.closed or None,
        migrated_to=None
        if successor is None
        else types.InputChannel(successor.id, world.access_hash(viewer.id, successor)),
        admin_rights=_rights_in(group, viewer.id),
        default_banned_rights=banned_rights(group.forbidden),
    )


def _kicked(world: World, viewer: Account, channel: Channel, until: int) -> Any:
    return types.ChannelForbidden(
        id=channel.id,
        access_hash=world.access_hash(viewer.id, channel),
        title=channel.title,
        broadcast=channel.broadcast or None,
        megagroup=not channel.broadcast or None,
        until_date=until or None,
    )


def _channel(world: World, viewer: Account, channel: Channel) -> Any:
    ban: Ban | None = channel.bans.get(viewer.id)
    if channel.closed or (ban is not None and ban.kicked):
        return _kicked(world, viewer, channel, ban.until if ban is not None else FOREVER)
    return types.Channel(
        id=channel.id,
        title=channel.title,
        photo=types.ChatPhotoEmpty(),
        date=channel.members.get(viewer.id, channel.date),
        creator=channel.creator == viewer.id or None,
        left=viewer.id not in channel.members or None,
        broadcast=channel.broadcast or None,
        megagroup=not channel.broadcast or None,
        forum=channel.topics is not None or None,
        access_hash=world.access_hash(viewer.id, channel),
        username=channel.username,
        participants_count=len(channel.members),
        admin_rights=_rights_in(channel, viewer.id),
        banned_rights=banned_rights(ban.forbidden, ban.until) if ban is not None else None,
        default_banned_rights=banned_rights(channel.forbidden),
    )


def peer(kind: Kind, party_id: int) -> Any:
    """Return a TL Peer."""
    if kind is Kind.CHANNEL:
        return types.PeerChannel(party_id)
    return types.PeerChat(party_id) if kind is Kind.GROUP else types.PeerUser(party_id)


def peer_of(party: Party) -> Any:
    """Return the TL Peer of a party."""
    return peer(kind_of(party), party.id)


def sort_faces(world: World, viewer: Account, parties: Iterable[Party]) -> tuple[list[Any], list[Any]]:
    """Return parties as TL (users, chats), each once."""
    users: dict[int, Any] = {}
    chats: dict[int, Any] = {}
    for party in parties:
        (users if isinstance(party, Account) else chats)[party.id] = party
    return (
        [look(world, viewer, user) for user in users.values()],
        [look(world, viewer, chat) for chat in chats.values()],
    )


def faces(world: World, viewer: Account, messages: Iterable[Message]) -> tuple[list[Any], list[Any]]:
    """Return the (users, chats) that these messages mention."""
    return sort_faces(world, viewer, (party for message in messages for party in _mentioned(world, message)))


def _mentioned(world: World, message: Message) -> list[Party]:
    parties: list[Party] = [world.party(message.kind, message.chat)]
    if not message.is_unsigned:
        parties.append(world.accounts[message.sender])
    origin = message.origin
    if origin is not None and origin.account is not None:
        parties.append(world.accounts[origin.account])
    if origin is not None and origin.channel is not None:
        parties.append(world.channels[origin.channel])
    source = message.source
    if source is not None:
        unsigned = source.is_unsigned
        parties.append(world.party(source.kind, source.chat) if unsigned else world.accounts[source.sender])
    if origin is not None and origin.saved_from is not None:
        parties.append(world.party(*origin.saved_from[:2]))
    if message.action is not None:
        ids = [*getattr(message.action, "users", ()), getattr(message.action, "user_id", None)]
        parties += [world.accounts[user] for user in ids if user in world.accounts]
        moved: tuple[Party | None, ...] = (
            world.channels.get(getattr(message.action, "channel_id", 0)),
            world.groups.get(getattr(message.action, "chat_id", 0)),
        )
        parties += [party for party in moved if party is not None]
    return parties
