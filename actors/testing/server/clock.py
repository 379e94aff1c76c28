"""The server's clock: the machine's clock, moved by as many seconds as a test asks for. Nobody waits by it.

A process has one clock, because message ids (wire/outgoing.py), their checks (connection.py) and the dates of what
happens (server.py) must agree. Waiting is up to the event loop and isn't affected.
"""

from __future__ import annotations

import time

__all__ = ["Clock", "clock"]

SECOND = 1_000_000_000


class Clock:
    """A clock of Unix time with an offset in seconds."""

    __slots__ = ("offset",)

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> int:
        """Return the time in whole seconds."""
        return int(time.time() + self.offset)

    def nanoseconds(self) -> int:
        """Return the time in nanoseconds."""
        return time.time_ns() + round(self.offset * SECOND)


clock = Clock()
