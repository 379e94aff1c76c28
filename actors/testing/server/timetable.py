"""Wakes up when a scheduled message is due, and has it sent. The server uses it.

It doesn't know what is due: world/scheduled.py does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from actors.testing.server.clock import clock
from actors.testing.server.world.scheduled import next_due, release
from actors.testing.server.world.world import World

__all__ = ["Timetable"]

LONG = 24 * 3600.0  # seconds; a timer for later than that is set again


class Timetable:
    """One timer, for the next message that is due. It calls `then` after it has sent some."""

    def __init__(self, world: World, then: Callable[[], None]) -> None:
        self._world = world
        self._then = then
        self._at: tuple[int, float] | None = None  # what is due next, and the clock's offset then
        self._timer: asyncio.TimerHandle | None = None

    def arm(self) -> None:
        """Set the timer for the next message that is due, if that or the clock has changed."""
        due = next_due(self._world)
        at = None if due is None else (due, clock.offset)
        if at == self._at:
            return
        self.cancel()
        self._at = at
        if due is not None:
            wait = min(LONG, max(0.0, due - clock.now()))
            self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def cancel(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._at = None

    def _ring(self) -> None:
        self._timer = self._at = None
        release(self._world, now=clock.now())
        self._then()
        self.arm()
