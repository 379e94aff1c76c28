"""When to ask a connection whether it still lives. Pure: readings of a monotonic clock in, the next check out.

A connection can be up and dead: the server takes requests and answers none, or answers and sends no updates. So a
quiet one is asked (users.getUsers), and one that stays without an update is made to fetch what it may have missed
(updates.getDifference); when even that isn't answered, the client is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from actors.errors import InvalidInput
from actors.policies import is_duration

__all__ = ["Check", "HealthPolicy", "Signs"]


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
