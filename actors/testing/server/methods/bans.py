"""Roles, restrictions and names: what administrators decide about members and chats. The server calls it for RPCs.

Who may do what is decided with world/roles.py; joining and leaving are in members.py and chats.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.chats import checked_title
from actors.testing.server.methods.peers import chat_of, my_channel, my_group, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.membership import join, set_admin, set_ban, set_forbidden, set_title
from actors.testing.server.world.parties import Account, Admin, Ban, Channel, Group
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import ban_of, is_admin, may, outranks

__all__: list[str] = []

GROUP_ADMIN = frozenset({"change_info", "delete_messages", "ban_users", "invite_users", "pin_messages", "manage_call"})


def _names(rights: Any) -> frozenset[str]:
    """Return the names of the rights that a TL ChatAdminRights or ChatBannedRights sets."""
    return frozenset(name for name, value in vars(rights).items() if value is True)


def _need(call: Call, chat: Group | Channel, right: str) -> None:
    if not (is_admin(chat, call.account) and may(chat, call.account, right)):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")


@method(functions.channels.EditBannedRequest)
def edit_banned(call: Call, request: Any) -> Any:
    """Restrict somebody, remove somebody from a channel, or lift that."""
    me, channel = call.account, my_channel(call, request.channel)
    person = user_of(call, request.participant, error="PARTICIPANT_ID_INVALID")
    _need(call, channel, "ban_users")
    if person is me or not outranks(channel, me, person):
        raise RpcFailure("USER_ADMIN_INVALID")
    until = int(request.banned_rights.until_date.timestamp()) if request.banned_rights.until_date else 0
    ban = Ban(_names(request.banned_rights), me.id, call.now, until)
    expelled = set_ban(call.world, person, channel, ban, now=call.now)
    if expelled and not channel.broadcast:
        action = types.MessageActionChatDeleteUser(person.id)
        post(call.world, me, channel, Draft("", action=action), now=call.now)
    return told(call)


@method(functions.channels.EditAdminRequest)
def edit_admin(call: Call, request: Any) -> Any:
    """Make somebody an administrator, change their rights, or end their role. An outsider to a group joins it."""
    me, channel, person = call.account, my_channel(call, request.channel), user_of(call, request.user_id)
    _need(call, channel, "add_admins")
    _check_rank(call, channel, person)
    rights = _names(request.admin_rights)
    if any(not may(channel, me, right) for right in rights - {"anonymous"}):
        raise RpcFailure("RIGHT_FORBIDDEN")
    if person.id not in channel.members:
        if not rights:
            raise RpcFailure("USER_NOT_PARTICIPANT")
        join(call.world, person, channel, now=call.now, inviter=me.id)
    set_admin(call.world, person, channel, Admin(rights, me.id, call.now, request.rank or ""), now=call.now)
    return told(call)


def _check_rank(call: Call, channel: Channel, person: Account) -> None:
    """Refuse to change one's own role, the creator's, somebody else's administrator's, or a banned person's."""
    ban = ban_of(channel, person, call.now)
    if person is call.account:
        raise RpcFailure("USER_ADMIN_INVALID")
    if person.id == channel.creator:
        raise RpcFailure("USER_CREATOR")
    if not outranks(channel, call.account, person):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if ban is not None and ban.kicked:
        raise RpcFailure("USER_KICKED")


@method(functions.messages.EditChatAdminRequest, bots=False)
def edit_chat_admin(call: Call, request: Any) -> bool:
    """Make somebody an administrator of a basic group, or an ordinary member again. Only the creator may."""
    me, group, person = call.account, my_group(call, request.chat_id), user_of(call, request.user_id)
    if me.id != group.creator:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if person.id not in group.members:
        raise RpcFailure("USER_NOT_PARTICIPANT")
    admin = Admin(GROUP_ADMIN, me.id, call.now) if request.is_admin else None
    set_admin(call.world, person, group, admin, now=call.now)
    return True


@method(functions.messages.EditChatDefaultBannedRightsRequest)
def edit_default_banned_rights(call: Call, request: Any) -> Any:
    """Deny rights to everybody who is no administrator."""
    chat = chat_of(call, request.peer)
    _need(call, chat, "ban_users")
    names = _names(request.banned_rights)
    if names == chat.forbidden:
        raise RpcFailure("CHAT_NOT_MODIFIED")
    set_forbidden(call.world, chat, names, now=call.now)
    return told(call)


def _rename(call: Call, chat: Group | Channel, title: str) -> Any:
    if not may(chat, call.account, "change_info"):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if title == chat.title:
        raise RpcFailure("CHAT_NOT_MODIFIED")
    set_title(call.world, chat, title, now=call.now)
    post(call.world, call.account, chat, Draft("", action=types.MessageActionChatEditTitle(title)), now=call.now)
    return told(call)


@method(functions.channels.EditTitleRequest)
def edit_title(call: Call, request: Any) -> Any:
    """Give a channel another name."""
    return _rename(call, my_channel(call, request.channel), checked_title(request.title))


@method(functions.messages.EditChatTitleRequest)
def edit_chat_title(call: Call, request: Any) -> Any:
    """Give a basic group another name."""
    return _rename(call, my_group(call, request.chat_id), checked_title(request.title))
