"""The policies: how operations of each type are treated, and how events get to a subscriber.

They are data and decide nothing. Sessions and permits decide by them, and users replace single rows. Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from actors.model.errors import InvalidInput

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
    "is_duration",
    "operation_priority",
    "operation_timeout",
    "policy_for",
]

MONITORING = "monitoring"
SCRAPING = "scraping"
SENDING = "sending"
OTHER = "other"


def is_duration(value: object) -> bool:
    """Say whether `value` is a number of seconds that can be waited for."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPolicy:
    """How operations of one type are treated.

    priority: higher runs first. wait_timeout: seconds from acceptance to start. run_timeout: seconds of running, all
    attempts together. setup_timeout: bounds the time in the slot where the run timeout is the lifetime of what is
    set up. attempt_timeout: seconds for one attempt, or for one page. retries: attempts after the first, counted
    since the last checkpoint. permits: how many may run at once in the whole system (None: no limit); a
    session's own row has those of the system's.
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
        for name in ("wait_timeout", "run_timeout", "setup_timeout", "attempt_timeout"):
            value = getattr(self, name)
            if value is not None and not is_duration(value):
                raise InvalidInput(field=name, problem=f"must be a number of seconds above 0, not {value!r}")
        if not isinstance(self.priority, int):
            raise InvalidInput(field="priority", problem=f"must be a whole number, not {self.priority!r}")
        if not isinstance(self.retries, int) or self.retries < 0:
            raise InvalidInput(field="retries", problem=f"must be a whole number of 0 or more, not {self.retries!r}")
        if self.permits is not None and self.permits < 1:
            raise InvalidInput(field="permits", problem=f"must be 1 or more, or None, not {self.permits}")

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
      Dropped events are counted.
    """

    window: int = 1
    queue: int = 10_000
    overflow: Overflow = Overflow.DROP_OLDEST

    def __post_init__(self) -> None:
        """Refuse what could never deliver anything."""
        for name in ("window", "queue"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InvalidInput(
                    field=f"delivery.{name}", problem=f"must be a whole number of 1 or more, not {value!r}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What one operation asks for instead of its type's policy. A field that is None stays as the policy says."""

    priority: int | None = None
    wait_timeout: float | None = None
    run_timeout: float | None = None
    attempt_timeout: float | None = None
    retries: int | None = None

    def apply(self, policy: OperationPolicy) -> OperationPolicy:
        """Return `policy` with these overrides. Raises InvalidInput, which names the value, when one can't work."""
        changes = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}
        return replace(policy, **changes) if changes else policy


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
