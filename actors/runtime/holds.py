"""What is held up, and until when: one hold for each key. Not a mailbox: it knows the keys, and none of the entries.

Pure: the time comes in as `now`, a monotonic clock reading. Owned by a mailbox.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import heappop, heappush

__all__ = ["HeldKey", "Holds"]


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Something that entries wait for. until: monotonic seconds, None for an open end."""

    key: str
    reason: str
    until: float | None


class Holds:
    """The holds of one mailbox. by_key: those of now; only to be read."""

    __slots__ = ("_ends", "by_key")

    def __init__(self) -> None:
        self.by_key: dict[str, HeldKey] = {}
        self._ends: list[tuple[float, str]] = []

    def add(self, key: str, reason: str, until: float | None) -> bool:
        """Hold a key; of two holds on one key the later end counts. Say whether this one does."""
        old = self.by_key.get(key)
        if old is not None and (old.until is None or (until is not None and until <= old.until)):
            return False
        self.by_key[key] = HeldKey(key, reason, until)
        if until is not None:
            heappush(self._ends, (until, key))
        return True

    def remove(self, key: str) -> bool:
        """End a hold; say whether there was one."""
        return self.by_key.pop(key, None) is not None

    def next_end(self) -> float | None:
        """Return when the first hold ends, None when none does by itself."""
        ends = self._ends
        while ends:
            until, key = ends[0]
            held = self.by_key.get(key)
            if held is not None and held.until == until:
                return until
            heappop(ends)
        return None

    def ended(self, now: float) -> list[str]:
        """End those whose time has come, and return their keys."""
        keys: list[str] = []
        while (end := self.next_end()) is not None and end <= now:
            keys.append(heappop(self._ends)[1])
            del self.by_key[keys[-1]]
        return keys

    def of(self, needs: AbstractSet[str]) -> tuple[HeldKey, ...]:
        """Return those among these keys, in alphabetical order."""
        by_key = self.by_key
        if needs.isdisjoint(by_key):
            return ()
        return tuple(by_key[key] for key in sorted(needs & by_key.keys()))

    def outlasting(self, needs: AbstractSet[str], deadline: float) -> HeldKey | None:
        """Return the hold among these keys that ends last of those that end after `deadline`."""
        last: HeldKey | None = None
        for held in self.of(needs):
            if held.until is not None and held.until > deadline:
                last, deadline = held, held.until
        return last
