"""RPC errors as Telegram names them, and the code that goes with each name. Methods raise them, and faults script them.

What they mean to a client is not said here: that is `telegram/error_table.py`, at the other end.
"""

from __future__ import annotations

import re

__all__ = ["RpcFailure", "code_of"]

BAD_REQUEST = 400

# Codes by name, from https://core.telegram.org/api/errors and Telethon's errors.csv; anything else is a 400. Of a name
# that comes with two codes, the one that sending and inviting give.
CODES: tuple[tuple[str, int], ...] = (
    (r"(PHONE|NETWORK|USER|FILE|STATS)_MIGRATE_\d+", 303),
    (r"AUTH_KEY_(UNREGISTERED|INVALID|PERM_EMPTY)", 401),
    (r"SESSION_(REVOKED|EXPIRED|PASSWORD_NEEDED)|USER_DEACTIVATED(_BAN)?|ACTIVE_USER_REQUIRED", 401),
    (r"CHAT_(WRITE|SEND_\w+|GUEST_SEND|FORBID\w*)_?FORBIDDEN|CHAT_FORBIDDEN|CHAT_ACTION_FORBIDDEN", 403),
    (r"USER_PRIVACY_RESTRICTED|USER_RESTRICTED|USER_NOT_MUTUAL_CONTACT|USER_DELETED|MESSAGE_AUTHOR_REQUIRED", 403),
    (r"PREMIUM_ACCOUNT_REQUIRED|NOT_ALLOWED|PUBLIC_CHANNEL_MISSING|CHAT_ADMIN_INVITE_REQUIRED", 403),
    (r"MESSAGE_DELETE_FORBIDDEN|RIGHT_FORBIDDEN|PRIVACY_PREMIUM_REQUIRED_403|ALLOW_PAYMENT_REQUIRED_\d+", 403),
    (r"(BROADCAST|EDIT_BOT_INVITE|GROUPCALL|SENSITIVE_CHANGE)_FORBIDDEN|CHANNEL_PUBLIC_GROUP_NA", 403),
    (r"GROUPCALL_ALREADY_STARTED|(INLINE_BOT|POLL_VOTE)_REQUIRED", 403),
    (r"AUTH_KEY_DUPLICATED|FRESH_\w+_FORBIDDEN|(PRIVACY_PREMIUM|USERPIC_PRIVACY|ALLOW_PAYMENT)_REQUIRED", 406),
    (r"FILEREF_UPGRADE_NEEDED|PHONE_PASSWORD_FLOOD|PREMIUM_CURRENTLY_UNAVAILABLE|SEND_CODE_UNAVAILABLE", 406),
    (r"PREVIOUS_CHAT_IMPORT_ACTIVE_WAIT_\d+MIN|STICKERSET_OWNER_ANONYMOUS|UPDATE_APP_TO_LOGIN", 406),
    (r"(FLOOD|SLOWMODE)(_\w+)?_\d+|(TAKEOUT_INIT_DELAY|2FA_CONFIRM)_(WAIT_)?\d+|FROZEN_METHOD_INVALID", 420),
    (r"RPC_(CALL|MCGET|CONNECT|SEND)_FAIL|INTER(DC|NAL)\w*|RANDOM_ID_DUPLICATE|HISTORY_GET_FAILED", 500),
    (r"(CHAT_GET|SIGN_IN|PARTICIPANT_CALL|STORAGE_CHECK|GROUPCALL_ADD_PARTICIPANTS)_FAILED", 500),
    (
        r"(CALL|ENCRYPTION|MEMBER)_OCCUPY(_\w+)?_FAILED|(CHAT|REG)_ID_GENERATE_FAILED|CHP_CALL_FAIL|MEMBER_NO_LOCATION",
        500,
    ),
    (r"NEED_(CHAT|MEMBER)_INVALID|PTS_CHANGE_EMPTY|STORE_INVALID_SCALAR_TYPE|UNKNOWN_METHOD", 500),
    (r"PERSISTENT_TIMESTAMP_OUTDATED|WORKER_BUSY_TOO_LONG_RETRY|MSGID_DECREASE_RETRY|AUTH_RESTART(_\d+)?", 500),
    (r"(CDN_UPLOAD|POSTPONED)_TIMEOUT|MT_SEND_QUEUE_TOO_LONG", 500),
    (r"-?503|TIMEOUT|TIMED_?OUT|MSG_WAIT_TIMEOUT", 503),
)
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), code) for pattern, code in CODES)


class RpcFailure(Exception):
    """A method's refusal. The client gets it as `rpc_error code message`."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code_of(message) if code is None else code


def code_of(message: str) -> int:
    """Return the code that Telegram sends with an error of this name (400 for most)."""
    return next((code for pattern, code in PATTERNS if pattern.fullmatch(message)), BAD_REQUEST)
