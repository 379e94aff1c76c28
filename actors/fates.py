"""What became of everything when a system stopped: one fate for each operation that was still open, and a summary.

What leaves the system is frozen and picklable, and free of message texts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

__all__ = ["Fate", "FateBook", "ShutdownReport"]


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
