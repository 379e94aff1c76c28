"""Coming and going, bans and roles in groups and channels. Pure: changes the world and tells whom it concerns."""

from __future__ import annotations

from typing import Any

from actors.loopback.tl import types
from actors.loopback.world.faces import look, sort_faces
from actors.loopback.world.parties import Account, Admin, Ban, Channel, Chat, Group
from actors.loopback.world.updates import wrap
from actors.loopback.world.world import World

__all__ = ["close", "join", "leave", "participants", "set_admin", "set_ban", "set_forbidden", "set_title"]


def join(world: World, account: Account, chat: Group | Channel, *, now: int, inviter: int | None = None) -> bool:
    """Make an account a member; False when it is one already."""
    if account.id in chat.members:
        return False
    chat.members[account.id] = now
    chat.inviters[account.id] = inviter or chat.creator
    chat.requests.pop(account.id, None)
    if isinstance(chat, Channel):
        account.channels[chat.id] = chat.last_id
    else:
        account.groups[chat.id] = None
    _changed(world, account, chat, now)
    return True


def leave(world: World, account: Account, chat: Group | Channel, *, now: int) -> bool:
    """End an account's membership, and its role; False when it is no member."""
    if chat.members.pop(account.id, None) is None:
        return False
    chat.admins.pop(account.id, None)
    if isinstance(chat, Channel):
        account.channels.pop(chat.id, None)
    else:
        account.groups.pop(chat.id, None)
    _changed(world, account, chat, now)
    return True


def set_ban(world: World, account: Account, channel: Channel, ban: Ban | None, *, now: int) -> bool:
    """Restrict an account in a channel, or lift that; True when it was a member and is thrown out."""
    channel.bans.pop(account.id, None)
    if ban is not None and ban.forbidden:
        channel.bans[account.id] = ban
        channel.admins.pop(account.id, None)
        if ban.kicked and leave(world, account, channel, now=now):
            return True
    _changed(world, account, channel, now)
    return False


def set_admin(world: World, account: Account, chat: Group | Channel, admin: Admin | None, *, now: int) -> None:
    """Make an account an administrator, or an ordinary member again."""
    chat.admins.pop(account.id, None)
    if admin is not None and admin.rights:
        chat.admins[account.id] = admin
        if isinstance(chat, Channel):
            chat.bans.pop(account.id, None)
    _changed(world, account, chat, now)


def set_forbidden(world: World, chat: Group | Channel, names: frozenset[str], *, now: int) -> None:
    """Deny things to all members who are no administrators."""
    chat.forbidden = names
    _changed_for_all(world, chat, now)


def set_title(world: World, chat: Group | Channel, title: str, *, now: int) -> None:
    """Give a chat another name."""
    chat.title = title
    _changed_for_all(world, chat, now)


def close(world: World, channel: Channel, *, now: int) -> None:
    """Delete a channel: nobody is a member any more."""
    channel.closed = True
    if channel.username is not None:
        world.usernames.pop(channel.username.lower(), None)
    for member in list(channel.members):
        leave(world, world.accounts[member], channel, now=now)


def participants(group: Group) -> Any:
    """Return a group's members as TL."""
    return types.ChatParticipants(group.id, [_participant(group, member) for member in group.members], group.version)


def _participant(group: Group, member: int) -> Any:
    if member == group.creator:
        return types.ChatParticipantCreator(member)
    kind = types.ChatParticipantAdmin if member in group.admins else types.ChatParticipant
    return kind(member, group.inviters.get(member, group.creator), group.members[member])


def _changed(world: World, account: Account, chat: Group | Channel, now: int) -> None:
    """Tell the account that its standing changed and, in a group, all members who is in it."""
    if isinstance(chat, Group):
        _changed_for_all(world, chat, now, also=account)
        return
    chat.version += 1
    account.moved[chat.id] = now
    _tell_channel(world, chat, (account.id,), now)


def _changed_for_all(world: World, chat: Chat, now: int, *, also: Account | None = None) -> None:
    chat.version += 1
    receivers = {*chat.members} | ({also.id} if also is not None else set())
    if isinstance(chat, Channel):
        _tell_channel(world, chat, receivers, now)
    elif isinstance(chat, Group):
        _tell_group(world, chat, receivers, now)


def _tell_channel(world: World, channel: Channel, receivers: Any, now: int) -> None:
    update = types.UpdateChannel(channel.id)
    world.push(receivers, lambda viewer: wrap([update], [], [look(world, viewer, channel)], now))


def _tell_group(world: World, group: Group, receivers: Any, now: int) -> None:
    def build(viewer: Account) -> Any:
        there = viewer.id in group.members
        members = [world.accounts[member] for member in group.members] if there else []
        users, chats = sort_faces(world, viewer, [*members, group])
        forbidden = types.ChatParticipantsForbidden(group.id)
        return wrap([types.UpdateChatParticipants(participants(group) if there else forbidden)], users, chats, now)

    world.push(receivers, build)
