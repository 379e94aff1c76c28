"""Wrong values of every kind, for tables of what must be refused by name before anything is done with it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st

import actors

__all__ = ["ANYTHING", "COUNTS", "TEXTS", "TIMES", "Make", "fields_of", "refusal", "refused", "rows"]

Make = Callable[..., object]

TIMES: tuple[Any, ...] = (-1, True, math.nan, math.inf, 10**400, 10**5000, "5", [1])
"""What is no number of seconds anywhere."""

COUNTS: tuple[Any, ...] = (-1, True, 1.5, math.nan, math.inf, "5")
"""What is no whole number that anything could be counted by."""

TEXTS: tuple[Any, ...] = (1, b"x", ["x"], "half \ud800")
"""What is no text that can be sent."""

_ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [10**400, -(10**400), 2**31, 2**63, print, int, object(), actors.Verdict.UNKNOWN, actors.Backoff()]
    ),
    st.floats(),
    st.text(st.characters()),  # surrogates are among them
    st.binary(),
    st.datetimes(),
)

ANYTHING = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(st.lists(inner), st.tuples(inner), st.dictionaries(st.text() | st.integers(), inner)),
    max_leaves=4,
)
"""Whatever a program may hand over by mistake."""


def made_by(make: Make) -> Any:
    """Return the class that is made, also when a part of what it needs is given already."""
    return make.func if isinstance(make, partial) else make


def fields_of(*makes: Make) -> list[Any]:
    """Return a row for each field of some dataclasses: what makes one, and the field."""
    return [
        pytest.param(make, field.name, id=f"{made_by(make).__name__}.{field.name}")
        for make in makes
        for field in dataclasses.fields(made_by(make))
        if field.init
    ]


def rows(make: Make, **wrong: Iterable[Any]) -> list[Any]:
    """Return a row for each wrong value of each argument: what is called, which argument, and the value."""
    return [
        pytest.param(make, field, value, id=f"{made_by(make).__name__}.{field} {type(value).__name__}")
        for field, values in wrong.items()
        for value in values
    ]


def refusal(make: Callable[[], object]) -> actors.InvalidInput | None:
    """Return the error of a call, None when everything was taken. Any other error fails the test."""
    try:
        make()
    except actors.InvalidInput as error:
        return error
    return None


def refused(make: Callable[[], object], field: str) -> actors.InvalidInput:
    """Return the error of a call, which must name the field, and hold nothing of what was wrong."""
    error = refusal(make)
    assert error is not None
    assert field in error.field
    assert error.field in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    return error
