"""What became of everything when a system stopped: one fate for each operation that was still open, and a summary.

Frozen and picklable; free of message texts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

__all__ = ["Fate", "ShutdownReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How an operation ended that was open when its session began to stop. outcome: `done`, `rejected`, ...

    detail: the error in a few words, empty for a success.
    """

    session: str
    operation_id: int
    name: str
    key: str | None
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownReport:
    """A shutdown: how many seconds it took, whose sessions stopped, whose did not in time, and every fate."""

    took: float
    stopped: tuple[str, ...]
    late: tuple[str, ...]
    fates: tuple[Fate, ...]

    def counts(self) -> dict[str, int]:
        """Return how many operations ended each way."""
        return dict(Counter(fate.outcome for fate in self.fates))

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.counts().items())) or "none was open"
        late = f"; not in time: {', '.join(self.late)}" if self.late else ""
        return f"{len(self.stopped)} sessions stopped in {self.took:.1f} s{late}; operations: {ends}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with stable keys, ready for JSON."""
        return {
            "took": self.took,
            "stopped": list(self.stopped),
            "late": list(self.late),
            "counts": self.counts(),
            "fates": [
                {name: getattr(fate, name) for name in ("session", "operation_id", "name", "key", "outcome", "detail")}
                for fate in self.fates
            ],
        }
