"""Telegram's own names for errors and methods, and the keys of chats, found from Telethon's classes.

No name carries user input, so that errors and logs may show it. The translation of errors and the clients use them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from telethon import errors, functions

__all__ = ["chat_of", "method_name", "telegram_name"]

_NAME = re.compile(r"[A-Z0-9_]{1,100}")
_PLACEHOLDER = re.compile(r"\(\\d\+\)")
_WRAPPERS = (
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithLayerRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InvokeWithMessagesRangeRequest,
    functions.InvokeWithTakeoutRequest,
)


def _class_names() -> Mapping[type[BaseException], str]:
    """Return Telegram's name for each error class. A number in it is written as X (FILE_PART_X_MISSING)."""
    pairs = [*errors.rpc_errors_dict.items(), *errors.rpc_errors_re]
    return MappingProxyType({cls: _PLACEHOLDER.sub("X", name).upper() for name, cls in reversed(pairs)})


_CLASS_NAMES = _class_names()


def telegram_name(error: Any) -> str:
    """Return the name of an RPC error as Telegram's documentation has it: FLOOD_WAIT, CHAT_WRITE_FORBIDDEN.

    Where Telethon has no class for the error, it is what the server said, provided that this looks like a name;
    otherwise it is ERROR_400 and the like.
    """
    known = next((_CLASS_NAMES[cls] for cls in type(error).__mro__ if cls in _CLASS_NAMES), None)
    if known is not None:
        return known.removesuffix("_X")
    said = str(error.message or "").strip().upper()
    return said if _NAME.fullmatch(said) else f"ERROR_{abs(error.code or 0)}"


def method_name(request: Any) -> str:
    """Return the name of the method that a request calls, such as messages.sendMessage."""
    request = _unwrapped(request)
    if request is None:
        return "connection"
    cls = type(request)
    namespace = cls.__module__.rpartition("functions")[2].strip(".")
    name = cls.__name__.removesuffix("Request")
    return f"{namespace}.{name[:1].lower()}{name[1:]}".lstrip(".")


def chat_of(request: Any) -> str:
    """Return the key of the chat that a request is about, such as channel:123; empty where it doesn't tell one."""
    request = _unwrapped(request)
    peer = getattr(request, "to_peer", None) or getattr(request, "peer", None)
    ids = ((kind, getattr(peer, f"{kind}_id", None)) for kind in ("user", "chat", "channel"))
    return next((f"{kind}:{number}" for kind, number in ids if number is not None), "")


def _unwrapped(request: Any) -> Any:
    while isinstance(request, _WRAPPERS):
        request = request.query
    return request
