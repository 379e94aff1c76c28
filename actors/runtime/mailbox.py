"""Bounded priority mailbox: a pure, synchronous core. Not a broker: no thread, no clock, no disk, no acknowledgements.

What is due goes first (earliest deadline first), then what has the highest priority, first come first served inside a
priority. What is held is passed over and keeps its place: it waits in a lane of its own, out of everybody's way. Its
owner guards it by a lock and passes the time in: `now` is a monotonic clock reading. Sessions keep operations in one,
a `PriorityActor` messages.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Set as AbstractSet
from enum import Enum
from heapq import heapify, heappop, heappush, nsmallest
from itertools import count
from typing import ClassVar, Generic

from actors.runtime.holds import HeldKey, Holds
from actors.runtime.lane import SWEEP, E, Entry, Lane, deadline, turn
from actors.runtime.overripe import NOTHING_RIPE, Overripe

__all__ = ["Entry", "HeldKey", "Mailbox", "Offer"]


class Offer(Enum):
    """What became of something offered."""

    ACCEPTED = "accepted"
    FULL = "full"
    CLOSED = "closed"


class Mailbox(Generic[E]):
    """Entries that wait, in order. `capacity` bounds those that are bounded; the others are always accepted.

    What comes is put into order when somebody looks, so that one that comes and goes alone costs next to nothing.
    few: entries that go back among the others when their hold is over; more stay in their lane. held: only to be read.
    """

    few: ClassVar[int] = 8

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._sequence = count(1)
        self._fresh = 0
        self._closed = False
        self._holds = Holds()
        self.held = self._holds.by_key
        self._forget_all()

    def _forget_all(self) -> None:
        self._new: dict[int, E] = {}  # those that nobody has looked at
        self._lanes: dict[str, Lane[E]] = {"": Lane("")}
        self._open = dict(self._lanes)  # those whose key isn't held
        self._lane_of: dict[int, Lane[E]] = {}
        self._started: dict[int, E] = {}
        self._deadlines: list[tuple[float, int]] = []  # of those that haven't started
        self._stuck: list[tuple[float, int]] = []  # deadlines of those that have, and were held
        self._doubtful: list[E] = []  # those that a hold may outlast

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
        self._new[entry.sequence] = entry
        return Offer.ACCEPTED

    def give_back(self, entry: E) -> None:
        """Put an entry that has started back at its old place, whatever the bound and whether closed or not."""
        self._new[entry.sequence] = entry

    def _put_in_order(self) -> None:
        """Give each that has come since the last look its place."""
        if not self._new:
            return
        new, self._new = self._new, {}
        for sequence, entry in new.items():
            if entry.has_started:
                self._started[sequence] = entry
            elif entry.wait_deadline != math.inf:
                heappush(self._deadlines, deadline(entry))
            self._place(entry, self.held.keys())
            if self.held:
                self._doubtful.append(entry)
                if self._is_stuck(entry):
                    heappush(self._stuck, (entry.hold_deadline, sequence))
        if len(self._deadlines) > 2 * len(self) + SWEEP:
            self._deadlines = [deadline(entry) for entry in self.unsorted() if not entry.has_started]
            heapify(self._deadlines)

    def _place(self, entry: E, held: AbstractSet[str]) -> None:
        """Put an entry into the lane of what it waits for."""
        key = next((key for key in entry.needs if key in held), "") if held else ""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key)
        lane.push(entry)
        self._lane_of[entry.sequence] = lane

    # The ways out.

    def peek(self, now: float) -> E | None:
        """Return the entry whose turn it is, and leave it where it is."""
        alone = self._alone(now)
        if alone is not None:
            return alone
        self._put_in_order()
        return self._first(tuple(self._open.values()), self.held.keys(), now)

    def _alone(self, now: float) -> E | None:
        """Return the one entry that has come since the last look, when it may start, no other may, and none is ripe."""
        if len(self._new) != 1 or (self._lane_of and not self._has_held_alone(now)):
            return None
        (alone,) = self._new.values()
        is_free = not self.held or alone.needs.isdisjoint(self.held)
        return alone if is_free and (alone.wait_deadline > now or alone.has_started) else None

    def _has_held_alone(self, now: float) -> bool:
        """Say whether all that have their places are held, and a glance at the heaps shows none of them ripe."""
        return (
            not any(lane.entries for lane in self._open.values())
            and not self._doubtful
            and not (self._deadlines and self._deadlines[0][0] <= now)
            and not (self._stuck and self._stuck[0][0] <= now)
        )

    def peek_past(self, key: str, now: float) -> E | None:
        """Return the entry of those that `key` keeps from their turn whose turn it would be if that weren't held."""
        self._put_in_order()
        lane = self._lanes.get(key)
        return None if lane is None else self._first((lane,), self.held.keys() - {key}, now)

    def _first(self, lanes: tuple[Lane[E], ...], held: AbstractSet[str], now: float) -> E | None:
        """Return the entry whose turn it is in these lanes."""
        firsts, due = list[E](), list[E]()
        for lane in lanes:
            while (one := lane.first_due(now)) is not None and self._was_held(one, lane, held):
                pass
            if one is not None:
                due.append(one)
            while (one := lane.first()) is not None and self._was_held(one, lane, held):
                pass
            if one is not None:
                firsts.append(one)
        return min(due, key=deadline) if due else min(firsts, key=turn, default=None)

    def _was_held(self, entry: E, lane: Lane[E], held: AbstractSet[str]) -> bool:
        """Move an entry whose turn it would be to the lane of what it needs, if that is among what is held."""
        if not held or entry.needs.isdisjoint(held):
            return False
        self._leave(lane, entry.sequence)
        self._place(entry, held)
        return True

    def _leave(self, lane: Lane[E], sequence: int) -> None:
        del lane.entries[sequence]
        if lane.key and not lane.entries:
            del self._lanes[lane.key]
            self._open.pop(lane.key, None)

    def take(self, entry: E) -> bool:
        """Remove a waiting entry; say whether it was there."""
        sequence = entry.sequence
        if self._new.pop(sequence, None) is None:
            lane = self._lane_of.pop(sequence, None)
            if lane is None:
                return False
            self._leave(lane, sequence)
            self._started.pop(sequence, None)
        if entry.is_bounded:
            self._fresh -= 1
        return True

    def take_next(self, now: float) -> tuple[Overripe[E], E | None]:
        """Remove and return what can't wait any more, as `ripe` does, and the entry whose turn it is then."""
        if len(self._new) == 1 and not self._lane_of and not self.held:
            (alone,) = self._new.values()
            if alone.has_started or alone.wait_deadline > now:
                self._new.clear()
                self._fresh -= alone.is_bounded
                return NOTHING_RIPE, alone
        ripe = self.ripe(now)
        entry = self.peek(now)
        if entry is not None:
            self.take(entry)
        return ripe, entry

    def ripe(self, now: float) -> Overripe[E]:
        """End the holds whose time has come, then remove and return what can't wait any more.

        The expired come earliest deadline first. What has started and merely waits for its turn never expires.
        """
        if self.held:
            for key in self._holds.ended(now):
                self._let_go(key)
        if not self._new and not self._lane_of:
            return NOTHING_RIPE
        if self._alone(now) is not None:
            return NOTHING_RIPE
        self._put_in_order()
        expired = []
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= now:
            entry = self._find(heappop(deadlines)[1])
            if entry is not None and not entry.has_started and self.take(entry):
                expired.append(entry)
        outlasted = self._take_outlasted() if self._doubtful else ()
        overdue = self._take_overdue(now) if self._stuck else ()
        return Overripe(tuple(expired), outlasted, overdue) if expired or outlasted or overdue else NOTHING_RIPE

    def _take_outlasted(self) -> tuple[tuple[E, HeldKey], ...]:
        doubtful, self._doubtful = self._doubtful, []
        pairs = []
        for entry in sorted(doubtful, key=turn):
            held = self._holds.outlasting(entry.needs, entry.hold_deadline)
            if held is not None and self.take(entry):
                pairs.append((entry, held))
        return tuple(pairs)

    def _take_overdue(self, now: float) -> tuple[E, ...]:
        overdue = []
        while self._stuck and self._stuck[0][0] <= now:
            entry = self._find(heappop(self._stuck)[1])
            if entry is not None and self._is_stuck(entry) and self.take(entry):
                overdue.append(entry)
        return tuple(overdue)

    def _find(self, sequence: int) -> E | None:
        """Return the entry of this number, if it waits and has its place."""
        lane = self._lane_of.get(sequence)
        return None if lane is None else lane.entries[sequence]

    def clear(self) -> tuple[E, ...]:
        """Remove and return all entries, in order."""
        everything, self._fresh = tuple(self), 0
        self._forget_all()
        return everything

    # Holds.

    def hold(self, key: str, *, reason: str, until: float | None, among: Collection[E] | None = None) -> HeldKey:
        """Pass over whatever needs `key`; of two holds on one key the later end counts. Return the one that does.

        among: all that wait and need it, when they are known.
        """
        if not self._holds.add(key, reason, until):
            return self.held[key]
        self._open.pop(key, None)
        if until is not None:
            concerned = self.unsorted() if among is None else among
            self._doubtful += [entry for entry in concerned if key in entry.needs and entry.hold_deadline < until]
        for sequence, entry in self._started.items():
            if key in entry.needs:
                heappush(self._stuck, (entry.hold_deadline, sequence))
        return self.held[key]

    def release(self, key: str) -> bool:
        """End the hold on `key`; say whether there was one."""
        was_held = self._holds.remove(key)
        if was_held:
            self._let_go(key)
        return was_held

    def _let_go(self, key: str) -> None:
        """Have those that a hold kept take part again: a few go back among the others, many keep their lane."""
        lane = self._lanes.get(key)
        if lane is not None and len(lane.entries) <= self.few:
            del self._lanes[key]
            for entry in lane.entries.values():
                self._place(entry, self.held.keys())
        elif lane is not None:
            self._open[key] = lane

    def holds(self) -> tuple[HeldKey, ...]:
        """Return what is held now."""
        return tuple(self.held.values())

    def holds_of(self, entry: E) -> tuple[HeldKey, ...]:
        """Return what holds an entry now, in alphabetical order of the keys."""
        return self._holds.of(entry.needs)

    # Life and looks.

    def close(self) -> None:
        """Refuse every entry from now on; those that wait stay."""
        self._closed = True

    def next_due(self) -> float | None:
        """Return when `ripe` has something to do: the earliest deadline or end of a hold; None: nothing is timed."""
        if not self._lane_of and not self.held:
            if not self._new:
                return None
            if len(self._new) == 1:
                (alone,) = self._new.values()
                return None if alone.has_started or alone.wait_deadline == math.inf else alone.wait_deadline
        self._put_in_order()
        deadlines, stuck = self._deadlines, self._stuck
        while deadlines and ((entry := self._find(deadlines[0][1])) is None or entry.has_started):
            heappop(deadlines)
        while stuck and ((entry := self._find(stuck[0][1])) is None or not self._is_stuck(entry)):
            heappop(stuck)
        times = [heap[0][0] for heap in (deadlines, stuck) if heap]
        if (end := self._holds.next_end()) is not None:
            times.append(end)
        return min(times, default=None)

    def outranks(self, running: E, now: float, *, counting_due: bool) -> bool:
        """Say whether the entry whose turn it is should run before `running` goes on.

        counting_due: because it is due as well, and not for its priority alone.
        """
        first = self.peek(now)
        if first is None:
            return False
        return first.priority > running.priority or (counting_due and first.due_at <= now and not first.has_started)

    @property
    def is_still(self) -> bool:
        """Whether all that waits is held, as of the last look: no turn would find anything before `next_due`."""
        return not self._new and not any(lane.entries for lane in self._open.values())

    def __bool__(self) -> bool:
        return bool(self._new or self._lane_of)

    def __len__(self) -> int:
        return len(self._new) + len(self._lane_of)

    def __iter__(self) -> Iterator[E]:
        return iter(sorted(self.unsorted(), key=turn))

    def first(self, most: int) -> list[E]:
        """Return those of the highest priority that came first, at most so many."""
        return nsmallest(most, self.unsorted(), key=turn)

    def unsorted(self) -> Iterator[E]:
        """Return all that wait, in no order."""
        yield from self._new.values()
        for lane in self._lanes.values():
            yield from lane.entries.values()

    def _is_stuck(self, entry: E) -> bool:
        """Say whether an entry has started and is held."""
        return entry.has_started and not entry.needs.isdisjoint(self.held)
