"""The short run. The long one is `python -m tests.whole.chaos --seconds 60 --seed N`."""

from __future__ import annotations

import random

import pytest

from tests.whole.chaos.mutants import MUTANTS
from tests.whole.chaos.run import chaos

SESSIONS = 12


@pytest.mark.slow
def test_every_invariant_holds_after_a_few_seconds_of_chaos() -> None:
    """Under a seed of its own each time; it is in the message, and replays the script."""
    seed = random.randrange(2**32)  # noqa: S311  not a secret
    report = chaos(seed, seconds=8.0, sessions=SESSIONS)
    broken = {name: sentences for name, sentences in report.violations.items() if sentences}
    assert not broken, f"python -m tests.whole.chaos --seconds 8 --sessions {SESSIONS} --seed {seed}\n{broken}"
    assert sum(report.outcomes.values()) > 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "seed", "found"),
    [
        ("sending twice", 2222, {"no message is there twice", "what was reported not sent is not there"}),
        ("forgetting a cancel", 1, {"every operation has one outcome"}),
    ],
)
def test_a_promise_that_is_broken_on_purpose_is_found(mutant: str, seed: int, found: set[str]) -> None:
    """A test of the test."""
    with MUTANTS[mutant]():
        report = chaos(seed, seconds=5.0, sessions=SESSIONS)
    assert {name for name, sentences in report.violations.items() if sentences} & found
