"""How a ratio is measured: both sides in turn, several times; the median of the ratios counts, the rest is kept."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Row", "compare"]

ROUNDS = 7


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is ours over theirs; `bar` its least value, or its most when lower is better."""

    what: str
    beside: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    bar: float
    higher_is_better: bool
    ratios: tuple[float, ...]

    @property
    def is_met(self) -> bool:
        """Whether the bar is met."""
        return self.ratio >= self.bar if self.higher_is_better else self.ratio <= self.bar

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {**asdict(self), "is_met": self.is_met}


def compare(
    what: str,
    beside: str,
    unit: str,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    *,
    bar: float,
    higher_is_better: bool = True,
    rounds: int = ROUNDS,
) -> Row:
    """Measure both sides in turn, whoever goes first alternating, and return the row."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = theirs()
            pairs.append((ours(), second))
        else:
            first = ours()
            pairs.append((first, theirs()))
    ratios = tuple(one / other for one, other in pairs)
    return Row(
        what=what,
        beside=beside,
        unit=unit,
        ours=statistics.median(one for one, _ in pairs),
        theirs=statistics.median(other for _, other in pairs),
        ratio=statistics.median(ratios),
        bar=bar,
        higher_is_better=higher_is_better,
        ratios=ratios,
    )
