"""The fleet-wide brake: when many sessions lose their connection together, they don't all come back at once.

Pure: counts and a chance in, seconds out. Who failed when is kept by `fleet.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.errors import InvalidInput
from actors.policies import is_duration

__all__ = ["FleetBrake"]


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
