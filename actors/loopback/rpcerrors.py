"""RPC errors as Telegram names them, and the code that goes with each name. Raised by methods, scripted by faults."""

from __future__ import annotations

import re

__all__ = ["RpcFailure", "code_of"]

BAD_REQUEST = 400

# Codes by name, from https://core.telegram.org/api/errors and Telethon's errors.csv; anything else is a 400.
CODES: tuple[tuple[str, int], ...] = (
    (r"(PHONE|NETWORK|USER|FILE|STATS)_MIGRATE_\d+", 303),
    (r"AUTH_KEY_(UNREGISTERED|INVALID|PERM_EMPTY)", 401),
    (r"SESSION_(REVOKED|EXPIRED|PASSWORD_NEEDED)|USER_DEACTIVATED(_BAN)?|ACTIVE_USER_REQUIRED", 401),
    (r"CHAT_(WRITE|SEND_\w+|GUEST_SEND|FORBID\w*)_?FORBIDDEN|CHAT_FORBIDDEN|CHAT_ACTION_FORBIDDEN", 403),
    (r"USER_PRIVACY_RESTRICTED|USER_RESTRICTED|USER_NOT_MUTUAL_CONTACT|MESSAGE_AUTHOR_REQUIRED", 403),
    (r"PREMIUM_ACCOUNT_REQUIRED|NOT_ALLOWED|PUBLIC_CHANNEL_MISSING|CHAT_ADMIN_INVITE_REQUIRED", 403),
    (r"MESSAGE_DELETE_FORBIDDEN|RIGHT_FORBIDDEN|PRIVACY_PREMIUM_REQUIRED_403|ALLOW_PAYMENT_REQUIRED_\d+", 403),
    (r"AUTH_KEY_DUPLICATED|FRESH_\w+_FORBIDDEN|PRIVACY_PREMIUM_REQUIRED|PHONE_PASSWORD_FLOOD", 406),
    (
        r"(FLOOD|FLOOD_PREMIUM|FLOOD_TEST_PHONE|SLOWMODE|TAKEOUT_INIT_DELAY|2FA_CONFIRM)_(WAIT_)?\d+|FROZEN_METHOD_INVALID",
        420,
    ),
    (r"RPC_(CALL|MCGET|CONNECT|SEND)_FAIL|INTER(DC|NAL)\w*|RANDOM_ID_DUPLICATE|HISTORY_GET_FAILED", 500),
    (r"PERSISTENT_TIMESTAMP_OUTDATED|(CHAT_GET|SIGN_IN|PARTICIPANT_CALL|STORAGE_CHECK)_FAILED", 500),
    (r"WORKER_BUSY_TOO_LONG_RETRY|MSG_WAIT_FAILED|AUTH_RESTART(_\d+)?", 500),
    (r"-?503|TIMEOUT|TIMED_?OUT|MSG_WAIT_TIMEOUT", 503),
)
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), code) for pattern, code in CODES)


class RpcFailure(Exception):
    """A method's refusal: goes to the client as `rpc_error code message`."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code_of(message) if code is None else code


def code_of(message: str) -> int:
    """Return the code that Telegram sends with an error of this name (400 for most)."""
    return next((code for pattern, code in PATTERNS if pattern.fullmatch(message)), BAD_REQUEST)
