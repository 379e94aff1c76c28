"""What a queue did that concerns many operations at once: what it held, and whom it started while others waited.

Not a trace: each operation has its own. The two are put together when somebody asks why; until then a hold of ten
thousand operations, or a start before them, is one line here. Written on the session's loop alone.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import count
from typing import NamedTuple

__all__ = ["KEPT", "Line", "QueueLog", "next_number"]

KEPT = 500
"""Lines that are kept: the last ones."""

next_number = count(1).__next__
"""Numbers what happens in a process, so that what happens at one reading of the clock has an order too."""


class Line(NamedTuple):
    """One line: a hold on `key`, or, with no key, the start of the operation that has this place in the queue."""

    number: int
    at: float
    text: str
    key: str = ""
    sequence: int = 0


class QueueLog:
    """The last lines of one queue. lost: the number of the last one that was forgotten, 0 when none was."""

    def __init__(self) -> None:
        self.lost = 0
        self._lines: list[Line] = []

    def held(self, key: str, text: str, now: float) -> None:
        """Note that from now on this key is held."""
        self._add(Line(next_number(), now, text, key=key))

    def started(self, sequence: int, label: str, now: float) -> None:
        """Note that an operation was started before others that wait."""
        self._add(Line(next_number(), now, label, sequence=sequence))

    def lines_for(self, sequence: int, needs: AbstractSet[str], since: int) -> list[Line]:
        """Return what concerns the operation of this place and these needs, from the event `since` on, oldest first."""
        return [
            line
            for line in tuple(self._lines)
            if line.number > since and (line.key in needs if line.key else line.sequence > sequence)
        ]

    def _add(self, line: Line) -> None:
        self._lines.append(line)
        if len(self._lines) > KEPT:
            self.lost = self._lines.pop(0).number
