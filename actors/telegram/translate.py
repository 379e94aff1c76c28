"""What Telethon's exceptions mean: the translation that is made from the error table.

It decides nothing and logs nothing. `telegram/error_table.py` holds the rows. The client translates with this module
whatever leaves this wing, so that nobody outside sees an exception of Telethon's.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from telethon import errors

from actors.model.errors import ActorsError, FloodScope, FloodWait, TelegramError, Verdict
from actors.telegram.error_table import BY_CLASS, BY_NAME, FAMILIES
from actors.telegram.names import chat_of, method_name, telegram_name

__all__ = ["AS_THE_TABLE_SAYS", "TO_A_SENDER", "Row", "row_of", "translate", "verdict_of"]

_GAVE_UP = re.compile(r"Request was unsuccessful \d+ time\(s\)")
_SECONDS = re.compile(r"_(\d+)$")
_TRANSPORT_CODES = {404: "AUTH_KEY_NOT_FOUND", 429: "TRANSPORT_FLOOD", 444: "INVALID_DC"}
"""Errors of the transport (core.telegram.org/mtproto/mtproto-transports)."""

_LOCAL_NAMES: Mapping[type[BaseException], str] = MappingProxyType(
    {
        errors.AlreadyInConversationError: "ALREADY_IN_CONVERSATION",
        errors.AuthKeyNotFound: "AUTH_KEY_NOT_FOUND",
        errors.BadMessageError: "BAD_MESSAGE",
        errors.CdnFileTamperedError: "CDN_FILE_TAMPERED",
        errors.InvalidBufferError: "BAD_PACKET",
        errors.InvalidChecksumError: "BAD_PACKET",
        errors.MultiError: "NO_ERROR_OF_SEVERAL",
        errors.ReadCancelledError: "CONNECTION_LOST",
        errors.SecurityError: "SECURITY_CHECK_FAILED",
        errors.TypeNotFoundError: "TYPE_NOT_FOUND",
        asyncio.IncompleteReadError: "CONNECTION_LOST",
        ConnectionRefusedError: "CONNECTION_REFUSED",
        socket.gaierror: "HOST_NOT_FOUND",
        ConnectionError: "CONNECTION_LOST",
        TimeoutError: "CONNECTION_TIMED_OUT",
        OSError: "CONNECTION_FAILED",
    }
)
"""The library's own names for errors that don't come from the server."""

_WITHOUT_FAMILY = (errors.UnauthorizedError, errors.ServerError, errors.TimedOutError)
"""Codes whose unknown names say less than the code itself (see `error_table.FAMILIES`)."""

_OURS = ("telethon", "actors.telegram")

AS_THE_TABLE_SAYS: Mapping[str, Verdict] = MappingProxyType({})

TO_A_SENDER: Mapping[str, Verdict] = MappingProxyType({"RANDOM_ID_DUPLICATE": Verdict.TRANSIENT})
"""What an error means to whoever repeats one request until it is answered: its original is still on its way."""


def translate(
    error: BaseException, *, session: str = "", means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS
) -> ActorsError | None:
    """Return our error for a foreign one; None when it isn't Telegram's, such as one that a user's code raised.

    An ActorsError is returned as it is. session: its name, for the error. means: what names of errors mean to whoever
    asks, where he knows more than the table does.
    """
    if isinstance(error, ActorsError):
        return error
    if isinstance(error, errors.MultiError) and any(error.exceptions):
        return translate(next(filter(None, error.exceptions)), session=session, means=means)
    if isinstance(error, ValueError) and _GAVE_UP.fullmatch(str(error)):
        return TelegramError(verdict=Verdict.TRANSIENT, name="REQUEST_UNSUCCESSFUL", session=session)
    verdict = verdict_of(error)
    if verdict is None or (isinstance(error, OSError | asyncio.IncompleteReadError) and _raised_elsewhere(error)):
        return None
    return _make(error, verdict, session, means)


class Row(NamedTuple):
    """A row of the table that an error was found in. key: the exact name, the family's pattern, or the class."""

    verdict: Verdict
    key: str | re.Pattern[str] | type[BaseException]


def verdict_of(error: BaseException) -> Verdict | None:
    """Return what an exception means; None when the table has nothing on it."""
    row = row_of(error)
    return None if row is None else row.verdict


def row_of(error: BaseException) -> Row | None:
    """Return the row for an exception: that of its exact name, of its family, or of its nearest class."""
    if isinstance(error, errors.RPCError):
        name = telegram_name(error)
        if name in BY_NAME:
            return Row(BY_NAME[name], name)
        if not isinstance(error, _WITHOUT_FAMILY):
            for pattern, verdict in FAMILIES:
                if pattern.fullmatch(name):
                    return Row(verdict, pattern)
    return next((Row(BY_CLASS[cls], cls) for cls in type(error).__mro__ if cls in BY_CLASS), None)


def _make(error: BaseException, verdict: Verdict, session: str, means: Mapping[str, Verdict]) -> TelegramError:
    if not isinstance(error, errors.RPCError):
        local = _local_name(error)
        return TelegramError(verdict=means.get(local, verdict), name=local, session=session)
    name, method, code = telegram_name(error), method_name(error.request), abs(error.code or 0)
    if verdict is Verdict.RETRY_AFTER:
        is_slow_mode = name.startswith("SLOWMODE")
        return FloodWait(
            retry_after=_seconds(error, name),
            scope=FloodScope.CHAT if is_slow_mode else FloodScope.METHOD,
            chat=chat_of(error.request) if is_slow_mode else "",
            name=_SECONDS.sub("", name),
            method=method,
            code=code,
            session=session,
        )
    return TelegramError(verdict=means.get(name, verdict), name=name, method=method, code=code, session=session)


def _seconds(error: Any, name: str) -> float:
    found = _SECONDS.search(name)
    return float(getattr(error, "seconds", None) or (found[1] if found else 0))


def _local_name(error: BaseException) -> str:
    code = getattr(error, "code", None) if isinstance(error, errors.InvalidBufferError) else None
    return _TRANSPORT_CODES.get(code or 0) or next(
        _LOCAL_NAMES[cls] for cls in type(error).__mro__ if cls in _LOCAL_NAMES
    )


def _raised_elsewhere(error: BaseException) -> bool:
    """Say whether an error of a connection or a file comes from code that has nothing to do with Telegram."""
    frame = error.__traceback__
    if frame is None:
        return False
    while frame is not None:
        if str(frame.tb_frame.f_globals.get("__name__", "")).startswith(_OURS):
            return False
        frame = frame.tb_next
    return True
