"""How operations end: their outcomes, the timeline of one operation, and the report of a shutdown.

Everything here is frozen, picklable and free of secrets: a step names operations, keys, methods and errors, never their
contents. Sessions write it down; `system.why()` and `system.report` hand it to users.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from actors.model.snapshot import Snapshot

__all__ = ["Fate", "Outcome", "ShutdownReport", "StepKind", "Timeline", "TimelineStep"]


class Outcome(StrEnum):
    """How an operation ended; each accepted one has exactly one outcome. A member equals its value, as plain text."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class StepKind(Enum):
    """What can happen to an accepted operation."""

    ACCEPTED = "accepted"
    OVERTAKEN = "overtaken"
    HELD = "held"
    STARTED = "started"
    PAUSED = "paused"
    ATTEMPT_FAILED = "attempt failed"
    ABANDONED = "abandoned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TimelineStep(Snapshot):
    """One step in the life of an operation: when it happened (aware UTC), what it was, and details for people."""

    at: datetime
    kind: StepKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Snapshot):
    """All that is known of one operation. outcome: None while it waits or runs; str() has a line for each step."""

    operation_id: int
    session: str
    operation_type: str
    name: str
    key: str | None
    outcome: Outcome | None
    steps: tuple[TimelineStep, ...]

    def __str__(self) -> str:
        first = self.steps[0].at
        lines = [f"{self.name} {self.operation_id} ({self.operation_type}) on {self.session!r}"]
        for step in self.steps:
            seconds = (step.at - first).total_seconds()
            lines.append(f"  {seconds:+9.3f} s  {step.kind.value:<14} {step.detail}".rstrip())
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate(Snapshot):
    """How an operation ended that was open when its session began to stop. detail: the error in a few words."""

    session: str
    operation_id: int
    name: str
    key: str | None
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownReport(Snapshot):
    """What a shutdown did: the seconds it took, the sessions that stopped, those that were late, and every fate."""

    took: float
    stopped: tuple[str, ...]
    late: tuple[str, ...]
    fates: tuple[Fate, ...]

    def counts(self) -> dict[str, int]:
        """Return how many operations ended each way."""
        return dict(Counter(fate.outcome.value for fate in self.fates))

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.counts().items())) or "none was open"
        late = f"; not in time: {', '.join(self.late)}" if self.late else ""
        return f"{len(self.stopped)} sessions stopped in {self.took:.1f} s{late}; operations: {ends}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, and the counts beside them."""
        return {**Snapshot.to_dict(self), "counts": self.counts()}
