"""What a session can't do anything with is refused by name, before anything is sent."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

import actors
from actors.testing import Loopback
from tests.wrong import COUNTS, TEXTS, TIMES, Make, refused, rows


@pytest.mark.parametrize(
    ("make", "field", "value"), rows(actors.CancelOperation, operation_id=COUNTS, key=["", *TEXTS])
)
def test_a_cancel_of_what_no_operation_is_called_is_refused(make: Make, field: str, value: object) -> None:
    """A key in the place of the id is the likeliest mistake."""
    refused(partial(make, **{field: value}), field)


def test_a_patience_that_can_not_be_had_is_refused_before_anything_is_sent(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Whoever got an error for it would send again."""
    telegram.add_session("bob")
    wrong: list[Any] = list(TIMES)
    for timeout in wrong:
        refused(partial(alice.ask, actors.SendMessage("bob", "hello"), timeout=timeout), "timeout")
    with pytest.raises(actors.InvalidInput):
        alice.ask(actors.Monitor(to="nobody"))  # type: ignore[arg-type]
    assert telegram.messages("bob") == []
    assert alice.ask(actors.SendMessage("bob", "hello"), timeout=5).id > 0
