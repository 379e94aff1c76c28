"""From a failed attempt to a decision: what the error means, how often it happened, and what the policy says to that.

Used by the slot, which carries decisions out. The only randomness is the jitter of the backoff.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff
from actors.session.queued_operation import QueuedOperation

__all__ = [
    "AUTH_KEY_TRIES",
    "LONGEST_HOLD",
    "PERMANENT",
    "Again",
    "Decision",
    "Doom",
    "Fail",
    "Hold",
    "Restrict",
    "Succeed",
    "decide",
    "judge",
    "key_is_gone",
    "verdict_of",
]


def verdict_of(error: BaseException) -> Verdict:
    """Return what an error means; one of the user's own means nothing to us."""
    return error.verdict if isinstance(error, TelegramError) else Verdict.UNKNOWN


def decide(entry: QueuedOperation, error: BaseException, backoff: Backoff) -> Decision:
    """Count the failure, and decide what follows it. A flood wait is no failure."""
    verdict = verdict_of(error)
    if verdict is not Verdict.RETRY_AFTER:
        entry.failures += 1
    return judge(
        verdict,
        failures=entry.failures,
        policy=entry.policy,
        backoff=backoff,
        chance=random.random(),  # noqa: S311  only spreads load
        retry_after=error.retry_after if isinstance(error, FloodWait) else None,
    )


LONGEST_HOLD = 366 * 86_400.0
"""Seconds of the longest hold: a server may ask for more, and gets it a year at a time."""


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
