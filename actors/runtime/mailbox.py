"""Bounded priority mailbox: a pure, synchronous core. Not a broker: no thread, no clock, no disk, no acknowledgements.

It holds two lanes. Control messages are first in, first out, and outside the bound. Operations are ordered: due ones
first (earliest deadline first), then by priority, first come first served inside a priority. What is held is passed
over and keeps its place. Owned by one actor, behind the lock of its inbox; `now` is a monotonic clock reading.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from actors.model.config import MAILBOX_CAPACITY, Ageing

__all__ = ["Entry", "HeldKey", "Mailbox", "Offer"]


class Offer(Enum):
    """What became of something offered."""

    ACCEPTED = "accepted"
    FULL = "full"
    CLOSED = "closed"


class Entry(Protocol):
    """What the mailbox has to know of what waits in it. Deadlines are monotonic seconds.

    sequence: its place among its equals, given by the mailbox; is_bounded: it counts against the capacity; needs:
    the keys that may hold it up; wait_deadline: by when it must have started; hold_deadline: by when a hold
    must have ended.
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
    def wait_deadline(self) -> float:
        """By when it must have started."""

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended."""

    def due_at(self, share: float) -> float:
        """From when it goes before all others."""


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Something that operations wait for. until: monotonic seconds, None for an open end."""

    key: str
    reason: str
    until: float | None


def _place(entry: Entry) -> tuple[int, int]:
    return (-entry.priority, entry.sequence)


class Mailbox(Generic[E]):
    """See the module. `capacity` bounds the operations of users that wait and have never started.

    `control` is the control lane: a plain queue, which is never full, and never closed here.
    """

    __slots__ = ("_ageing", "_closed", "_fresh", "_holds", "_sequence", "_waiting", "capacity", "control")

    def __init__(self, capacity: int = MAILBOX_CAPACITY, *, ageing: Ageing | None = None) -> None:
        self.capacity = capacity
        self._ageing = ageing
        self.control: deque[Any] = deque()
        self._waiting: list[E] = []
        self._holds: dict[str, HeldKey] = {}
        self._sequence = count(1)
        self._fresh = 0
        self._closed = False

    # The two ways in.

    def offer(self, entry: E) -> Offer:
        """Accept an operation, or say why not. Accepting gives it its place among its equals."""
        if self._closed:
            return Offer.CLOSED
        if entry.is_bounded and self._fresh >= self.capacity:
            return Offer.FULL
        entry.sequence = next(self._sequence)
        if self._waiting:
            insort(self._waiting, entry, key=_place)
        else:
            self._waiting.append(entry)
        self._fresh += entry.is_bounded
        return Offer.ACCEPTED

    def give_back(self, entry: E) -> None:
        """Put an operation that has started back at its old place, whatever the bound and whether closed or not."""
        insort(self._waiting, entry, key=_place)

    # The ways out.

    def peek(self, now: float) -> E | None:
        """Return the operation whose turn it is, and leave it where it is."""
        if not self._waiting:
            return None
        if len(self._waiting) == 1:  # nobody to be compared with
            return None if self._is_held(self._waiting[0]) else self._waiting[0]
        due = [entry for entry in self._due(now) if not self._is_held(entry)]
        if due:
            return min(due, key=lambda entry: (entry.wait_deadline, entry.sequence))
        return next((entry for entry in self._waiting if not self._is_held(entry)), None)

    def take(self, entry: E) -> bool:
        """Remove a waiting operation; say whether it was there."""
        try:
            self._waiting.remove(entry)
        except ValueError:
            return False
        self._fresh -= entry.is_bounded
        return True

    def expire(self, now: float) -> list[E]:
        """Remove and return those whose wait limit has passed without a start, earliest deadline first."""
        late = [entry for entry in self._waiting if entry.wait_deadline <= now and not entry.has_started]
        if not late:
            return late
        return self._remove_all(sorted(late, key=lambda entry: (entry.wait_deadline, entry.sequence)))

    def overdue(self, now: float) -> list[E]:
        """Remove and return those that have started and are held beyond their hold deadline, which is now.

        What only waits for its turn isn't among them: an operation that has started never expires in the queue.
        """
        return self._remove_all([entry for entry in self._stuck() if entry.hold_deadline <= now])

    def _stuck(self) -> list[E]:
        if not self._holds:
            return []
        return [entry for entry in self._waiting if entry.has_started and self._is_held(entry)]

    def outlasted(self) -> list[tuple[E, HeldKey]]:
        """Remove and return those that a hold outlasts: it ends after their deadline, so waiting is pointless."""
        if not self._holds:
            return []
        pairs = [(entry, held) for entry in self._waiting if (held := self._outlasting(entry)) is not None]
        self._remove_all([entry for entry, _ in pairs])
        return pairs

    def clear(self) -> list[E]:
        """Remove and return all operations, in order."""
        return self._remove_all(list(self._waiting))

    # Holds.

    def hold(self, key: str, *, reason: str, until: float | None) -> None:
        """Pass over whatever needs `key`; of two holds on one key the later end counts."""
        old = self._holds.get(key)
        if old is None or (old.until is not None and (until is None or until > old.until)):
            self._holds[key] = HeldKey(key, reason, until)

    def release(self, key: str) -> None:
        """End the hold on `key`, if there is one."""
        self._holds.pop(key, None)

    def release_ended(self, now: float) -> None:
        """End every hold whose time has come."""
        for held in [held for held in self._holds.values() if held.until is not None and held.until <= now]:
            del self._holds[held.key]

    def holds(self) -> tuple[HeldKey, ...]:
        """Return what is held now."""
        return tuple(self._holds.values())

    # Life and looks.

    def close(self) -> None:
        """Refuse every operation from now on; those that wait stay."""
        self._closed = True

    def next_due(self) -> float | None:
        """Return when to look again: the earliest deadline or end of a hold, None when nothing is timed."""
        times = [entry.wait_deadline for entry in self._waiting if not entry.has_started]
        times += [entry.hold_deadline for entry in self._stuck()]
        times += [held.until for held in self._holds.values() if held.until is not None]
        return min(times, default=None)

    def outranks(self, running: E, now: float, *, counting_due: bool = True) -> bool:
        """Say whether the operation whose turn it is should run before `running` goes on.

        counting_due: because it is due as well, and not for its priority alone.
        """
        first = self.peek(now)
        return first is not None and (first.priority > running.priority or (counting_due and self._is_due(first, now)))

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[E]:
        return iter(tuple(self._waiting))

    def _is_held(self, entry: E) -> bool:
        return bool(self._holds) and not entry.needs.isdisjoint(self._holds)

    def _is_due(self, entry: E, now: float) -> bool:
        return self._ageing is not None and not entry.has_started and entry.due_at(self._ageing.share) <= now

    def _due(self, now: float) -> Iterator[E]:
        return (entry for entry in self._waiting if self._is_due(entry, now))

    def _outlasting(self, entry: E) -> HeldKey | None:
        for key in entry.needs & self._holds.keys():
            held = self._holds[key]
            if held.until is not None and held.until > entry.hold_deadline:
                return held
        return None

    def _remove_all(self, entries: list[E]) -> list[E]:
        for entry in entries:
            self.take(entry)
        return entries
