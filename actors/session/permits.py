"""System-wide places by operation type. Not a lock: nobody waits here; who gets no permit is called back.

Owned by the supervisor and used on its loop alone; each session has a `PermitHolder`. Who waits gets a permit in the
order of a mailbox: what is due first, then by priority, first come first served inside one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from actors.model.policies import OperationPolicy, policy_for
from actors.session.queued_operation import QueuedOperation

__all__ = ["Contender", "PermitHolder", "Permits"]


class Contender(Protocol):
    """A session that has got no permit, and waits for one."""

    def wants(self, operation_type: str, now: float) -> QueuedOperation | None:
        """Return the operation that a permit of this type would let start, None when there is none any more."""

    def arrive(self, operation_type: str) -> None:
        """Take a permit, late. It counts as taken, and has to be given back when it isn't needed."""


class Permits:
    """The permits of a system. How many a type has is said by the system's policies, and by nobody else."""

    def __init__(self, policies: Mapping[str, OperationPolicy]) -> None:
        self._policies = policies
        self._in_use: dict[str, int] = {}
        self._waiting: dict[str, dict[Contender, None]] = {}

    def take(self, operation_type: str, contender: Contender) -> bool:
        """Take a place of this type; without a free one answer False, and have the permit arrive later."""
        limit = self._limit(operation_type)
        if limit is None or self._in_use.get(operation_type, 0) < limit:
            self._in_use[operation_type] = self._in_use.get(operation_type, 0) + 1
            return True
        self._waiting.setdefault(operation_type, {})[contender] = None
        return False

    def is_wanted_more(self, running: QueuedOperation, now: float) -> bool:
        """Say whether one who waits for the permit of `running` should have it: it has priority, or is due."""
        waiting = self._waiting.get(running.operation_type, ())
        wanted = (contender.wants(running.operation_type, now) for contender in waiting)
        return any(one is not None and (one.priority > running.priority or _is_due(one, now)) for one in wanted)

    def give_back(self, operation_type: str, now: float) -> None:
        """Free a place, or hand it on to who is first in turn; who needs it no more passes it on in the same way."""
        waiting = self._waiting.get(operation_type)
        if waiting:
            first = min(waiting, key=lambda contender: _turn(contender.wants(operation_type, now), now))
            del waiting[first]
            first.arrive(operation_type)
        else:
            self._in_use[operation_type] -= 1

    def forget(self, contender: Contender) -> None:
        """Stop waiting, for every type."""
        for waiting in self._waiting.values():
            waiting.pop(contender, None)

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Return (in use, limit) of every type that has been used."""
        limits = {name: self._limit(name) for name in self._in_use}
        return {name: (self._in_use[name], limit) for name, limit in limits.items() if limit is not None}

    def _limit(self, operation_type: str) -> int | None:
        return policy_for(operation_type, self._policies).permits


def _is_due(entry: QueuedOperation, now: float) -> bool:
    return not entry.has_started and entry.due_at <= now


def _turn(entry: QueuedOperation | None, now: float) -> tuple[int, float, float]:
    """Return what those who wait are sorted by: an operation that gave way to a due one isn't before it again."""
    if entry is None:
        return (2, 0.0, 0.0)
    if _is_due(entry, now):
        return (0, entry.wait_deadline, entry.accepted_at)
    return (1, -entry.priority, entry.accepted_at)


class PermitHolder:
    """What one session has of the system's permits.

    wants(operation_type, now): the operation of the session that a permit would let start; on_grant(operation_type) is
    called when one arrives late. granted: those that have arrived, and that nothing uses yet.
    """

    def __init__(
        self,
        permits: Permits,
        wants: Callable[[str, float], QueuedOperation | None],
        on_grant: Callable[[str], None],
    ) -> None:
        self._permits = permits
        self.wants = wants
        self._on_grant = on_grant
        self.granted: Counter[str] = Counter()

    def take(self, entry: QueuedOperation) -> bool:
        """Take what an operation needs to start; without it, `on_grant` is called later."""
        if entry.policy.permits is None:
            return True
        if self.granted[entry.operation_type] > 0:
            self.granted[entry.operation_type] -= 1
            return True
        return self._permits.take(entry.operation_type, self)

    def arrive(self, operation_type: str) -> None:
        """Have a permit, late."""
        self.granted[operation_type] += 1
        self._on_grant(operation_type)

    def give_back(self, entry: QueuedOperation, now: float) -> None:
        """Give back what an operation had."""
        if entry.policy.permits is not None:
            self._permits.give_back(entry.operation_type, now)

    def should_pass_on(self, entry: QueuedOperation, now: float) -> bool:
        """Say whether a running operation should give its permit to another session."""
        return entry.policy.permits is not None and self._permits.is_wanted_more(entry, now)

    def give_back_unused(self, now: float) -> None:
        """Give back what arrived and nothing could use."""
        unused, self.granted = self.granted, Counter()
        for operation_type in unused.elements():
            self._permits.give_back(operation_type, now)

    def let_go(self, now: float) -> None:
        """Stop waiting, and give back what arrived."""
        self._permits.forget(self)
        self.give_back_unused(now)
