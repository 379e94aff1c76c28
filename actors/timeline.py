"""What happened to one operation, step by step: the answer to *why did it take so long* and *why did it fail*.

Frozen and picklable, and free of secrets: a step names operations, keys, methods and errors, never their contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

__all__ = ["StepKind", "Timeline", "TimelineStep"]


class StepKind(Enum):
    """What can happen to an accepted operation."""

    ACCEPTED = "accepted"
    OVERTAKEN = "overtaken"
    HELD = "held"
    STARTED = "started"
    PAUSED = "paused"
    ATTEMPT_FAILED = "attempt failed"
    CANCELLED = "told to end"
    ABANDONED = "abandoned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step: when (aware UTC), what, and the particulars for people."""

    at: datetime
    kind: StepKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All that is known of one operation. outcome: empty while it waits or runs; str() has a line for each step."""

    operation_id: int
    session: str
    operation_type: str
    name: str
    key: str | None
    outcome: str
    steps: tuple[TimelineStep, ...]

    def __str__(self) -> str:
        first = self.steps[0].at
        lines = [f"{self.name} {self.operation_id} ({self.operation_type}) on {self.session!r}"]
        for step in self.steps:
            seconds = (step.at - first).total_seconds()
            lines.append(f"  {seconds:+9.3f} s  {step.kind.value:<14} {step.detail}".rstrip())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with stable keys, ready for JSON."""
        return {
            "operation_id": self.operation_id,
            "session": self.session,
            "operation_type": self.operation_type,
            "name": self.name,
            "key": self.key,
            "outcome": self.outcome,
            "steps": [
                {"at": step.at.isoformat(), "kind": step.kind.value, "detail": step.detail} for step in self.steps
            ],
        }
