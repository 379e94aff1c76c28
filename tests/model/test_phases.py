"""The life of a session: every phase times every signal."""

from __future__ import annotations

from actors.model.phases import Phase, Signal, step
from tests.model.diagram import CHAPTER, rewritten

MOVES = """
                dial        connected  lost     retry_later  drain     stop     doom
    offline     connecting  online     -        backing_off  draining  stopped  dead
    connecting  -           online     -        backing_off  draining  stopped  dead
    online      -           -          offline  backing_off  draining  stopped  dead
    backing_off connecting  -          -        -            draining  stopped  dead
    draining    -           -          -        -            -         stopped  dead
    stopped     -           -          -        -            -         -        -
    dead        -           -          -        -            -         -        -
"""
"""Where each signal leads from each phase, `-`: nowhere. Written by hand, so that a change shows in the diff."""


def test_every_signal_leads_from_every_phase_where_it_is_written_here() -> None:
    """All 49 cells; late news of a connection is no news."""
    head, *rows = (line.split() for line in MOVES.strip().splitlines())
    for start, *ends in rows:
        for signal, end in zip(head, ends, strict=True):
            assert step(Phase(start), Signal(signal)) is Phase(start if end == "-" else end), (start, signal)
    assert [row[0] for row in rows] == [phase.value for phase in Phase]
    assert head == [signal.value for signal in Signal]


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
