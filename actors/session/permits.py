"""System-wide places by operation type. Not a lock: nobody waits here; who gets no permit is called back.

Owned by the supervisor and used on its loop alone. Who waits gets it in the order of a mailbox: what is due first, then
by priority, first come first served inside one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from actors.model.config import Ageing
from actors.session.queued_operation import QueuedOperation

__all__ = ["PermitHolder", "Permits"]

Granted = Callable[[str], None]

DUE_SHARE = Ageing().share
"""From which share of its wait timeout on an operation that waits for a permit is due."""


class Permits:
    """See the module."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._in_use: dict[str, int] = {}
        self._waiting: dict[str, dict[Granted, QueuedOperation]] = {}

    def take(self, entry: QueuedOperation, limit: int, granted: Granted) -> bool:
        """Take one of `limit` places; without a free one answer False and call `granted(operation_type)` later.

        A permit that was granted counts as taken, and has to be given back when it isn't needed any more.
        """
        operation_type = entry.operation_type
        self._limits[operation_type] = limit
        if self._in_use.get(operation_type, 0) < limit:
            self._in_use[operation_type] = self._in_use.get(operation_type, 0) + 1
            return True
        self._waiting.setdefault(operation_type, {}).setdefault(granted, entry)
        return False

    def is_wanted_more(self, running: QueuedOperation, now: float) -> bool:
        """Say whether one who waits for the permit of `running` should have it: it has priority, or is due."""
        return any(
            waiting.priority > running.priority or _is_due(waiting, now)
            for waiting in self._waiting.get(running.operation_type, {}).values()
        )

    def give_back(self, operation_type: str) -> None:
        """Free a place, or hand it on."""
        waiting = self._waiting.get(operation_type)
        if waiting:
            now = time.monotonic()
            granted = min(waiting, key=lambda one: _turn(waiting[one], now))
            del waiting[granted]
            granted(operation_type)
        else:
            self._in_use[operation_type] -= 1

    def forget(self, granted: Granted) -> None:
        """Stop waiting, for every type."""
        for waiting in self._waiting.values():
            waiting.pop(granted, None)

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Return (in use, limit) by type."""
        return {name: (self._in_use.get(name, 0), limit) for name, limit in self._limits.items()}


def _is_due(entry: QueuedOperation, now: float) -> bool:
    return not entry.has_started and entry.due_at(DUE_SHARE) <= now


def _turn(entry: QueuedOperation, now: float) -> tuple[bool, float, float]:
    """Return what those who wait are sorted by: an operation that gave way to a due one isn't before it again."""
    if _is_due(entry, now):
        return (False, entry.wait_deadline, entry.accepted_at)
    return (True, -entry.priority, entry.accepted_at)


class PermitHolder:
    """What one session has of the system's permits. `on_grant(operation_type)` is called when one arrives late."""

    def __init__(self, permits: Permits, on_grant: Granted) -> None:
        self._permits = permits
        self._on_grant = on_grant
        self._granted: Counter[str] = Counter()
        self._arrived = self._arrive  # bound once, so that the permits know it again

    def take(self, entry: QueuedOperation) -> bool:
        """Take what an operation needs to start; without it, `on_grant` is called later."""
        if entry.policy.permits is None:
            return True
        if self._granted[entry.operation_type] > 0:
            self._granted[entry.operation_type] -= 1
            return True
        return self._permits.take(entry, entry.policy.permits, self._arrived)

    def give_back(self, entry: QueuedOperation) -> None:
        """Give back what an operation had."""
        if entry.policy.permits is not None:
            self._permits.give_back(entry.operation_type)

    def should_pass_on(self, entry: QueuedOperation, now: float) -> bool:
        """Say whether a running operation should give its permit to another session."""
        return entry.policy.permits is not None and self._permits.is_wanted_more(entry, now)

    def give_back_unused(self) -> None:
        """Give back what arrived and nothing could use."""
        if not self._granted:
            return
        unused, self._granted = self._granted, Counter()
        for operation_type in unused.elements():
            self._permits.give_back(operation_type)

    def let_go(self) -> None:
        """Stop waiting, and give back what arrived."""
        self._permits.forget(self._arrived)
        self.give_back_unused()

    def _arrive(self, operation_type: str) -> None:
        self._granted[operation_type] += 1
        self._on_grant(operation_type)
