"""The trace of one operation while it lives and after: what happened when, in as few words as will do.

Cheap to keep, for every operation has one; it is made into a `Timeline` when somebody asks. It holds no reference to
the operation, so that neither texts nor results live on in it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from actors.model.errors import UnknownOperation
from actors.model.outcomes import Fate, StepKind, Timeline, TimelineStep

__all__ = ["ENDED", "FateBook", "Recorder", "Trace"]

STEPS = 100
"""Steps that are kept of one operation: its first and its last ones."""

_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True, eq=False)
class Trace:
    """See the module. Times are monotonic seconds."""

    operation_id: int
    operation_type: str
    name: str
    key: str | None
    session: str = ""
    outcome: str = ""
    _queued_at: datetime = _NEVER
    _accepted_at: float = 0.0
    _steps: list[tuple[float, StepKind, str]] = field(default_factory=list)
    _overtakers: int = 0

    @property
    def label(self) -> str:
        """What the operation is called in the traces of others."""
        return f"{self.name} {self.operation_id}"

    def begin(self, queued_at: datetime, accepted_at: float, detail: str) -> None:
        """Note the acceptance, in both clocks."""
        self._queued_at = queued_at
        self._accepted_at = accepted_at
        self._steps.append((accepted_at, StepKind.ACCEPTED, detail))

    def note(self, kind: StepKind, now: float, detail: str = "") -> None:
        """Note a step; the same one again and again is noted once."""
        if self._steps[-1][1:] == (kind, detail):
            return
        if len(self._steps) >= STEPS:
            del self._steps[STEPS // 2]
        self._steps.append((now, kind, detail))

    def overtaken_by(self, name: str, now: float) -> None:
        """Note that one which came later was started before; of many in a row one step tells."""
        self._overtakers += 1
        if self._steps[-1][1] is StepKind.OVERTAKEN:
            self._steps.pop()
        self.note(StepKind.OVERTAKEN, now, f"by {name}" + (f", {self._overtakers} in all" * (self._overtakers > 1)))

    def end(self, outcome: str, now: float, detail: str) -> None:
        """Note the outcome."""
        self.outcome = outcome
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


ENDED = 1000
"""Ended operations whose trace is kept; each takes about 1 KiB."""


class Recorder:
    """See the module. Operations are accepted in their senders' threads: each method is one atomic step of a dict."""

    def __init__(self, *, keep: int = ENDED) -> None:
        self._keep = keep
        self._traces: dict[int, Trace] = {}
        self._ended: deque[int] = deque()

    def accepted(self, trace: Trace) -> None:
        """Know an operation from now on."""
        self._traces[trace.operation_id] = trace

    def ended(self, trace: Trace) -> None:
        """Keep the trace for a while, and forget the oldest of those that have ended."""
        self._ended.append(trace.operation_id)
        if len(self._ended) > self._keep:
            self._traces.pop(self._ended.popleft(), None)

    def why(self, operation_id: int) -> Timeline:
        """Return what happened to an operation; UnknownOperation when it ended long ago, or never was."""
        try:
            return self._traces[operation_id].timeline()
        except KeyError:
            raise UnknownOperation(operation_id=operation_id) from None


class FateBook:
    """Where sessions write how their operations ended, from the moment on that the system shuts down."""

    def __init__(self) -> None:
        self.is_open = False
        self._fates: list[Fate] = []

    def open(self) -> None:
        """Begin to take fates in."""
        self.is_open = True

    def add(self, fate: Fate) -> None:
        """Take one in."""
        self._fates.append(fate)

    def all(self) -> tuple[Fate, ...]:
        """Return those there are."""
        return tuple(self._fates)
