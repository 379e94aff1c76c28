"""How it grows: CPU of a send and memory of a session with 10 to 2,000 sessions on one core, beside those with 100.

No bars: figures to plan with. Each point is a process of its own. `--sessions 2000` adds the last.
"""

from __future__ import annotations

from collections.abc import Iterator

from actors.testing import loopback
from tests.whole.benchmarks.fleet import in_child, logins
from tests.whole.benchmarks.measure import Row, row_of
from tests.whole.benchmarks.stage import SIZES

__all__ = ["rows"]

POINTS = (10, 100, 500, 1000, 2000)
BASE = 100
"""With fewer, memory that was there already is a large part."""

FIGURES = (("send", "CPU of a send, all sessions sending", "s"), ("resident", "resident memory of a session", "bytes"))


def rows() -> Iterator[Row]:
    """Yield two rows a point, up to as many sessions as are wanted."""
    found: dict[int, dict[str, float]] = {}
    for number in POINTS:
        if number <= max(SIZES.sessions, BASE):
            with loopback(timeout=120) as telegram:
                found[number] = in_child("ours", "growth", logins(telegram, number))
    base = found[BASE]
    for name, what, unit in FIGURES:
        for number, figures in found.items():
            pairs = [(figures[name], base[name])]
            what_of = f"{what}, {number:,} sessions"
            yield row_of(what_of, f"with {BASE}", unit, pairs, bar=None, higher_is_better=False)
