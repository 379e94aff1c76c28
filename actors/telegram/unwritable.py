"""Which part of a request can't be written: a number out of range, half of a character, a value of another kind.

Telethon's own errors name no field, and some of them hold the value. Used when a request has failed to be serialised.
"""

from __future__ import annotations

import copy
from typing import Any

from telethon.tl import TLObject

__all__ = ["unwritable"]

_HARMLESS: tuple[Any, ...] = (0, "", b"", [], None)
"""Values one of which fits each kind of field."""


def unwritable(part: Any) -> str:
    """Return the name of the field at fault, such as reply_to.reply_to_msg_id; empty when it isn't one alone."""
    for name, value in vars(part).items():
        if isinstance(value, TLObject):
            if not _is_writable(value):
                inner = unwritable(value)
                return f"{name}.{inner}" if inner else str(name)
        elif any(_is_writable(_with(part, name, other)) for other in _HARMLESS):
            return str(name)
    return ""


def _is_writable(part: Any) -> bool:
    try:
        bytes(part)
    except Exception:  # noqa: BLE001  whatever its writer meets
        return False
    return True


def _with(part: Any, name: str, value: Any) -> Any:
    """Return a copy of a part that has another value in one field."""
    other = copy.copy(part)
    setattr(other, name, value)
    return other
