"""The logins of one's account: listing them, and ending others. How a login begins is in auth.py and tokens.py."""

from __future__ import annotations

from typing import Any

from actors.testing.server.keys import Key
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types

__all__ = ["authorization"]

TTL_DAYS = 180
REVOKED = "SESSION_REVOKED"


def authorization(key: Key, *, mine: bool) -> Any:
    """Return a login as TL. mine: it is the caller's own login, whose hash is 0."""
    device = key.device
    return types.Authorization(
        hash=0 if mine else key.hash,
        device_model=device.model,
        platform="",
        system_version=device.system,
        api_id=device.api_id,
        app_name="",
        app_version=device.app,
        date_created=key.created,
        date_active=key.active,
        ip="127.0.0.1",
        country="",
        region="",
        current=mine or None,
    )


@method(functions.account.GetAuthorizationsRequest, bots=False)
def get_authorizations(call: Call, _request: Any) -> Any:
    """Answer with all logins of the account, this one first."""
    keys = sorted(call.keys.of(call.account), key=lambda key: key is not call.key)
    return types.account.Authorizations(TTL_DAYS, [authorization(key, mine=key is call.key) for key in keys])


@method(functions.account.ResetAuthorizationRequest, bots=False)
def reset_authorization(call: Call, request: Any) -> bool:
    """End another login of the account."""
    key = next((key for key in call.keys.of(call.account) if key.hash == request.hash and key is not call.key), None)
    if key is None:
        raise RpcFailure("HASH_INVALID")
    call.keys.end(key, REVOKED)
    return True


@method(functions.auth.ResetAuthorizationsRequest, bots=False)
def reset_authorizations(call: Call, _request: Any) -> bool:
    """End all other logins of the account."""
    for key in call.keys.of(call.account):
        if key is not call.key:
            call.keys.end(key, REVOKED)
    return True
