"""account.updateUsername, channels.updateUsername and their checks: who may have which name. The server calls it."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.peers import my_channel
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.users import USERNAME
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import look
from actors.testing.server.world.usernames import set_username

__all__: list[str] = []


def _checked(call: Call, party: Account | Channel, username: str) -> str | None:
    """Return a username that a party may have; None for the empty one, which takes its name away."""
    if username and not USERNAME.fullmatch(username):
        raise RpcFailure("USERNAME_INVALID")
    if call.world.usernames.get(username.lower(), party) is not party:
        raise RpcFailure("USERNAME_OCCUPIED")
    if username == (party.username or ""):
        raise RpcFailure("USERNAME_NOT_MODIFIED")
    return username or None


def _is_free(call: Call, username: str) -> bool:
    if not USERNAME.fullmatch(username):
        raise RpcFailure("USERNAME_INVALID")
    return username.lower() not in call.world.usernames


@method(functions.account.UpdateUsernameRequest, bots=False)
def update_username(call: Call, request: Any) -> Any:
    """Give oneself another username; those hear of it who have a chat with the account."""
    me = call.account
    set_username(call.world, me, _checked(call, me, request.username), now=call.now)
    return look(call.world, me, me)


@method(functions.account.CheckUsernameRequest, bots=False)
def check_username(call: Call, request: Any) -> bool:
    """Say whether a username is free."""
    return _is_free(call, request.username)


@method(functions.channels.UpdateUsernameRequest, bots=False)
def update_channel_username(call: Call, request: Any) -> bool:
    """Give a channel another username, which its creator alone may."""
    channel = my_channel(call, request.channel)
    if channel.creator != call.account.id:
        raise RpcFailure("CHAT_ADMIN_REQUIRED")
    set_username(call.world, channel, _checked(call, channel, request.username), now=call.now)
    return True


@method(functions.channels.CheckUsernameRequest, bots=False)
def check_channel_username(call: Call, request: Any) -> bool:
    """Say whether a username is free for a channel."""
    return _is_free(call, request.username)
