"""How sessions stand up again: backoff, restart intensity, the checks of a quiet connection, the brake of a fleet.

Pure: readings of a monotonic clock, counts and a chance in; seconds and decisions out. Nothing here waits or remembers;
the supervisor, a session's connection and its health carry out what is decided here. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from actors.model.errors import InvalidInput
from actors.model.policies import is_duration

__all__ = ["Backoff", "Check", "FleetBrake", "GiveUp", "HealthPolicy", "Restart", "RestartPolicy", "Signs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetBrake:
    """Spreads reconnects and restarts out once a large part of the fleet failed within a short time.

    share, at_least: the part (0 to 1) and the number of sessions from which on it is one failure of many and not many
    of one; within: the seconds in which they count together; rate: sessions that may come back in a second.
    """

    share: float = 0.2
    at_least: int = 10
    within: float = 30.0
    rate: float = 50.0

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        if not 0 <= self.share <= 1:
            raise InvalidInput(field="brake.share", problem=f"must be 0 to 1, not {self.share!r}")
        if self.at_least < 1:
            raise InvalidInput(field="brake.at_least", problem=f"must be 1 or more, not {self.at_least!r}")
        for name in ("within", "rate"):
            if not is_duration(getattr(self, name)):
                raise InvalidInput(field=f"brake.{name}", problem=f"must be above 0, not {getattr(self, name)!r}")

    def pause(self, *, failed: int, fleet: int, chance: float) -> float:
        """Return the seconds that one of `failed` sessions of a `fleet` waits besides its backoff; chance: [0, 1).

        Spread evenly over failed / rate seconds, so that about `rate` come back in each of them.
        """
        if failed < self.at_least or failed < self.share * fleet:
            return 0.0
        return failed / self.rate * chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter: seconds `base`, times `factor` for each further attempt, `cap` at most.

    After Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base: float = 2.0
    factor: float = 2.0
    cap: float = 30.0

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        for name in ("base", "factor", "cap"):
            if not is_duration(getattr(self, name)):
                raise InvalidInput(field=f"backoff.{name}", problem=f"must be above 0, not {getattr(self, name)!r}")

    def delay(self, attempt: int, *, chance: float) -> float:
        """Return the seconds to wait after failed attempt number `attempt` (from 1); `chance` is in [0, 1)."""
        return min(self.cap, self.base * self.factor ** min(attempt - 1, 64)) * chance


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

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        if not isinstance(self.limit, int) or self.limit < 0:
            raise InvalidInput(field="restarts.limit", problem=f"must be 0 or more, not {self.limit!r}")
        if not is_duration(self.within):
            raise InvalidInput(field="restarts.within", problem=f"must be above 0 seconds, not {self.within!r}")

    def recent(self, restarts: tuple[float, ...], *, now: float) -> tuple[float, ...]:
        """Return those restarts that still count."""
        return tuple(at for at in restarts if now - at < self.within)

    def judge(self, restarts: tuple[float, ...], *, now: float, chance: float) -> Restart | GiveUp:
        """Decide on one more restart after those at `restarts`."""
        recent = self.recent(restarts, now=now)
        if len(recent) >= self.limit:
            return GiveUp(f"{len(recent)} restarts within {self.within:g} s")
        return Restart(self.backoff.delay(len(recent) + 1, chance=chance))


class Check(Enum):
    """What is asked of a quiet connection."""

    PROBE = "probe"
    DIFFERENCE = "difference"


@dataclass(slots=True)
class Signs:
    """When there was a sign of life, in monotonic seconds.

    heard: an update or a difference; answered: any check; tried: the start of the last check, whatever its end.
    """

    heard: float
    answered: float
    tried: float

    @classmethod
    def at(cls, now: float) -> Signs:
        """Return the signs of a connection that has just been made."""
        return cls(now, now, now)

    def passed(self, check: Check, now: float) -> None:
        """Note that a check was answered."""
        self.answered = now
        if check is Check.DIFFERENCE:
            self.heard = now


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """How long a connection may be quiet. All in seconds.

    probe_after: without a sign of life, then it is probed, and again after as long; silence: without an update, then
    the difference is forced, and a client that doesn't get it is replaced; timeout: for the answer to a check.
    The silence of 15 minutes is that after which Telethon asks by itself, but without looking whether it is answered.
    """

    probe_after: float = 180.0
    silence: float = 900.0
    timeout: float = 15.0

    def __post_init__(self) -> None:
        """Refuse what can't be waited for."""
        for name in ("probe_after", "silence", "timeout"):
            value = getattr(self, name)
            if not is_duration(value):
                raise InvalidInput(
                    field=f"health.{name}", problem=f"must be a number of seconds above 0, not {value!r}"
                )

    def next_check(self, signs: Signs) -> tuple[float, Check]:
        """Return when to check next, and how."""
        probe_at = max(signs.heard, signs.answered, signs.tried) + self.probe_after
        difference_at = signs.heard + self.silence
        return (difference_at, Check.DIFFERENCE) if difference_at <= probe_at else (probe_at, Check.PROBE)
