"""users.*, contacts.resolveUsername and account.updateStatus: looking people up. It changes nobody."""

from __future__ import annotations

import re
from typing import Any

from actors.testing.server.methods.peers import user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import look, sort_faces

__all__: list[str] = []

USERNAME = re.compile(r"[A-Za-z]\w{2,31}", re.ASCII)


@method(functions.users.GetUsersRequest)
def get_users(call: Call, request: Any) -> Any:
    """Answer with one user for each one asked for, in order."""
    me = call.account
    return [look(call.world, me, user_of(call, user), asked=True) for user in request.id]


@method(functions.users.GetFullUserRequest)
def get_full_user(call: Call, request: Any) -> Any:
    """Answer with the little there is to know about a user."""
    account = user_of(call, request.id)
    full = types.UserFull(
        id=account.id,
        settings=types.PeerSettings(),
        notify_settings=types.PeerNotifySettings(),
        common_chats_count=len(_chats(account) & _chats(call.account)),
    )
    return types.users.UserFull(full, [], [look(call.world, call.account, account, asked=True)])


def _chats(account: Account) -> set[int]:
    return {*account.channels, *account.groups}


@method(functions.contacts.ResolveUsernameRequest)
def resolve_username(call: Call, request: Any) -> Any:
    """Answer with the account or channel of that name, in any case of letters."""
    me, name = call.account, request.username.removeprefix("@")
    if not USERNAME.fullmatch(name):
        raise RpcFailure("USERNAME_INVALID")
    party = call.world.usernames.get(name.lower())
    if party is None:
        raise RpcFailure("USERNAME_NOT_OCCUPIED")
    view = [look(call.world, me, party, asked=True)]
    if isinstance(party, Channel):
        return types.contacts.ResolvedPeer(types.PeerChannel(party.id), view, [])
    return types.contacts.ResolvedPeer(types.PeerUser(party.id), [], view)


@method(functions.contacts.GetContactsRequest, bots=False)
def get_contacts(call: Call, _request: Any) -> Any:
    """Answer with an empty list: there are no contacts here."""
    nobody, _ = sort_faces(call.world, call.account, [])
    return types.contacts.Contacts([], 0, nobody)


@method(functions.account.UpdateStatusRequest, bots=False)
def update_status(call: Call, _request: Any) -> bool:
    """Accept it, and change nothing: nobody sees who is online here."""
    return call.account is not None
