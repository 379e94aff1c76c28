"""Logging in without a phone number: bots by their token, and clients whose QR code another session scans.

Login by phone is in auth.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.auth import check_app, enter, log_in
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.sessions import authorization
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.logins import QrToken

__all__: list[str] = []


@method(functions.auth.ImportBotAuthorizationRequest)
def import_bot_authorization(call: Call, request: Any) -> Any:
    """Log a bot in."""
    check_app(request)
    token = request.bot_auth_token
    bot = next((account for account in call.world.accounts.values() if account.bot and account.token == token), None)
    if bot is None:
        raise RpcFailure("ACCESS_TOKEN_INVALID")
    return log_in(call, bot)


def _answer(call: Call, token: QrToken) -> Any:
    """Answer with the token to show, or with the login that it has led to."""
    if token.account is None:
        return types.auth.LoginToken(token.expires, token.token)
    call.world.logins.forget_token(token)
    return types.auth.LoginTokenSuccess(enter(call, call.world.accounts[token.account]))


@method(functions.auth.ExportLoginTokenRequest)
def export_login_token(call: Call, request: Any) -> Any:
    """Make a token for a QR code. Asked again after the scan, log in."""
    check_app(request)
    return _answer(call, call.world.logins.show_token(call.key.auth.id, call.now))


def _shown(call: Call, token: bytes) -> QrToken:
    found = call.world.logins.token(token)
    if found is None:
        raise RpcFailure("AUTH_TOKEN_INVALID")
    if call.now >= found.expires:
        raise RpcFailure("AUTH_TOKEN_EXPIRED")
    return found


@method(functions.auth.ImportLoginTokenRequest)
def import_login_token(call: Call, request: Any) -> Any:
    """Go on with a token that was shown, as after a move to another data centre."""
    return _answer(call, _shown(call, request.token))


@method(functions.auth.AcceptLoginTokenRequest, bots=False)
def accept_login_token(call: Call, request: Any) -> Any:
    """Let the client that shows this token log in to one's own account, and wake that client."""
    me, token = call.account, _shown(call, request.token)
    if token.account is not None:
        raise RpcFailure("AUTH_TOKEN_ALREADY_ACCEPTED")
    key = call.keys.get(token.key)
    if key is None:
        raise RpcFailure("AUTH_TOKEN_EXPIRED")
    token.account = me.id
    call.keys.notify(key, types.UpdateShort(types.UpdateLoginToken(), call.now))
    return authorization(key, mine=False)
