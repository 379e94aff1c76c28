"""Bounded priority mailbox: a pure, synchronous core. Not a broker: no thread, no clock, no disk, no acknowledgements.

What is due goes first (earliest deadline first), then what has the highest priority, first come first served inside a
priority. What is held is passed over and keeps its place. Its owner guards it by a lock and passes the time in: `now`
is a monotonic clock reading. Sessions keep operations in one, a `PriorityActor` messages.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

__all__ = ["Entry", "HeldKey", "Mailbox", "Offer", "Overripe"]


class Offer(Enum):
    """What became of something offered."""

    ACCEPTED = "accepted"
    FULL = "full"
    CLOSED = "closed"


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
        """By when it must have started."""

    @property
    def hold_deadline(self) -> float:
        """By when a hold must have ended for it still to make sense."""


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Something that entries wait for. until: monotonic seconds, None for an open end."""

    key: str
    reason: str
    until: float | None


class Overripe(NamedTuple, Generic[E]):
    """What can't wait any more, and is in the mailbox no more.

    expired: their wait limit has passed without a start; outlasted: a hold ends after their deadline, so that waiting
    is pointless; overdue: they have started, and a hold without an end has kept them beyond their deadline.
    """

    expired: tuple[E, ...]
    outlasted: tuple[tuple[E, HeldKey], ...]
    overdue: tuple[E, ...]


_NOTHING: Overripe[Any] = Overripe((), (), ())


class Mailbox(Generic[E]):
    """Entries that wait, in order. `capacity` bounds those that are bounded; the others are always accepted."""

    __slots__ = ("_closed", "_fresh", "_holds", "_sequence", "_waiting", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._waiting: list[E] = []
        self._holds: dict[str, HeldKey] = {}
        self._sequence = count(1)
        self._fresh = 0
        self._closed = False

    # The two ways in.

    def offer(self, entry: E) -> Offer:
        """Accept an entry, or say why not. Accepting gives it its place among its equals."""
        if self._closed:
            return Offer.CLOSED
        if entry.is_bounded:
            if self._fresh >= self.capacity:
                return Offer.FULL
            self._fresh += 1
        entry.sequence = next(self._sequence)
        self._insert(entry)
        return Offer.ACCEPTED

    def give_back(self, entry: E) -> None:
        """Put an entry that has started back at its old place, whatever the bound and whether closed or not."""
        self._insert(entry)

    def _insert(self, entry: E) -> None:
        if self._waiting:
            insort(self._waiting, entry, key=_place)
        else:
            self._waiting.append(entry)

    # The ways out.

    def peek(self, now: float) -> E | None:
        """Return the entry whose turn it is, and leave it where it is."""
        return self._first(self._waiting, self._holds.keys(), now)

    def peek_past(self, key: str, now: float) -> E | None:
        """Return the entry of those that need `key` whose turn it would be if that weren't held."""
        return self._first([entry for entry in self._waiting if key in entry.needs], self._holds.keys() - {key}, now)

    def _first(self, entries: list[E], held: AbstractSet[str], now: float) -> E | None:
        first: E | None = None
        due: E | None = None
        for entry in entries:
            if held and not entry.needs.isdisjoint(held):
                continue
            first = first or entry
            if entry.due_at <= now and not entry.has_started and (due is None or _is_sooner(entry, due)):
                due = entry
        return due or first

    def take(self, entry: E) -> bool:
        """Remove a waiting entry; say whether it was there."""
        try:
            self._waiting.remove(entry)
        except ValueError:
            return False
        if entry.is_bounded:
            self._fresh -= 1
        return True

    def ripe(self, now: float) -> Overripe[E]:
        """End the holds whose time has come, then remove and return what can't wait any more.

        The expired come earliest deadline first. What has started and merely waits for its turn never expires.
        """
        if self._holds:
            for over in [held for held in self._holds.values() if held.until is not None and held.until <= now]:
                del self._holds[over.key]
        if not self._waiting:
            return _NOTHING
        late = sorted((e for e in self._waiting if e.wait_deadline <= now and not e.has_started), key=_deadline)
        expired = self._remove_all(late)
        if not self._holds:
            return Overripe(expired, (), ())
        pairs = tuple((entry, held) for entry in self._waiting if (held := self._outlasting(entry)) is not None)
        self._remove_all([entry for entry, _ in pairs])
        overdue = self._remove_all([e for e in self._waiting if e.hold_deadline <= now and self._is_stuck(e)])
        return Overripe(expired, pairs, overdue)

    def clear(self) -> tuple[E, ...]:
        """Remove and return all entries, in order."""
        return self._remove_all(list(self._waiting))

    # Holds.

    def hold(self, key: str, *, reason: str, until: float | None) -> HeldKey:
        """Pass over whatever needs `key`; of two holds on one key the later end counts. Return the one that does."""
        old = self._holds.get(key)
        if old is None or (old.until is not None and (until is None or until > old.until)):
            self._holds[key] = HeldKey(key, reason, until)
        return self._holds[key]

    def release(self, key: str) -> bool:
        """End the hold on `key`; say whether there was one."""
        return self._holds.pop(key, None) is not None

    def holds(self) -> tuple[HeldKey, ...]:
        """Return what is held now."""
        return tuple(self._holds.values())

    # Life and looks.

    def close(self) -> None:
        """Refuse every entry from now on; those that wait stay."""
        self._closed = True

    def next_due(self) -> float | None:
        """Return when `ripe` has something to do: the earliest deadline or end of a hold; None: nothing is timed."""
        if not self._waiting and not self._holds:
            return None
        times = [entry.wait_deadline for entry in self._waiting if not entry.has_started]
        if self._holds:
            times += [entry.hold_deadline for entry in self._waiting if self._is_stuck(entry)]
            times += [held.until for held in self._holds.values() if held.until is not None]
        return min(times, default=None)

    def outranks(self, running: E, now: float, *, counting_due: bool) -> bool:
        """Say whether the entry whose turn it is should run before `running` goes on.

        counting_due: because it is due as well, and not for its priority alone.
        """
        first = self.peek(now)
        if first is None:
            return False
        return first.priority > running.priority or (counting_due and first.due_at <= now and not first.has_started)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[E]:
        return iter(tuple(self._waiting))

    def _is_stuck(self, entry: E) -> bool:
        """Say whether an entry has started and is held."""
        return entry.has_started and not entry.needs.isdisjoint(self._holds)

    def _outlasting(self, entry: E) -> HeldKey | None:
        """Return the hold that ends last of those that end after an entry's deadline."""
        last: HeldKey | None = None
        end = entry.hold_deadline
        for key in entry.needs & self._holds.keys():
            held = self._holds[key]
            if held.until is not None and held.until > end:
                last, end = held, held.until
        return last

    def _remove_all(self, entries: list[E]) -> tuple[E, ...]:
        for entry in entries:
            self.take(entry)
        return tuple(entries)


def _place(entry: Entry) -> tuple[int, int]:
    return (-entry.priority, entry.sequence)


def _deadline(entry: Entry) -> tuple[float, int]:
    return (entry.wait_deadline, entry.sequence)


def _is_sooner(one: Entry, other: Entry) -> bool:
    return _deadline(one) < _deadline(other)
