"""The traces of a system's operations: what happened to each, of all that live and of the last ones that have ended.

Not a log: nothing is written anywhere, and what is old is forgotten. Sessions note what happens; the supervisor makes
timelines and the report of a shutdown from it. What concerns many operations at once stands in the log of their queue,
and is put in between when somebody asks. A trace holds no reference to its operation, so that neither texts nor results
live on in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from heapq import merge
from typing import NamedTuple

from actors.model.errors import UnknownOperation
from actors.model.outcomes import Fate, Outcome, StepKind, Timeline, TimelineStep
from actors.operations.operation import Operation
from actors.session.queue_log import Line, QueueLog, next_number

__all__ = ["Recorder", "Trace"]

STEPS = 100
"""Steps that are kept of one operation: its first and its last ones."""

_WAITS_AFTER = (StepKind.ACCEPTED, StepKind.PAUSED, StepKind.ATTEMPT_FAILED)


class Step(NamedTuple):
    """One step; number: its place among all that happens in the process."""

    number: int
    at: float
    kind: StepKind
    detail: str


class Trace:
    """What happened to one operation, step by step, in as few words as will do. Times are monotonic seconds.

    needs: the keys that may hold it up, as the log of its queue has them.
    """

    __slots__ = (
        "_accepted_at",
        "_log",
        "_queued_at",
        "_sequence",
        "_steps",
        "detail",
        "key",
        "name",
        "needs",
        "operation_id",
        "operation_type",
        "outcome",
        "session",
    )

    def __init__(
        self,
        operation_id: int,
        operation: Operation[object],
        session: str,
        queued_at: datetime,
        accepted_at: float,
        priority: int,
    ) -> None:
        self.operation_id = operation_id
        self.operation_type = operation.operation_type
        self.name = type(operation).__name__
        self.key = operation.key
        self.session = session
        self.outcome: Outcome | None = None
        self.detail = ""
        self._queued_at = queued_at
        self._accepted_at = accepted_at
        self.needs: AbstractSet[str] = frozenset()
        self._log: QueueLog | None = None
        self._sequence = 0
        self._steps = [Step(next_number(), accepted_at, StepKind.ACCEPTED, f"priority {priority}")]

    @property
    def label(self) -> str:
        """What the operation is called in the traces of others."""
        return f"{self.name} {self.operation_id}"

    def waits_in(self, log: QueueLog, sequence: int, needs: AbstractSet[str]) -> None:
        """Note whose log tells what concerned others too, and what this operation is there."""
        self._log, self._sequence, self.needs = log, sequence, needs

    def note(self, kind: StepKind, now: float, detail: str = "") -> None:
        """Note a step; the same one again and again is noted once."""
        _append(self._steps, Step(next_number(), now, kind, detail))

    def end(self, outcome: Outcome, now: float, detail: str) -> None:
        """Note the outcome, and the error in a few words."""
        self.outcome = outcome
        self.detail = detail
        self.note(StepKind.ENDED, now, f"{outcome}: {detail}" if detail else outcome)

    def timeline(self) -> Timeline:
        """Return a frozen copy for people."""
        return Timeline(
            operation_id=self.operation_id,
            session=self.session,
            operation_type=self.operation_type,
            name=self.name,
            key=self.key,
            outcome=self.outcome,
            steps=tuple(
                TimelineStep(self._queued_at + timedelta(seconds=at - self._accepted_at), kind, detail)
                for _, at, kind, detail in self._all_steps()
            ),
        )

    def _all_steps(self) -> list[Step]:
        """Return its own steps, and between them those of its queue's log that came while it waited."""
        own, log = tuple(self._steps), self._log
        if log is None:
            return list(own)
        lines = log.lines_for(self._sequence, self.needs, own[0].number)
        steps: list[Step] = []
        overtakers, waits = 0, True
        for step in merge(own, (_step(line) for line in lines)):
            if step.kind is StepKind.OVERTAKEN:
                if not waits:
                    continue
                overtakers += 1
                if steps[-1].kind is StepKind.OVERTAKEN:
                    steps.pop()
                more = "" if log.lost < own[0].number else " or more"
                total = f", {overtakers}{more} in all" if overtakers > 1 or more else ""
                _append(steps, step._replace(detail=f"by {step.detail}{total}"))
            elif step.kind is not StepKind.HELD:
                waits = step.kind in _WAITS_AFTER
                _append(steps, step)
            elif waits:
                _append(steps, step)
        return steps

    def fate(self) -> Fate | None:
        """Return how it ended, None while it hasn't."""
        if self.outcome is None:
            return None
        return Fate(
            session=self.session,
            operation_id=self.operation_id,
            name=self.name,
            key=self.key,
            outcome=self.outcome,
            detail=self.detail,
        )


def _step(line: Line) -> Step:
    """Return a line of a queue's log as a step of one of those that it concerns."""
    if line.key:
        return Step(line.number, line.at, StepKind.HELD, f"{line.key}: {line.text}")
    return Step(line.number, line.at, StepKind.OVERTAKEN, line.text)


def _append(steps: list[Step], step: Step) -> None:
    """Append a step; the same one again is no news, and of too many those in the middle go."""
    if steps and steps[-1].kind is step.kind and steps[-1].detail == step.detail:
        return
    if len(steps) >= STEPS:
        del steps[STEPS // 2]
    steps.append(step)


class Recorder:
    """Every live operation's trace, and those of the last ones that have ended: `keep` of them.

    Operations are accepted in their senders' threads: each method is one atomic step of a dict.
    """

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._traces: dict[int, Trace] = {}
        self._ended: deque[int] = deque()
        self._last: list[Trace] | None = None

    def accepted(self, trace: Trace) -> None:
        """Know an operation from now on."""
        self._traces[trace.operation_id] = trace

    def refused(self, trace: Trace) -> None:
        """Forget an operation that wasn't accepted after all."""
        self._traces.pop(trace.operation_id, None)

    def ended(self, trace: Trace) -> None:
        """Keep the trace for a while, and forget the oldest of those that have ended."""
        self._ended.append(trace.operation_id)
        if len(self._ended) > self._keep:
            self._traces.pop(self._ended.popleft(), None)
        if self._last is not None:
            self._last.append(trace)

    def why(self, operation_id: int) -> Timeline:
        """Return what happened to an operation; UnknownOperation when it ended long ago, or never was."""
        try:
            return self._traces[operation_id].timeline()
        except KeyError:
            raise UnknownOperation(operation_id=operation_id) from None

    def begin_report(self) -> None:
        """Keep every operation that ends from now on, for `fates`: the system shuts down."""
        self._last = []

    def fates(self) -> tuple[Fate, ...]:
        """Return how each operation ended since `begin_report`."""
        return tuple(fate for trace in self._last or () if (fate := trace.fate()) is not None)
