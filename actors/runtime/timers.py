"""One timer for each name. Not a scheduler: asyncio is. Owned by a supervisor, whose sessions arm one each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context

__all__ = ["Timers"]


class Timers:
    """Timers by name, on one loop. now: the clock that their times are readings of, in monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._armed: dict[str, tuple[float, asyncio.TimerHandle]] = {}

    def arm(self, name: str, callback: Callable[[], None], at: float) -> None:
        """Call back at the time `at`, or before: a timer that is armed for earlier stays as it is.

        So it is set anew seldom, and whoever is called back looks at what is due, and arms again.
        """
        armed = self._armed.get(name)
        if armed is not None and armed[0] <= at:
            return
        if armed is not None:
            armed[1].cancel()

        def fire() -> None:
            del self._armed[name]
            callback()

        delay = max(0.0, at - self._now())
        self._armed[name] = (at, asyncio.get_running_loop().call_later(delay, fire, context=Context()))

    def disarm(self, name: str) -> None:
        """Cancel a timer, if there is one."""
        armed = self._armed.pop(name, None)
        if armed is not None:
            armed[1].cancel()
