"""From a failed attempt to a decision. Pure: an error, a count, a policy and a chance in, what follows out.

Used by the dispatcher, which carries decisions out. It never changes what an error means: that was said at the border.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.model.errors import FloodWait, InvalidInput, TelegramError, Verdict
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff

__all__ = [
    "PERMANENT",
    "Again",
    "Decision",
    "Doom",
    "Fail",
    "Hold",
    "Restrict",
    "Succeed",
    "is_permanent",
    "judge",
    "seconds_of_hold",
    "verdict_of",
]

LONGEST_HOLD = 366 * 86_400.0
"""Seconds of the longest hold: a server may ask for more, and gets it a year at a time."""

SHORTEST_HOLD = 1.0
"""Seconds of the shortest hold: FLOOD_WAIT_0 has been seen, and asking again at once only feeds it."""

PERMANENT = frozenset({Verdict.SESSION_DEAD, Verdict.ACCOUNT_DEAD, Verdict.CONFIGURATION})
"""What no other attempt and no new connection can mend."""


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


def verdict_of(error: BaseException) -> Verdict:
    """Return what an error means; one of the user's own means nothing to us."""
    return error.verdict if isinstance(error, TelegramError) else Verdict.UNKNOWN


def is_permanent(error: BaseException | None) -> bool:
    """Say whether an error is one that nothing can mend: what is wrong in a session's config is wrong the next time."""
    return isinstance(error, InvalidInput) or (isinstance(error, TelegramError) and error.verdict in PERMANENT)


def seconds_of_hold(error: FloodWait) -> float:
    """Return for how long a flood wait holds: a second at least, a year at most."""
    return min(max(error.retry_after, SHORTEST_HOLD), LONGEST_HOLD)


def judge(error: BaseException, *, failures: int, policy: OperationPolicy, backoff: Backoff, chance: float) -> Decision:
    """Decide what follows a failed attempt.

    failures: attempts in a row since the last checkpoint, this one included; a flood wait is none. chance: in [0, 1),
    the jitter of the backoff.
    """
    verdict = verdict_of(error)
    if verdict in PERMANENT:
        return Doom()
    if verdict is Verdict.ACCOUNT_RESTRICTED:
        return Restrict()
    if verdict is Verdict.ALREADY_DONE:
        return Succeed()
    if isinstance(error, FloodWait):
        return Hold(seconds_of_hold(error))
    if verdict is Verdict.TRANSIENT and failures <= policy.retries:
        return Again(backoff.delay(failures, chance=chance))
    if verdict is Verdict.REFRESH_INPUT and failures <= 1:
        return Again(0.0)
    return Fail()
