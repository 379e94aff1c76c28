"""Basic groups: making them, their members, joining and leaving. The server calls it for RPCs.

Roles and names are in bans.py, links in invites.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import group_of, my_group, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.membership import join, leave, open_group, participants
from actors.testing.server.world.migration import migrate
from actors.testing.server.world.parties import Account
from actors.testing.server.world.party_views import look, sort_faces
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import is_admin, may

__all__ = ["checked_title"]

TITLE_LENGTH = 128
MEMBERS = 200  # help.getConfig's chat_size_max


def checked_title(title: str) -> str:
    """Return a title that a chat can have."""
    if not title.strip() or len(title) > TITLE_LENGTH:
        raise RpcFailure("CHAT_TITLE_EMPTY")
    return title.strip()


@method(functions.messages.CreateChatRequest, bots=False)
def create_chat(call: Call, request: Any) -> Any:
    """Make a basic group of oneself and others."""
    me, title = call.account, checked_title(request.title)
    people = [person for person in (user_of(call, user) for user in request.users) if person is not me]
    if not people:
        raise RpcFailure("USERS_TOO_FEW")
    if len(people) >= MEMBERS:
        raise RpcFailure("USERS_TOO_MUCH")
    open_group(call.world, title, me, people, now=call.now)
    return types.messages.InvitedUsers(told(call), [])


@method(functions.messages.AddChatUserRequest, bots=False)
def add_chat_user(call: Call, request: Any) -> Any:
    """Bring somebody into a basic group."""
    me, group, person = call.account, my_group(call, request.chat_id), user_of(call, request.user_id)
    if not may(group, me, "invite_users"):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if len(group.members) >= MEMBERS:
        raise RpcFailure("USERS_TOO_MUCH")
    if not join(call.world, person, group, now=call.now, inviter=me.id):
        raise RpcFailure("USER_ALREADY_PARTICIPANT")
    post(call.world, me, group, Draft("", action=types.MessageActionChatAddUser([person.id])), now=call.now)
    return types.messages.InvitedUsers(told(call), [])


@method(functions.messages.DeleteChatUserRequest)
def delete_chat_user(call: Call, request: Any) -> Any:
    """Remove somebody from a basic group, or leave it."""
    me, group, person = call.account, my_group(call, request.chat_id), user_of(call, request.user_id)
    if person.id not in group.members:
        raise RpcFailure("USER_NOT_PARTICIPANT")
    invited = group.inviters.get(person.id) == me.id and not is_admin(group, person)
    if person is not me and not (invited or is_admin(group, me)):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    if person is not me and person.id == group.creator:
        raise RpcFailure("USER_ADMIN_INVALID")
    post(call.world, me, group, Draft("", action=types.MessageActionChatDeleteUser(person.id)), now=call.now)
    leave(call.world, person, group, now=call.now)
    return told(call)


@method(functions.messages.MigrateChatRequest, bots=False)
def migrate_chat(call: Call, request: Any) -> Any:
    """Make a supergroup of a basic group, which its creator alone may. Both get a service message."""
    group = my_group(call, request.chat_id)
    if group.creator != call.account.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    migrate(call.world, group, now=call.now)
    return told(call)


@method(functions.messages.GetChatsRequest)
def get_chats(call: Call, request: Any) -> Any:
    """Answer with basic groups by id."""
    groups = [group_of(call, chat_id) for chat_id in request.id]
    return types.messages.Chats([look(call.world, call.account, group) for group in groups])


@method(functions.messages.GetFullChatRequest)
def get_full_chat(call: Call, request: Any) -> Any:
    """Answer with the members of a basic group, and the pinned message."""
    me, group = call.account, group_of(call, request.chat_id)
    there = me.id in group.members
    history = me.chats[group.id].messages
    full = types.ChatFull(
        id=group.id,
        about=group.about,
        participants=participants(group) if there else types.ChatParticipantsForbidden(group.id),
        notify_settings=types.PeerNotifySettings(),
        pinned_msg_id=next((message.id for message in reversed(history) if message.pinned), None),
        folder_id=me.folders.get(group.id),
        has_scheduled=bool(len(me.scheduled[group.id])) or None,
    )
    members: list[Account] = [call.world.accounts[member] for member in group.members] if there else []
    users, chats = sort_faces(call.world, me, [*members, group])
    return types.messages.ChatFull(full, chats, users)
