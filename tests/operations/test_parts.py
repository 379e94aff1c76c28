"""Which parts of a file are done: a mark and what lies beyond it, beside a plain set."""

from __future__ import annotations

import pickle

from hypothesis import given, strategies as st

from actors.operations.parts import PART, Parts, bytes_in, count_parts

NUMBERS = st.lists(st.integers(0, 30), max_size=30)


@given(numbers=NUMBERS, size=st.integers(1, 31 * PART))
def test_parts_are_a_set_in_short(numbers: list[int], size: int) -> None:
    """In whatever order they come, also after pickling."""
    parts = Parts()
    for number in numbers:
        parts = parts.plus(number)
    parts = pickle.loads(pickle.dumps(parts))  # noqa: S301  our own
    assert [number for number in range(31) if number in parts] == sorted(set(numbers))
    assert list(parts.missing(size)) == [number for number in range(count_parts(size)) if number not in numbers]
    assert parts.done(size) == sum(bytes_in(number, size) for number in set(numbers))
    assert parts.mark not in parts
    assert all(number > parts.mark for number in parts.beyond)


@given(size=st.integers(0, 20 * PART))
def test_the_parts_of_a_file_are_all_of_its_bytes(size: int) -> None:
    """And nothing is beyond its end."""
    assert sum(bytes_in(part, size) for part in range(count_parts(size))) == size
    assert bytes_in(count_parts(size), size) == 0
