"""MTProto's own messages: pings, acks, salts, message states. Not RPCs: no account, no faults but for `ping`.

https://core.telegram.org/mtproto/service_messages. Used by connection.py, which sends what these functions return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actors.loopback.keys import Key
from actors.loopback.tl import functions, types

__all__ = ["PINGS", "SERVICES", "clock_error"]

HOUR = 3600
TOO_OLD, TOO_NEW = 300, 30  # seconds a client's message id may be off (https://core.telegram.org/mtproto/description)
ID_TOO_LOW, ID_TOO_HIGH = 16, 17  # error codes of bad_msg_notification
RECEIVED = 4  # message state: received (https://core.telegram.org/mtproto/service_messages_about_messages)

Service = Callable[[Key, int, Any, int], Any]


def _pong(_key: Key, message_id: int, request: Any, _now: int) -> Any:
    return types.Pong(message_id, request.ping_id)


def _nothing(_key: Key, _message_id: int, _request: Any, _now: int) -> Any:
    return None


def _salts(key: Key, message_id: int, _request: Any, now: int) -> Any:
    return types.FutureSalts(message_id, now, [types.FutureSalt(now - HOUR, now + 24 * HOUR, key.salt)])


def _destroy(key: Key, _message_id: int, request: Any, _now: int) -> Any:
    known = request.session_id in key.sessions
    key.sessions.pop(request.session_id, None)
    return (types.DestroySessionOk if known else types.DestroySessionNone)(request.session_id)


def _states(_key: Key, message_id: int, request: Any, _now: int) -> Any:
    return types.MsgsStateInfo(message_id, bytes([RECEIVED]) * len(request.msg_ids))


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


def clock_error(message_id: int, now: int) -> int | None:
    """Return the bad_msg_notification code for a client's message id that is too far from the clock, or None."""
    sent = message_id >> 32
    if sent < now - TOO_OLD:
        return ID_TOO_LOW
    return ID_TOO_HIGH if sent > now + TOO_NEW else None
