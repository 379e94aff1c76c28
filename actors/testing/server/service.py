"""MTProto's own messages: pings, acknowledgements, salts, message states. The connection sends the replies made here.

They are no RPCs: they need no account, and no fault strikes them except `ping`.
https://core.telegram.org/mtproto/service_messages
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from actors.testing.server.keys import Key
from actors.testing.server.tl import functions, types
from actors.testing.server.wire.received import Received

__all__ = ["NEVER_CONTENT", "PINGS", "SERVICES", "Scene"]

HOUR = 3600


class Scene(NamedTuple):
    """Where a service message came from: its key, its session, its id, and the server's Unix time."""

    key: Key
    received: Received
    message_id: int
    now: int


Service = Callable[[Scene, Any], Any]


def _pong(scene: Scene, request: Any) -> Any:
    return types.Pong(scene.message_id, request.ping_id)


def _nothing(_scene: Scene, _request: Any) -> Any:
    return None


def _salts(scene: Scene, _request: Any) -> Any:
    salt = types.FutureSalt(scene.now - HOUR, scene.now + 24 * HOUR, scene.key.salt)
    return types.FutureSalts(scene.message_id, scene.now, [salt])


def _destroy(scene: Scene, request: Any) -> Any:
    known = scene.key.sessions.pop(request.session_id, None) is not None
    return (types.DestroySessionOk if known else types.DestroySessionNone)(request.session_id)


def _states(scene: Scene, request: Any) -> Any:
    states = bytes(scene.received.state(message_id, scene.now) for message_id in request.msg_ids)
    return types.MsgsStateInfo(scene.message_id, states)


PINGS: frozenset[type] = frozenset((functions.PingRequest, functions.PingDelayDisconnectRequest))
SERVICES: dict[type, Service] = {
    functions.PingRequest: _pong,
    functions.PingDelayDisconnectRequest: _pong,
    functions.GetFutureSaltsRequest: _salts,
    functions.DestroySessionRequest: _destroy,
    types.MsgsStateReq: _states,
    types.MsgResendReq: _states,
    types.MsgsAck: _nothing,
    types.HttpWait: _nothing,
    types.MsgsAllInfo: _nothing,
    types.MsgsStateInfo: _nothing,
}
NEVER_CONTENT: frozenset[type] = frozenset((types.MsgsAck,))  # needs no acknowledgement, so its sequence number is even
