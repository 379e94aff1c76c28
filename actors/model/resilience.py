"""How sessions recover: backoff, restart intensity, checks of a quiet connection, and the brake of a fleet.

All of it is pure: readings of a monotonic clock, counts and a chance go in, seconds and decisions come out. Nothing
here waits or remembers. The supervisor, a session's connection and its health carry the decisions out. Times are
seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from actors.model.checks import check_count, check_kind, check_number, check_seconds, check_share

__all__ = ["Backoff", "Check", "FleetBrake", "GiveUp", "HealthPolicy", "Restart", "RestartPolicy"]

MOST_POWERS = 64
"""Times that the factor of a backoff is taken at most, whatever the attempt."""

HIGHEST_FACTOR = 1000
"""Its 64th power is still a float."""

HIGHEST_RATE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetBrake:
    """Spreads reconnects and restarts out once a large part of the fleet has failed within a short time.

    - share, at_least: the part of the fleet (0 to 1) and the number of sessions from which on failures count as one
      failure that many share.
    - within: the seconds in which failures count together.
    - rate: how many sessions may come back in a second.
    """

    share: float = 0.2
    at_least: int = 10
    within: float = 30.0
    rate: float = 50.0

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        check_share("brake.share", self.share)
        check_count("brake.at_least", self.at_least, least=1)
        check_seconds("brake.within", self.within)
        check_number("brake.rate", self.rate, most=HIGHEST_RATE)

    def pause(self, *, failed: int, fleet: int, chance: float) -> float:
        """Return the seconds that one of `failed` sessions of a `fleet` waits besides its backoff.

        chance: a random number in [0, 1). The pauses spread evenly over failed / rate seconds, so that about `rate`
        sessions come back in each second.
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
        check_seconds("backoff.base", self.base)
        check_number("backoff.factor", self.factor, most=HIGHEST_FACTOR)
        check_seconds("backoff.cap", self.cap)

    def delay(self, attempt: int, *, chance: float) -> float:
        """Return the seconds to wait after failed attempt number `attempt` (from 1); `chance` is in [0, 1)."""
        return min(self.cap, self.base * self.factor ** min(attempt - 1, MOST_POWERS)) * chance


@dataclass(frozen=True, slots=True)
class Restart:
    """The decision to replace a session's client after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The decision to stop a session, because it broke too often."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """How often a session may be restarted: at most `limit` times in `within` seconds, as with OTP's supervisors."""

    limit: int = 5
    within: float = 60.0
    backoff: Backoff = field(default_factory=lambda: Backoff(base=0.5))

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        check_count("restarts.limit", self.limit)
        check_seconds("restarts.within", self.within)
        check_kind("restarts.backoff", self.backoff, Backoff)

    def recent(self, restarts: tuple[float, ...], *, now: float) -> tuple[float, ...]:
        """Return those of the restarts that still count at the time `now`."""
        return tuple(at for at in restarts if now - at < self.within)

    def judge(self, restarts: tuple[float, ...], *, now: float, chance: float) -> Restart | GiveUp:
        """Decide whether the session is restarted once more after those `restarts`, and with what delay.

        restarts, now: monotonic seconds. chance: a random number in [0, 1), for the jitter.
        """
        recent = self.recent(restarts, now=now)
        if len(recent) >= self.limit:
            return GiveUp(f"{len(recent)} restarts within {self.within:g} s")
        return Restart(self.backoff.delay(len(recent) + 1, chance=chance))


class Check(Enum):
    """What a connection is asked, to find out whether it lives.

    LINE: for any byte, by a ping. ANSWER: for the answer to a ping itself, since what comes by itself says nothing of
    the way out. PROBE: whose login it is. DIFFERENCE: for updates that were missed.
    """

    LINE = "line"
    ANSWER = "answer"
    PROBE = "probe"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """How long a connection may be quiet before it is checked. Times are seconds.

    - probe_after: after so long without a byte from the server the line has to prove itself: a ping is sent. Telethon
      sends one every 60 s anyway, so that a line which lives isn't asked for more.
    - proof: how long the line may take for that. One on which no byte comes, and whose bytes don't get away either, is
      made anew. The same goes for a line that may have swallowed what an attempt waits for, however short that was.
    - silence: after so long without an update the difference is asked for. A client that doesn't get it is replaced.
      The default of 15 minutes is Telethon's own, which asks then too, but doesn't look whether the server answers.
    - timeout: how long the answer to that may take, and the first answer on a connection that came back.
    """

    probe_after: float = 65.0
    proof: float = 5.0
    silence: float = 900.0
    timeout: float = 15.0

    def __post_init__(self) -> None:
        """Refuse durations that can't be waited for."""
        for name in ("probe_after", "proof", "silence", "timeout"):
            check_seconds(f"health.{name}", getattr(self, name))

    def patience(self, check: Check) -> float:
        """Return the seconds that the answer to a check may take."""
        return self.proof if check in {Check.LINE, Check.ANSWER} else self.timeout

    def next_check(self, *, byte: float, news: float) -> tuple[float, Check]:
        """Return the time of the next check, in monotonic seconds, and its kind.

        byte: when the last byte came; news: when the last update did, or the last difference.
        """
        line_at, difference_at = byte + self.probe_after, news + self.silence
        return (difference_at, Check.DIFFERENCE) if difference_at <= line_at else (line_at, Check.LINE)
