"""auth.exportAuthorization and importAuthorization, by which clients move to another data centre. There is none here.

A client that takes its own data centre for another one learns that it isn't, and downloads over the connection it has.
"""

from __future__ import annotations

from typing import Any, NoReturn

from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions

__all__: list[str] = []


@method(functions.auth.ExportAuthorizationRequest)
def export_authorization(call: Call, _request: Any) -> NoReturn:
    """Refuse with DC_ID_INVALID: the client is at the right data centre already."""
    call.account  # noqa: B018  refuses those who are not logged in
    raise RpcFailure("DC_ID_INVALID")


@method(functions.auth.ImportAuthorizationRequest)
def import_authorization(_call: Call, _request: Any) -> NoReturn:
    """Refuse with AUTH_BYTES_INVALID: nothing was exported."""
    raise RpcFailure("AUTH_BYTES_INVALID")
