"""One timer for each name: what a supervisor and its sessions know of time. Not a scheduler: asyncio is.

Used on one loop alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import Context

__all__ = ["Timers"]


class Timers:
    """One timer a session: the supervisor's hold on time."""

    def __init__(self) -> None:
        self._armed: dict[str, tuple[float, asyncio.TimerHandle]] = {}

    def arm(self, name: str, at: float | None, callback: Callable[[], None]) -> None:
        """Call back at the monotonic time `at`, or before: a timer that is armed for earlier stays as it is.

        So it is set anew seldom, and whoever is called back looks at what is due, and arms again.
        """
        armed = self._armed.get(name)
        if at is None or (armed is not None and armed[0] <= at):
            return
        if armed is not None:
            armed[1].cancel()

        def fire() -> None:
            del self._armed[name]
            callback()

        delay = max(0.0, at - time.monotonic())
        self._armed[name] = (at, asyncio.get_running_loop().call_later(delay, fire, context=Context()))

    def disarm(self, name: str) -> None:
        """Cancel a timer, if there is one."""
        armed = self._armed.pop(name, None)
        if armed is not None:
            armed[1].cancel()
