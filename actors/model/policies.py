"""The policies: how operations of each type are treated, and how events get to a subscriber.

They are data and decide nothing. Sessions and permits decide by them, and users replace single rows. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from actors.model.checks import check_count, check_kind, check_seconds

__all__ = [
    "DEFAULT_POLICIES",
    "MONITORING",
    "OTHER",
    "SCRAPING",
    "SENDING",
    "DeliveryPolicy",
    "OperationPolicy",
    "Overflow",
    "Overrides",
    "operation_priority",
    "operation_timeout",
    "policy_for",
]

MONITORING = "monitoring"
SCRAPING = "scraping"
SENDING = "sending"
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPolicy:
    """How operations of one type are treated.

    priority: higher runs first. wait_timeout: seconds from acceptance to start. run_timeout: seconds of running, all
    attempts together. setup_timeout: bounds the time in the slot where the run timeout is the lifetime of what is
    set up (None: the run timeout is for both). attempt_timeout: seconds for one attempt, or for one page (None: no
    limit). retries: attempts after the first, counted since the last checkpoint. permits: how many may run at once in
    the whole system (None: no limit); a session's own row has those of the system's.
    """

    priority: int = 0
    wait_timeout: float = 60.0
    run_timeout: float = 300.0
    setup_timeout: float | None = None
    attempt_timeout: float | None = None
    retries: int = 0
    permits: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        check_count("priority", self.priority, least=None)
        check_seconds("wait_timeout", self.wait_timeout)
        check_seconds("run_timeout", self.run_timeout)
        check_seconds("setup_timeout", self.setup_timeout, or_none=True)
        check_seconds("attempt_timeout", self.attempt_timeout, or_none=True)
        check_count("retries", self.retries)
        check_count("permits", self.permits, least=1, or_none=True)

    def with_(self, **cells: Any) -> OperationPolicy:
        """Return a copy with some cells replaced, by their names."""
        return replace(self, **cells)

    @property
    def slot_timeout(self) -> float:
        """The seconds that the operation may spend running in its session's slot."""
        return self.run_timeout if self.setup_timeout is None else self.setup_timeout


class Overflow(Enum):
    """What happens to a subscription whose queue is full when one more event comes."""

    DROP_OLDEST = "drop oldest"
    DROP_NEWEST = "drop newest"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How events get to one subscriber.

    - window: how many events may be unanswered at once.
    - queue: how many events may wait besides; a message takes about 1 KiB.
    - overflow: what happens when one more comes. The oldest one is dropped, or the new one, or the subscription ends.
      Dropped events are counted, and a monitor's subscriber gets a `MonitorGap` for each chat in their place.
    """

    window: int = 1
    queue: int = 10_000
    overflow: Overflow = Overflow.DROP_OLDEST

    def __post_init__(self) -> None:
        """Refuse what could never deliver anything."""
        check_count("delivery.window", self.window, least=1)
        check_count("delivery.queue", self.queue, least=1)
        check_kind("delivery.overflow", self.overflow, Overflow)


_ANY = OperationPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What one operation asks for instead of its type's policy. A field that is None stays as the policy says."""

    priority: int | None = None
    wait_timeout: float | None = None
    run_timeout: float | None = None
    attempt_timeout: float | None = None
    retries: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no policy could have."""
        self.apply(_ANY)

    def apply(self, policy: OperationPolicy) -> OperationPolicy:
        """Return `policy` with these overrides."""
        changes = {name: value for name in _CELLS if (value := getattr(self, name)) is not None}
        return replace(policy, **changes) if changes else policy


_CELLS = tuple(cell.name for cell in fields(Overrides))


DEFAULT_POLICIES: Mapping[str, OperationPolicy] = MappingProxyType(
    {
        MONITORING: OperationPolicy(priority=10, run_timeout=3600, setup_timeout=60, attempt_timeout=15),
        SCRAPING: OperationPolicy(priority=5, run_timeout=300, attempt_timeout=30, retries=2, permits=5),
        SENDING: OperationPolicy(priority=1, run_timeout=60, attempt_timeout=15, retries=3),
        OTHER: OperationPolicy(),
    }
)
"""The policy table; a type that isn't in it is treated as `other`."""


def policy_for(operation_type: str, policies: Mapping[str, OperationPolicy] = DEFAULT_POLICIES) -> OperationPolicy:
    """Return the policy of a type. A type without a row of its own gets the row of `other`."""
    return policies.get(operation_type) or policies.get(OTHER) or DEFAULT_POLICIES[OTHER]


def operation_timeout(operation_type: str) -> float:
    """Return a type's default run timeout in seconds."""
    return policy_for(operation_type).run_timeout


def operation_priority(operation_type: str) -> int:
    """Return a type's default priority."""
    return policy_for(operation_type).priority
