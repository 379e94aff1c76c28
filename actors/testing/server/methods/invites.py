"""Invite links: making them, looking behind them, joining by them. The links themselves are in world/invites.py.

https://core.telegram.org/api/invites
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import chat_of, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.invites import Invite, hash_of, invite, invite_by_hash, new_hash
from actors.testing.server.world.membership import join
from actors.testing.server.world.parties import Account, Channel, Group
from actors.testing.server.world.party_views import look
from actors.testing.server.world.posting import Draft, post
from actors.testing.server.world.roles import ban_of, is_admin, may

__all__: list[str] = []


def _exported(link: Invite) -> Any:
    return types.ChatInviteExported(
        link=link.link,
        admin_id=link.creator,
        date=link.date,
        revoked=link.revoked or None,
        permanent=link.permanent or None,
        request_needed=link.by_request or None,
        expire_date=link.expires or None,
        usage_limit=link.limit or None,
        usage=link.usage or None,
        title=link.title,
    )


def _administered(call: Call, peer: Any) -> Group | Channel:
    chat = chat_of(call, peer)
    if not (is_admin(chat, call.account) and may(chat, call.account, "invite_users")):
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    return chat


@method(functions.messages.ExportChatInviteRequest)
def export_chat_invite(call: Call, request: Any) -> Any:
    """Make a link, with or without bounds. The plain one stays until it is revoked."""
    me, chat = call.account, _administered(call, request.peer)
    expires = int(request.expire_date.timestamp()) if request.expire_date else 0
    plain = not (expires or request.usage_limit or request.request_needed or request.title)
    if plain and request.legacy_revoke_permanent:
        for link in chat.invites.values():
            link.revoked = link.revoked or (link.permanent and link.creator == me.id)
    made = None
    if not plain:
        made = Invite(
            new_hash(),
            me.id,
            call.now,
            expires=expires,
            limit=request.usage_limit or 0,
            by_request=bool(request.request_needed),
            title=request.title,
        )
    return _exported(invite(call.world, me, chat, made, now=call.now))


@method(functions.messages.EditExportedChatInviteRequest)
def edit_exported_chat_invite(call: Call, request: Any) -> Any:
    """Revoke a link, or change its bounds."""
    me, chat = call.account, _administered(call, request.peer)
    link = chat.invites.get(hash_of(request.link))
    if link is None:
        raise RpcFailure("INVITE_HASH_EXPIRED")
    link.revoked = link.revoked or bool(request.revoked)
    link.expires = int(request.expire_date.timestamp()) if request.expire_date else link.expires
    link.limit = link.limit if request.usage_limit is None else request.usage_limit
    return types.messages.ExportedChatInvite(_exported(link), [look(call.world, me, me)])


def _usable(call: Call, invite_hash: str) -> tuple[Invite, Group | Channel]:
    if not invite_hash:
        raise RpcFailure("INVITE_HASH_EMPTY")
    found = invite_by_hash(call.world, hash_of(invite_hash))
    if found is None or not found[0].works(call.now) or found[1].closed:
        raise RpcFailure("INVITE_HASH_EXPIRED")
    return found


@method(functions.messages.CheckChatInviteRequest, bots=False)
def check_chat_invite(call: Call, request: Any) -> Any:
    """Answer with what is behind a link."""
    me, known = call.account, invite_by_hash(call.world, hash_of(request.hash))
    if known is not None and me.id in known[1].members:
        return types.ChatInviteAlready(look(call.world, me, known[1]))
    link, chat = _usable(call, request.hash)
    channel = isinstance(chat, Channel)
    broadcast = isinstance(chat, Channel) and chat.broadcast
    return types.ChatInvite(
        title=chat.title,
        photo=types.PhotoEmpty(0),
        participants_count=len(chat.members),
        color=0,
        channel=channel or None,
        broadcast=broadcast or None,
        megagroup=(channel and not broadcast) or None,
        public=(isinstance(chat, Channel) and chat.username is not None) or None,
        request_needed=link.by_request or None,
        about=chat.about or None,
    )


@method(functions.messages.ImportChatInviteRequest, bots=False)
def import_chat_invite(call: Call, request: Any) -> Any:
    """Join by a link, or ask to join where an administrator must agree."""
    me, (link, chat) = call.account, _usable(call, request.hash)
    if me.id in chat.members:
        raise RpcFailure("USER_ALREADY_PARTICIPANT")
    ban = ban_of(chat, me, call.now)
    if ban is not None and ban.kicked:
        raise RpcFailure("INVITE_HASH_EXPIRED")
    if link.by_request:
        chat.requests[me.id] = link.hash
        raise RpcFailure("INVITE_REQUEST_SENT")
    action = types.MessageActionChatJoinedByLink(link.creator)
    _come_in(call, me, link, chat, action)
    return types.messages.ChatInviteJoinResultOk(told(call))


def _come_in(call: Call, account: Account, link: Invite, chat: Group | Channel, action: Any) -> None:
    link.usage += 1
    join(call.world, account, chat, now=call.now, inviter=link.creator)
    if not (isinstance(chat, Channel) and chat.broadcast):
        post(call.world, account, chat, Draft("", action=action), now=call.now)


@method(functions.messages.HideChatJoinRequestRequest)
def hide_chat_join_request(call: Call, request: Any) -> Any:
    """Let somebody in who asked to join, or refuse."""
    chat, person = _administered(call, request.peer), user_of(call, request.user_id)
    invite_hash = chat.requests.pop(person.id, None)
    if invite_hash is None:
        raise RpcFailure("HIDE_REQUESTER_MISSING")
    if request.approved:
        _come_in(call, person, chat.invites[invite_hash], chat, types.MessageActionChatJoinedByRequest())
    return told(call)
