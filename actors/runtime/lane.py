"""A lane of a mailbox: entries that wait, in the order of their turns. Not a mailbox: it knows no bound and no holds.

Heaps give the order. What leaves stays in them, unseen, until it comes up or is swept out; so putting in and taking out
cost O(log n), wherever an entry stands.
"""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush
from typing import Generic, Protocol, TypeVar

__all__ = ["SWEEP", "E", "Entry", "Lane", "deadline", "turn"]

SWEEP = 64
"""Places in a heap that nobody has any more, beyond as many as count, from which on they are swept out."""


class Entry(Protocol):
    """What the mailbox has to know of what waits in it. Times are monotonic seconds.

    sequence: its place among its equals, which the mailbox gives it.
    """

    sequence: int

    @property
    def priority(self) -> int:
        """Higher goes first."""

    @property
    def has_started(self) -> bool:
        """Whether it was taken before, and given back."""

    @property
    def is_bounded(self) -> bool:
        """Whether it counts against the capacity."""

    @property
    def needs(self) -> AbstractSet[str]:
        """The keys that may hold it up."""

    @property
    def due_at(self) -> float:
        """From when it goes before all others; infinity for never."""

    @property
    def wait_deadline(self) -> float:
        """By when it must have started; infinity for no such limit."""

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended for it still to make sense."""


E = TypeVar("E", bound=Entry)


def turn(entry: Entry) -> tuple[int, int]:
    """Return what entries are sorted by: the highest priority first, of equals the first that came."""
    return (-entry.priority, entry.sequence)


def deadline(entry: Entry) -> tuple[float, int]:
    """Return what those that are due are sorted by: the earliest deadline first."""
    return (entry.wait_deadline, entry.sequence)


class Lane(Generic[E]):
    """Entries that wait for the same thing. key: what that is, "" for nothing but their turn."""

    __slots__ = ("_due", "_turns", "_undue", "entries", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self.entries: dict[int, E] = {}
        self._turns: list[tuple[int, int]] = []
        self._undue: list[tuple[float, int]] = []
        self._due: list[tuple[float, int]] = []

    def push(self, entry: E) -> None:
        """Put an entry in."""
        sequence = entry.sequence
        self.entries[sequence] = entry
        heappush(self._turns, (-entry.priority, sequence))
        if entry.due_at != math.inf and not entry.has_started:
            heappush(self._undue, (entry.due_at, sequence))
        if len(self._turns) > 2 * len(self.entries) + SWEEP:
            self._sweep()

    def first(self) -> E | None:
        """Return the entry of the highest priority that came first."""
        turns, entries = self._turns, self.entries
        while turns:
            entry = entries.get(turns[0][1])
            if entry is not None:
                return entry
            heappop(turns)
        return None

    def first_due(self, now: float) -> E | None:
        """Return the entry that has been due, and must start earliest."""
        undue, due, entries = self._undue, self._due, self.entries
        while undue and undue[0][0] <= now:
            entry = entries.get(heappop(undue)[1])
            if entry is not None:
                heappush(due, deadline(entry))
        while due:
            entry = entries.get(due[0][1])
            if entry is not None and not entry.has_started:
                return entry
            heappop(due)
        return None

    def _sweep(self) -> None:
        entries = self.entries
        fresh = [entry for entry in entries.values() if not entry.has_started]
        self._turns = [turn(entry) for entry in entries.values()]
        self._undue = [(entry.due_at, entry.sequence) for entry in fresh if entry.due_at != math.inf]
        self._due = []
        heapify(self._turns)
        heapify(self._undue)
