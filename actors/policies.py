"""Policies and the decisions made from them. Pure: no clock, no I/O, and randomness is passed in.

The session asks `judge` what to do with a failed attempt, the supervisor asks `RestartPolicy` what to do with a
broken session. Times are seconds; `now` is a monotonic clock reading.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from actors.errors import InvalidInput, Verdict

__all__ = [
    "AUTH_KEY_TRIES",
    "CANCEL_GRACE",
    "DEFAULT_POLICIES",
    "MONITORING",
    "OTHER",
    "PERMANENT",
    "SCRAPING",
    "SENDING",
    "Again",
    "Backoff",
    "Decision",
    "DeliveryPolicy",
    "Doom",
    "Fail",
    "GiveUp",
    "Hold",
    "OperationPolicy",
    "Overflow",
    "Overrides",
    "Restart",
    "RestartPolicy",
    "Restrict",
    "Succeed",
    "is_duration",
    "judge",
    "key_is_gone",
    "operation_priority",
    "operation_timeout",
    "policy_for",
]

MONITORING = "monitoring"
SCRAPING = "scraping"
SENDING = "sending"
OTHER = "other"

CANCEL_GRACE = 3.0
"""Seconds that a cancelled task has to end before it is abandoned."""


LONGEST_HOLD = 366 * 86_400.0
"""Seconds of the longest hold: a server may ask for more, and gets it a year at a time."""


def is_duration(value: object) -> bool:
    """Say whether `value` is a number of seconds that can be waited for."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPolicy:
    """How operations of one type are treated.

    priority: higher runs first. wait_timeout: seconds from acceptance to start. run_timeout: seconds of running, all
    attempts together. setup_timeout: bounds the time in the slot where the run timeout is the lifetime of what is
    set up. attempt_timeout: seconds for one attempt, or for one page. retries: attempts after the first, counted
    since the last checkpoint. permits: how many may run at once in the whole system (None: no limit).
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
        """Seconds that the operation may spend running in its session's slot."""
        return self.run_timeout if self.setup_timeout is None else self.setup_timeout


class Overflow(Enum):
    """What happens to a subscription whose queue is full."""

    DROP_OLDEST = "drop oldest"
    DROP_NEWEST = "drop newest"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How events get to one subscriber.

    window: how many may be unanswered at once; queue: how many wait besides (a message is about 1 KiB); overflow: what
    happens to one more: the oldest is dropped, or the new one, or the subscription ends. What is dropped is counted.
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
    """What one operation asks for instead of its type's policy. None: as the policy says."""

    priority: int | None = None
    wait_timeout: float | None = None
    run_timeout: float | None = None
    attempt_timeout: float | None = None
    retries: int | None = None

    def apply(self, policy: OperationPolicy) -> OperationPolicy:
        """Return `policy` with these overrides; an InvalidInput names a value that can't work."""
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
    """Return the policy of a type, that of `other` for one without its own."""
    return policies.get(operation_type) or policies.get(OTHER) or DEFAULT_POLICIES[OTHER]


def operation_timeout(operation_type: str) -> float:
    """Return the default run timeout of a type in seconds."""
    return policy_for(operation_type).run_timeout


def operation_priority(operation_type: str) -> int:
    """Return the default priority of a type."""
    return policy_for(operation_type).priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter.

    After Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base: float = 2.0
    factor: float = 2.0
    cap: float = 30.0

    def delay(self, attempt: int, *, chance: float) -> float:
        """Return the seconds to wait after failed attempt number `attempt` (from 1); `chance` is in [0, 1)."""
        return min(self.cap, self.base * self.factor ** min(attempt - 1, 64)) * chance


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold what needs the same thing for `seconds`, then try again."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fail:
    """Give the error to the caller."""


@dataclass(frozen=True, slots=True)
class Doom:
    """Give the error to the caller and end the session: it would only ever get the same answer."""


@dataclass(frozen=True, slots=True)
class Restrict:
    """Give the error to the caller and hold all writing of the session until somebody lifts it; reading goes on."""


@dataclass(frozen=True, slots=True)
class Succeed:
    """Give the caller a value: what was asked for is so already."""


Decision = Again | Hold | Succeed | Fail | Doom | Restrict

PERMANENT = frozenset({Verdict.SESSION_DEAD, Verdict.ACCOUNT_DEAD, Verdict.CONFIGURATION})
"""What no other attempt and no new connection can mend."""


def judge(
    verdict: Verdict,
    *,
    failures: int,
    policy: OperationPolicy,
    backoff: Backoff,
    chance: float,
    retry_after: float | None = None,
) -> Decision:
    """Decide what follows a failed attempt; `failures` counts those since the last checkpoint, this one included."""
    if verdict in PERMANENT:
        return Doom()
    if verdict is Verdict.ACCOUNT_RESTRICTED:
        return Restrict()
    if verdict is Verdict.ALREADY_DONE:
        return Succeed()
    if verdict is Verdict.RETRY_AFTER and retry_after is not None:
        return Hold(
            min(max(retry_after, 1.0), LONGEST_HOLD)
        )  # FLOOD_WAIT_0 has been seen; asking again at once only feeds it
    if verdict is Verdict.TRANSIENT and failures <= policy.retries:
        return Again(backoff.delay(failures, chance=chance))
    if verdict is Verdict.REFRESH_INPUT and failures <= 1:
        return Again(0.0)
    return Fail()


AUTH_KEY_TRIES = 3
"""Connections in a row that a server must refuse for want of the key before the key counts as gone.

Not once: a data center that has just restarted, or a proxy that leads to the wrong one, doesn't know a good key either.
Not often: a server that did know the key would by then have said so over three connections with backoff between them,
and whoever waits for the session should hear that it must be logged in again. Telegram gives no number.
"""


def key_is_gone(name: str, failures_in_a_row: int) -> bool:
    """Say whether the session is dead: its server doesn't know its key (transport error -404), time after time.

    name: of the error that the last connection ended with; failures_in_a_row: how often it was this one, this one
    included.
    """
    return name == "AUTH_KEY_NOT_FOUND" and failures_in_a_row >= AUTH_KEY_TRIES


@dataclass(frozen=True, slots=True)
class Restart:
    """Replace the client after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop the session: it broke too often."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Restart intensity, as OTP's supervisors have it: at most `limit` restarts in `within` seconds."""

    limit: int = 5
    within: float = 60.0
    backoff: Backoff = field(default_factory=lambda: Backoff(base=0.5))

    def recent(self, restarts: tuple[float, ...], *, now: float) -> tuple[float, ...]:
        """Return those restarts that still count."""
        return tuple(at for at in restarts if now - at < self.within)

    def judge(self, restarts: tuple[float, ...], *, now: float, chance: float) -> Restart | GiveUp:
        """Decide on one more restart after those at `restarts`."""
        recent = self.recent(restarts, now=now)
        if len(recent) >= self.limit:
            return GiveUp(f"{len(recent)} restarts within {self.within:g} s")
        return Restart(self.backoff.delay(len(recent) + 1, chance=chance))
