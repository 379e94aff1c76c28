"""A session's queue: operations that wait, what holds them up, and whose turn it is. It runs none, and ends none.

It alone holds the lock of its mailbox. Senders' threads put operations in; on the session's loop it takes one decision
a turn, purely: `turn(now)` says what can't wait any more, what starts next, and when to look again. Owned by a
session; its dispatcher carries out what it says.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from actors.model.outcomes import StepKind
from actors.model.status import OperationStatus
from actors.runtime.mailbox import HeldKey, Mailbox, Offer
from actors.runtime.overripe import NOTHING_RIPE, Overripe
from actors.session.queue_log import QueueLog
from actors.session.queued_operation import OFFLINE, QueuedOperation, permit_key

__all__ = ["OperationQueue", "Turn", "Waiting"]

SHOWN = 1000
"""Waiting operations that status tells in detail: those that go first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at the queue came to. None of these operations is in it any more.

    ripe: those that can't wait any more; start: the one whose turn it is, with its permit, None when nothing may start;
    look_again: when there is something to do, in monotonic seconds, None when nothing is timed.
    """

    ripe: Overripe[QueuedOperation]
    start: QueuedOperation | None
    look_again: float | None


class Waiting(NamedTuple):
    """How many wait, frozen copies of those that go first, and each hold with the number of those that it holds."""

    number: int
    first: tuple[OperationStatus, ...]
    holds: tuple[tuple[HeldKey, int], ...]


class OperationQueue:
    """The operations of one session that wait: at most `capacity` of its users', and the session's own."""

    def __init__(self, capacity: int) -> None:
        self._lock = threading.Lock()
        self._mailbox: Mailbox[QueuedOperation] = Mailbox(capacity)
        self._by_id: dict[int, QueuedOperation] = {}
        self._log = QueueLog()

    def __len__(self) -> int:
        return len(self._mailbox)

    @property
    def is_still(self) -> bool:
        """Whether nothing has come since the last turn, and all that waits is held."""
        return self._mailbox.is_still

    # In and out.

    def offer(self, entry: QueuedOperation) -> Offer:
        """Accept an operation, or say why not; from any thread. What holds it from its first moment on is noted."""
        with self._lock:
            offer = self._mailbox.offer(entry)
            if offer is Offer.ACCEPTED:
                self._by_id[entry.operation_id] = entry
                entry.trace.waits_in(self._log, entry.sequence, entry.needs)
                if self._mailbox.held:
                    self._note_holds(entry, entry.accepted_at)
            return offer

    def _note_holds(self, entry: QueuedOperation, now: float) -> None:
        """Note what holds an operation that begins to wait: it has not heard of that while it didn't."""
        for held in self._mailbox.holds_of(entry):
            entry.trace.note(StepKind.HELD, now, f"{held.key}: {_reason(held, now)}")

    def turn(self, now: float, *, ready: bool, take_permit: Callable[[QueuedOperation], bool]) -> Turn:
        """Look at what waits. ready: an operation may start. One that gets no permit is held, and the next is tried."""
        start = None
        with self._lock:
            mailbox = self._mailbox
            ripe = mailbox.ripe(now)
            if ripe is not NOTHING_RIPE:
                for gone in (*ripe.expired, *(one for one, _ in ripe.outlasted), *ripe.overdue):
                    del self._by_id[gone.operation_id]
            while ready and (first := mailbox.peek(now)) is not None:
                if take_permit(first):
                    self._take(first)
                    start = first
                    break
                self._hold(permit_key(first.operation_type), f"no free {first.operation_type} permit", None, now)
            if start is not None and mailbox:
                self._log.started(start.sequence, start.trace.label, now)
            return Turn(ripe, start, mailbox.next_due())

    def give_back(self, entry: QueuedOperation, now: float) -> None:
        """Put an operation that has started back at its old place. What holds it there is noted."""
        with self._lock:
            self._give_back(entry)
            self._note_holds(entry, now)

    def put_off(self, entry: QueuedOperation, reason: str, now: float, *, until: float) -> None:
        """Put an operation that has started back at its old place, and hold it alone until then."""
        entry.need(entry.own_key)
        with self._lock:
            self._give_back(entry)
            held = self._mailbox.hold(entry.own_key, reason=reason, until=until, among=(entry,))
            self._log.held(held.key, _reason(held, now), now)

    def _give_back(self, entry: QueuedOperation) -> None:
        self._by_id[entry.operation_id] = entry
        self._mailbox.give_back(entry)

    def _take(self, entry: QueuedOperation) -> None:
        del self._by_id[entry.operation_id]
        self._mailbox.take(entry)

    def wanting_permit(self, operation_type: str, now: float) -> QueuedOperation | None:
        """Return the operation whose turn it would be if a permit of this type were free; None: none of the type's."""
        with self._lock:
            return self._mailbox.peek_past(permit_key(operation_type), now)

    def outranks(self, running: QueuedOperation, now: float, *, counting_due: bool) -> bool:
        """Say whether something that waits should run before `running` goes on."""
        with self._lock:
            return self._mailbox.outranks(running, now, counting_due=counting_due)

    def withdraw(self, operation_id: int | None, key: str | None) -> QueuedOperation | None:
        """Remove and return the operation of this id, or the first with this key of a user's; None: there is none."""
        with self._lock:
            found = None if operation_id is None else self._by_id.get(operation_id)
            if found is None and key is not None:
                found = next((entry for entry in self._mailbox if entry.operation.key == key), None)
            if found is not None:
                self._take(found)
            return found

    def clear(self) -> tuple[QueuedOperation, ...]:
        """Remove and return everything that waits, in order."""
        with self._lock:
            self._by_id.clear()
            return self._mailbox.clear()

    def close(self) -> None:
        """Refuse every operation from now on; those that wait stay."""
        with self._lock:
            self._mailbox.close()

    # Holds.

    @property
    def held(self) -> Mapping[str, HeldKey]:
        """What is held now, by key; a view that moves on, for the session's loop."""
        return self._mailbox.held

    def hold(self, key: str, reason: str, now: float, *, until: float | None = None) -> None:
        """Hold what needs `key` until then, or without end."""
        with self._lock:
            self._hold(key, reason, until, now)

    def _hold(self, key: str, reason: str, until: float | None, now: float) -> None:
        held = self._mailbox.hold(key, reason=reason, until=until)
        self._log.held(key, _reason(held, now), now)

    def release(self, key: str) -> bool:
        """End a hold; say whether there was one."""
        with self._lock:
            return self._mailbox.release(key)

    def go_offline(self, reason: str, now: float) -> None:
        """Hold everything: there is no connection. A reason that holds everything already is no news."""
        with self._lock:
            if not any(held.key == OFFLINE and held.reason == reason for held in self._mailbox.holds()):
                self._mailbox.release(OFFLINE)
                self._hold(OFFLINE, reason, None, now)

    def go_online(self) -> None:
        """Let everything run that nothing else holds."""
        self.release(OFFLINE)

    # Looks.

    def snapshot(self, now: float) -> Waiting:
        """Return what waits and what is held, as they are at one moment."""
        with self._lock:
            mailbox, holds = self._mailbox, self._mailbox.holds()
            held_keys = {held.key for held in holds}
            first = tuple(
                entry.snapshot(now=now, held_by=tuple(sorted(entry.needs & held_keys)))
                for entry in mailbox.first(SHOWN)
            )
            kinds = Counter(entry.needs for entry in mailbox.unsorted()) if holds else {}
            number = len(mailbox)
        counted = tuple((held, sum(many for needs, many in kinds.items() if held.key in needs)) for held in holds)
        return Waiting(number, first, counted)


def _reason(held: HeldKey, now: float) -> str:
    """Say why something is held, and for how long it still is."""
    return held.reason if held.until is None else f"{held.reason} for {held.until - now:.1f} s"
