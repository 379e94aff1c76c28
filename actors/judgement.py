"""From a failed attempt to a decision: what the error means, how often it happened, and what the policy says to that.

Used by the slot, which carries decisions out. The only randomness is the jitter of the backoff.
"""

from __future__ import annotations

import random

from actors.errors import FloodWait, TelegramError, Verdict
from actors.operations import QueuedOperation
from actors.policies import Backoff, Decision, judge

__all__ = ["decide", "verdict_of"]


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
