"""How a ratio is measured: both sides in turn, several times; the median of the ratios counts, the rest is kept."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["EAGER", "Row", "compare", "cpu_of", "row_of"]

ROUNDS = 7

EAGER = sys.version_info >= (3, 12)
"""Whether this Python begins tasks at once (`asyncio.Task(eager_start=True)`); some bars depend on it."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is ours over theirs; `bar` its least value, or its most when lower is better.

    bar: None for a figure that is only shown. calls: Python calls for one of what is measured, ours and theirs.
    """

    what: str
    beside: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    bar: float | None
    higher_is_better: bool
    ratios: tuple[float, ...]
    calls: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        """Whether the bar is met."""
        if self.bar is None:
            return True
        return self.ratio >= self.bar if self.higher_is_better else self.ratio <= self.bar

    def with_calls(self, ours: float, theirs: float) -> Row:
        """Return the row with counts of Python calls beside the ratio."""
        return replace(self, calls=(ours, theirs))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {**asdict(self), "is_met": self.is_met}

    @classmethod
    def of_dict(cls, found: dict[str, Any]) -> Row:
        """Return the row that `to_dict` told of."""
        calls = found.get("calls")
        rest = {name: value for name, value in found.items() if name != "is_met"}
        return cls(**{**rest, "ratios": tuple(found["ratios"]), "calls": None if calls is None else tuple(calls)})


def row_of(
    what: str,
    beside: str,
    unit: str,
    pairs: Sequence[tuple[float, float]],
    *,
    bar: float | None,
    higher_is_better: bool = True,
) -> Row:
    """Return the row of what was measured: pairs of our figure and theirs, each from one round."""
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


def compare(
    what: str,
    beside: str,
    unit: str,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    *,
    bar: float | None,
    higher_is_better: bool = True,
    rounds: int = ROUNDS,
) -> Row:
    """Measure both sides in turn, whoever goes first alternating, and return the row."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = _measured(theirs)
            pairs.append((_measured(ours), second))
        else:
            first = _measured(ours)
            pairs.append((first, _measured(theirs)))
    return row_of(what, beside, unit, pairs, bar=bar, higher_is_better=higher_is_better)


def _measured(side: Callable[[], float]) -> float:
    """Measure one side; the other's garbage is collected before."""
    gc.collect()
    return side()


async def cpu_of(work: Callable[[], Awaitable[Any]]) -> float:
    """Return the CPU seconds of this process while it does some work. The server is another process."""
    begun = time.process_time()
    await work()
    return time.process_time() - begun
