"""The traces of a system's operations: what happened to each, of all that live and of the last ones that have ended.

Not a log: nothing is written anywhere, and what is old is forgotten. Sessions note what happens; the supervisor makes
timelines and the report of a shutdown from it. A trace holds no reference to its operation, so that neither texts nor
results live on in it.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from actors.model.errors import UnknownOperation
from actors.model.outcomes import Fate, Outcome, StepKind, Timeline, TimelineStep
from actors.operations.operation import Operation

__all__ = ["Recorder", "Trace"]

STEPS = 100
"""Steps that are kept of one operation: its first and its last ones."""


class Trace:
    """What happened to one operation, step by step, in as few words as will do. Times are monotonic seconds."""

    __slots__ = (
        "_accepted_at",
        "_overtakers",
        "_queued_at",
        "_steps",
        "detail",
        "key",
        "name",
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
        self._overtakers = 0
        self._steps: list[tuple[float, StepKind, str]] = [(accepted_at, StepKind.ACCEPTED, f"priority {priority}")]

    @property
    def label(self) -> str:
        """What the operation is called in the traces of others."""
        return f"{self.name} {self.operation_id}"

    def note(self, kind: StepKind, now: float, detail: str = "") -> None:
        """Note a step; the same one again and again is noted once."""
        steps = self._steps
        if steps[-1][1] is kind and steps[-1][2] == detail:
            return
        if len(steps) >= STEPS:
            del steps[STEPS // 2]
        steps.append((now, kind, detail))

    def overtaken_by(self, name: str, now: float) -> None:
        """Note that one which came later was started before; of many in a row one step tells."""
        self._overtakers += 1
        if self._steps[-1][1] is StepKind.OVERTAKEN:
            self._steps.pop()
        self.note(StepKind.OVERTAKEN, now, f"by {name}" + (f", {self._overtakers} in all" * (self._overtakers > 1)))

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
                for at, kind, detail in tuple(self._steps)
            ),
        )

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
