from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import actors
from tests.whole.chaos.invariants import LAST, MEMORY, Held, Seen, violations
from tests.whole.chaos.journal import DONE, REFUSED, UNKNOWN, Journal, Record
from tests.whole.chaos.leftovers import Holding
from tests.whole.chaos.subscribers import Heard


def sent(outcome: str = DONE, *, message_id: int = 7, answers: int = 1) -> Record:
    """Return the record of a send from ann to bob."""
    record = Record(1, "ann", "send", text="hello", chat="bob", outcome=outcome, answers=answers)
    record.message_id = message_id if outcome == DONE else 0
    return record


THERE = (Held("ann", 7, "ann", "hello"), Held("bob", 3, "ann", "hello"))
ALIVE = Record(2, "ann", LAST, outcome=DONE, answers=1)
DOWN, DOOMED = Heard(actors.SessionDown, "ann"), Heard(actors.SessionDown, "ann", reason="its key is gone")
NEWS = [Heard(actors.MessageReceived, "ann", 1, 5), Heard(actors.MonitorEnded, "ann", 1)]
BEFORE = Holding(9, 1000, 3, Counter())

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("every operation has one outcome", {"records": [sent(UNKNOWN, answers=0)]}),
    ("every operation has one outcome", {"records": [sent(UNKNOWN, answers=2)]}),
    ("every operation has one outcome", {"strangers": {"ann": 1}}),
    ("no message is there twice", {"records": [sent(UNKNOWN)], "held": (*THERE, Held("bob", 4, "ann", "hello"))}),
    ("what was reported sent is there", {"records": [sent()]}),
    ("what was reported sent is there", {"records": [sent(message_id=8)], "held": THERE}),
    ("what was reported not sent is not there", {"records": [sent("QueueWaitTimeout")], "held": THERE}),
    ("what was reported not sent is not there", {"records": [sent(REFUSED)], "held": THERE}),
    ("nothing is there that nobody sent", {"held": THERE}),
    ("a monitor reports in order and ends once", {"monitored": [NEWS[0], *NEWS]}),
    ("a monitor reports in order and ends once", {"monitored": [*NEWS, NEWS[1]]}),
    ("a monitor reports in order and ends once", {"monitored": NEWS[:1]}),
    ("revoked sessions are down and no other", {"sessions": ["ann"], "records": [ALIVE], "events": [DOOMED]}),
    ("revoked sessions are down and no other", {"sessions": ["ann"], "records": [ALIVE]}),
    ("revoked sessions are down and no other", {"sessions": ["ann"], "revoked": {"ann"}, "events": [DOWN]}),
    ("the others work again", {"sessions": ["ann"], "events": [DOWN]}),
    (
        "the others work again",
        {"sessions": ["ann"], "events": [DOWN], "records": [Record(2, "ann", LAST, outcome=UNKNOWN, answers=1)]},
    ),
    ("one operation at a time", {"overlaps": ["ann"]}),
    ("nothing failed inside", {"errors": ["actors.session: could not handle"]}),
    ("the registry is empty", {"registered": ["ann: connection"]}),
    ("no task is left", {"tasks": ["Task-7"]}),
    ("no descriptor is left", {"before": BEFORE, "after": Holding(10, 1000, 3, Counter())}),
    ("no memory is left", {"before": BEFORE, "after": Holding(9, 1001 + MEMORY, 3, Counter())}),
    ("no memory is left", {"before": BEFORE, "after": Holding(9, 1000, 3, Counter({"actors.session.slot.Slot": 1}))}),
]


@pytest.mark.parametrize(("name", "seen"), BROKEN)
def test_what_is_wrong_breaks_its_invariant_and_no_other(name: str, seen: dict[str, Any]) -> None:
    """In a sentence or more."""
    found = violations(Seen(**seen))
    assert [broken for broken, sentences in found.items() if sentences] == [name]


@pytest.mark.parametrize(
    "seen",
    [
        {"records": [sent()], "held": THERE},
        {"records": [sent(UNKNOWN)], "held": THERE},
        {"records": [sent(UNKNOWN)]},
        {"records": [sent("FloodWait")]},
        {"monitored": NEWS},
        {"sessions": ["ann"], "records": [ALIVE], "events": [DOWN]},
        {"sessions": ["ann"], "revoked": {"ann"}, "events": [DOOMED]},
        {"before": BEFORE, "after": Holding(8, 900, 3, Counter())},
    ],
)
def test_what_is_as_promised_breaks_nothing(seen: dict[str, Any]) -> None:
    """An unknown outcome may be either."""
    assert not any(violations(Seen(**seen)).values())


def test_told_operations_are_found_again_in_what_was_published() -> None:
    """By their id once they have started, by their number before."""
    journal = Journal(seed=1)
    returned, failed, silent, unstarted, forgotten = (journal.open("ann", "told send", told=True) for _ in range(5))
    for operation_id, record in enumerate((returned, failed, silent), 1):
        record.operation_id = operation_id
    returned.returned = True
    reports = [Heard(actors.OperationFailed, "ann", subject, reason="FloodWait") for subject in (2, 9)]
    journal.resolve(reports)
    assert (returned.outcome, failed.outcome) == (DONE, "FloodWait")
    assert [record.answers for record in (returned, failed, silent, unstarted, forgotten)] == [1, 1, 0, 1, 0]
    assert not journal.strangers
