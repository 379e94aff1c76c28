"""Well-formed requests with hostile arguments, for every RPC that the loopback answers: made from their signatures.

What they say is nonsense, or nearly right: some of the peers are real, so that handlers get to do something. Made by a
seeded Random rather than by a strategy: the TL schema as one strategy would be slow, and its repr endless.
"""

from __future__ import annotations

import datetime as dt
import inspect
import types as python_types
import typing
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from telethon.tl import functions, types

from actors.testing.server.methods.registry import HANDLERS

__all__ = ["Hints", "request"]

Hints = dict[str, list[Any]]
DEPTH = 4  # objects inside objects; deeper ones are None
NUMBERS = [0, 1, 2, 3, 5, 99, 100, 101, 4096, 2**31 - 1, -1, -100, -(2**31)]
TEXTS = ["", "x", "me", "@square", "mallory", "https://t.me/+abc", "0", " ", "\x00", "a" * 5000, "\U0001f600"]
DATES = [dt.datetime.fromtimestamp(seconds, dt.UTC) for seconds in (0, 1, 1_700_000_000, 2**31 - 1)]
FLOATS = [0.0, -1.0, 1e308, float("nan"), float("inf")]
LEAVING = {functions.auth.LogOutRequest, functions.auth.ResetAuthorizationsRequest}  # would make all that follows a 401
PLAIN: dict[Any, Callable[[Random], Any]] = {
    int: lambda dice: dice.choice(NUMBERS) if dice.random() < 0.7 else dice.randint(-(2**31), 2**31 - 1),
    str: lambda dice: dice.choice(TEXTS),
    bytes: lambda dice: dice.randbytes(dice.choice([0, 1, 4, 16, 60, 256, 1024])),
    bool: lambda dice: dice.random() < 0.5,
    float: lambda dice: dice.choice(FLOATS),
    dt.datetime: lambda dice: dice.choice(DATES),
}


@cache
def _parameters(kind: Any) -> list[tuple[str, Any]]:
    if kind.__init__ is object.__init__:
        return []
    return [(one.name, one.annotation) for one in list(inspect.signature(kind.__init__).parameters.values())[1:]]


@cache
def _constructors(name: str) -> tuple[Any, ...]:
    """Return the classes of a TL type, such as TypeInputPeer or messages.TypeMessages."""
    area, _, bare = name.rpartition(".")
    place = getattr(types, area, types) if area else types
    found = getattr(place, bare, None)
    return typing.get_args(found) or ((found,) if found is not None else ())


def _value(dice: Random, annotation: Any, hints: Hints, depth: int) -> Any:
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _named(dice, annotation, hints, depth)
    if annotation in PLAIN:
        return PLAIN[annotation](dice)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list:
        return [_value(dice, arguments[0], hints, depth) for _ in range(dice.choice([0, 1, 1, 2, 12]))]
    if origin in (typing.Union, python_types.UnionType):
        wanted = [one for one in arguments if one is not type(None)]
        if len(wanted) < len(arguments) and dice.random() < 0.6:
            return None
        return _value(dice, dice.choice(wanted), hints, depth)
    return _built(dice, annotation, hints, depth - 1) if depth > 0 else None


def _named(dice: Random, name: str, hints: Hints, depth: int) -> Any:
    if name in hints and dice.random() < 0.7:
        return dice.choice(hints[name])
    kinds = _constructors(name)
    return _built(dice, dice.choice(kinds), hints, depth - 1) if kinds and depth > 0 else None


def _built(dice: Random, kind: Any, hints: Hints, depth: int) -> Any:
    if not hasattr(kind, "CONSTRUCTOR_ID"):
        return None
    return kind(**{name: _value(dice, annotation, hints, depth) for name, annotation in _parameters(kind)})


def request(dice: Random, hints: Hints) -> bytes:
    """Return a request to one of the handlers; empty when its arguments turned out to have no encoding."""
    kind = dice.choice(_kinds())
    try:
        return bytes(_built(dice, kind, hints, DEPTH))
    except Exception:  # noqa: BLE001  Telethon's generated code raises anything
        return b""


@cache
def _kinds() -> list[Any]:
    return sorted(HANDLERS.keys() - LEAVING, key=lambda kind: kind.CONSTRUCTOR_ID)
