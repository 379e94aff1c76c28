"""Joining and leaving, bans and roles in groups and channels. It is pure: it changes the world and tells all concerned.

Who may do it is decided in the methods that call it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.participants import participant
from actors.testing.server.world.parties import Account, Admin, Ban, Channel, Chat, Group
from actors.testing.server.world.party_views import look, sort_faces
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = [
    "close",
    "come",
    "go",
    "join",
    "leave",
    "open_group",
    "participants",
    "set_admin",
    "set_ban",
    "set_forbidden",
    "set_forum",
    "set_title",
]


def open_group(world: World, title: str, creator: Account, people: Iterable[Account], *, now: int) -> Group:
    """Make a basic group of its creator and others. It is in the dialogs of all of them: its first message says so."""
    group = world.add_group(title, creator=creator, now=now)
    for person in people:
        join(world, person, group, now=now)
    created = types.MessageActionChatCreate(title, list(group.members))
    post(world, creator, group, Draft("", action=created), now=now)
    return group


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
    _tell_bots(world, account, chat, now, by=inviter or account.id, was=None)
    return True


def leave(world: World, account: Account, chat: Group | Channel, *, now: int, by: int | None = None) -> bool:
    """End an account's membership, and its role; False when it is no member. by: the account that removed it."""
    joined = chat.members.pop(account.id, None)
    if joined is None:
        return False
    was = types.ChannelParticipant(account.id, joined)
    chat.admins.pop(account.id, None)
    if isinstance(chat, Channel):
        account.channels.pop(chat.id, None)
    else:
        account.groups.pop(chat.id, None)
    _changed(world, account, chat, now)
    _tell_bots(world, account, chat, now, by=by or account.id, was=was)
    return True


def set_ban(world: World, account: Account, channel: Channel, ban: Ban | None, *, now: int) -> bool:
    """Restrict an account in a channel, or lift that; True when it was a member and is removed."""
    channel.bans.pop(account.id, None)
    if ban is not None and ban.forbidden:
        channel.bans[account.id] = ban
        channel.admins.pop(account.id, None)
        if ban.kicked and leave(world, account, channel, now=now, by=ban.by):
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
    """Deny rights to all members who are no administrators."""
    chat.forbidden = names
    _changed_for_all(world, chat, now)


def set_title(world: World, chat: Group | Channel, title: str, *, now: int) -> None:
    """Give a chat another name."""
    chat.title = title
    _changed_for_all(world, chat, now)


def set_forum(world: World, channel: Channel, *, is_forum: bool, now: int) -> None:
    """Make a supergroup a forum, or an ordinary one again."""
    if is_forum is (channel.topics is None):
        channel.topics = {} if is_forum else None
        _changed_for_all(world, channel, now)


def close(world: World, channel: Channel, *, now: int) -> None:
    """Delete a channel. Nobody is a member any more."""
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
    """Tell the account that its standing changed and, in a group, tell all members who is in it."""
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


def _tell_bots(world: World, account: Account, chat: Group | Channel, now: int, *, by: int, was: Any) -> None:
    """Tell the bots among a channel's administrators who joined or left. No qts counts it, though Telegram has one."""
    if not isinstance(chat, Channel):
        return
    bots = [admin for admin in chat.admins if world.accounts[admin].bot and admin in chat.members]
    there = account.id in chat.members or account.id in chat.bans

    def build(viewer: Account) -> Any:
        new = participant(viewer, chat, account.id) if there else None
        update = types.UpdateChannelParticipant(
            chat.id, now, by, account.id, 0, prev_participant=was, new_participant=new
        )
        users, chats = sort_faces(world, viewer, [account, world.accounts[by], chat])
        return wrap([update], users, chats, now)

    if bots:
        world.push(bots, build)


def _tell_group(world: World, group: Group, receivers: Any, now: int) -> None:
    def build(viewer: Account) -> Any:
        there = viewer.id in group.members
        members = [world.accounts[member] for member in group.members] if there else []
        users, chats = sort_faces(world, viewer, [*members, group])
        forbidden = types.ChatParticipantsForbidden(group.id)
        return wrap([types.UpdateChatParticipants(participants(group) if there else forbidden)], users, chats, now)

    world.push(receivers, build)


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
