"""The life of a session: every phase times every signal."""

from __future__ import annotations

import itertools

import pytest

from actors.model.phases import STEPS, Phase, Signal, step
from tests.model.diagram import CHAPTER, rewritten

PAIRS = list(itertools.product(Phase, Signal))


@pytest.mark.parametrize(("phase", "signal"), PAIRS, ids=lambda value: value.value)
def test_a_step_goes_where_the_table_says_or_nowhere(phase: Phase, signal: Signal) -> None:
    """What isn't in the table changes nothing."""
    assert step(phase, signal) is STEPS.get((phase, signal), phase)


@pytest.mark.parametrize("signal", Signal)
def test_the_dead_and_the_stopped_stay_so(signal: Signal) -> None:
    """There is no way back from the two ends."""
    assert step(Phase.DEAD, signal) is Phase.DEAD
    assert step(Phase.STOPPED, signal) is Phase.STOPPED


def test_every_phase_can_be_reached_from_offline() -> None:
    """No row of the table is out of reach."""
    reached = {Phase.OFFLINE}
    while True:
        more = {step(phase, signal) for phase in reached for signal in Signal} - reached
        if not more:
            break
        reached |= more
    assert reached == set(Phase)


def test_the_diagram_in_the_docs_is_the_table() -> None:
    """Made by `python -m tests.model.diagram`."""
    assert CHAPTER.read_text(encoding="utf-8") == rewritten()
