"""Two short runs. The long one is `python -m tests.whole.chaos --seconds 60 --seed N`; the gate does one of 20 s."""

from __future__ import annotations

import pytest

from tests.whole.chaos.mutants import MUTANTS
from tests.whole.chaos.run import Report, chaos

SEED, SESSIONS = 2026, 8


def broken(report: Report) -> dict[str, list[str]]:
    """Return the invariants that didn't hold, each with what breaks it."""
    return {name: sentences for name, sentences in report.violations.items() if sentences}


@pytest.mark.slow
def test_every_invariant_holds_after_a_few_seconds_of_chaos() -> None:
    """Always the same script; what happens in between is the machine's."""
    report = chaos(SEED, seconds=4.0, sessions=SESSIONS)
    assert not broken(report), f"python -m tests.whole.chaos --seconds 4 --sessions {SESSIONS} --seed {SEED}"
    assert sum(report.outcomes.values()) > 50


@pytest.mark.gate
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
        report = chaos(seed, seconds=5.0, sessions=12)
    assert broken(report).keys() & found
