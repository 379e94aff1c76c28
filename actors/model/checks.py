"""Checks of what users hand in. Each raises InvalidInput, which names the field and says what is wrong with its value.

They change nothing and convert nothing. Of a wrong value they show a short number alone; of all else, which may be a
secret, they name the class. Settings, messages and operations check themselves with these when they are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import NoneType
from typing import Any, get_args

from actors.model.errors import InvalidInput

__all__ = [
    "HIGHEST_ID",
    "HIGHEST_LONG",
    "check_count",
    "check_function",
    "check_kind",
    "check_moment",
    "check_number",
    "check_seconds",
    "check_sent_date",
    "check_share",
    "check_table",
    "check_text",
]

LONGEST = 10**9
"""Seconds, some thirty years. No clock, timer, lock or date is too small for so many."""

HIGHEST_ID = 2**31 - 1
"""The highest id of a message, and of an application: Telegram has 32 bits for them, one of which is the sign."""

HIGHEST_LONG = 2**63 - 1
"""The highest of Telegram's longer numbers, which peers and random_ids are; the lowest is one more below zero."""

SECONDS = range(-(2**31), 2**31)
"""Telegram's dates: seconds since 1970 in 32 bits."""

SHOWN_BITS = 20
"""Up to 1,048,575. A longer number may be of a phone, and Python refuses to write very long ones."""

_NUMBER = (int, float)


def check_number(
    field: str, value: object, *, most: float, or_zero: bool = False, or_none: bool = False, unit: str = ""
) -> None:
    """Refuse what isn't a number above 0, and at most `most`. True, false, infinity and NaN are no numbers here."""
    if isinstance(value, _NUMBER) and not isinstance(value, bool) and 0 <= value <= most and (value or or_zero):
        return
    if not (value is None and or_none):
        least = "from 0 to" if or_zero else "above 0 and at most"
        raise _wrong(field, f"a number{unit} {least} {most:,}{_or_none(or_none)}", value)


def check_seconds(field: str, value: object, *, or_zero: bool = False, or_none: bool = False) -> None:
    """Refuse what isn't a number of seconds that can be waited for."""
    if value is not None or not or_none:
        check_number(field, value, most=LONGEST, or_zero=or_zero, or_none=or_none, unit=" of seconds")


def check_share(field: str, value: object, *, or_none: bool = False) -> None:
    """Refuse what isn't a number from 0 to 1."""
    check_number(field, value, most=1, or_zero=True, or_none=or_none)


def check_count(
    field: str, value: object, *, least: int | None = 0, most: int | None = None, or_none: bool = False
) -> None:
    """Refuse what isn't a whole number within the bounds, which are inclusive; None is for no bound."""
    if isinstance(value, int) and not isinstance(value, bool):
        if (least is None or value >= least) and (most is None or value <= most):
            return
    elif value is None and or_none:
        return
    bounds = "" if least is None else f" of {least} or more" if most is None else f" from {least} to {most}"
    raise _wrong(field, f"a whole number{bounds}{_or_none(or_none)}", value)


def check_function(field: str, value: object, *, or_none: bool = False) -> None:
    """Refuse what can't be called."""
    if not callable(value) and not (value is None and or_none):
        raise _wrong(field, f"a function{_or_none(or_none)}", value)


def check_kind(field: str, value: object, kind: Any, words: str = "") -> None:
    """Refuse what isn't of a class, or of one of several (`A | None`). words: what it must be, if not their names."""
    if not isinstance(value, kind):
        raise _wrong(field, words or " or ".join(_a(one) for one in get_args(kind) or (kind,)), value)


def check_text(
    field: str, value: object, *, most: int | None = None, or_empty: bool = False, or_none: bool = False
) -> None:
    """Refuse what isn't a text that can be sent: blank, of more than `most` characters, or not to be encoded."""
    if value is None and or_none:
        return
    if not isinstance(value, str):
        raise _wrong(field, f"a text{_or_none(or_none)}", value)
    if not (or_empty or value.strip()):
        raise InvalidInput(field=field, problem="must not be blank")
    if most is not None and len(value) > most:
        raise InvalidInput(field=field, problem=f"has {len(value)} characters; it may have {most} at most")
    if not value.isascii() and not _is_encodable(value):
        raise InvalidInput(field=field, problem="has a lone surrogate in it, half of a character, which can't be sent")


def check_table(field: str, table: object, kind: Any) -> None:
    """Refuse what isn't a mapping from texts to values of a class."""
    if not isinstance(table, Mapping):
        raise _wrong(field, "a mapping", table)
    for name, value in table.items():
        if not isinstance(name, str):
            raise InvalidInput(field=field, problem=f"must have texts for keys, not {_shown(name)}")
        check_kind(f"{field}[{name!r}]", value, kind)


def check_moment(field: str, value: object) -> None:
    """Refuse what isn't a date that stands for one moment."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise _wrong(field, "a datetime with a time zone", value)


def check_sent_date(field: str, value: datetime) -> None:
    """Refuse a date that can't be sent: one that isn't a moment, or that Telegram has no number for."""
    check_moment(field, value)
    if int(value.timestamp()) not in SECONDS:
        raise InvalidInput(field=field, problem="must be a date of Telegram's, which go from 1901-12-13 to 2038-01-19")


def _is_encodable(text: str) -> bool:
    """Say whether a text is Unicode. The error would hold the text, and is dropped here."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong(field: str, must_be: str, value: object) -> InvalidInput:
    return InvalidInput(field=field, problem=f"must be {must_be}, not {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > SHOWN_BITS:
        return f"a number of {value.bit_length()} bits"
    return repr(value) if value is None or isinstance(value, _NUMBER) else _a(type(value))


def _a(kind: type) -> str:
    """Return the name of a class with its article."""
    name = "text" if kind is str else kind.__name__
    return "None" if kind is NoneType else f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def _or_none(or_none: bool) -> str:
    return ", or None" if or_none else ""
