"""A slow line: one connection carries so many bytes a second each way. It delays bytes and loses none.

The connection puts it between itself and its transport.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

__all__ = ["Pace", "SlowLine"]

TICK = 0.05  # seconds between two pieces that are written


@dataclass(frozen=True, slots=True)
class Pace:
    """How many bytes a second a server reads from a client and writes to it. None means as fast as it can."""

    read: float | None = None
    write: float | None = None


class SlowLine:
    """Stands between a connection and its transport, and slows both directions down."""

    def __init__(self, transport: asyncio.Transport, pace: Pace) -> None:
        self._transport = transport
        self._pace = pace
        self._waiting = bytearray()
        self._writer: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None

    @property
    def backlog(self) -> int:
        """The number of bytes that wait to be written."""
        return len(self._waiting)

    def write(self, data: bytes) -> None:
        """Write bytes at the pace's speed."""
        if self._pace.write is None:
            self._transport.write(data)
            return
        self._waiting += data
        if self._writer is None:
            self._write_piece(self._pace.write)

    def _write_piece(self, speed: float) -> None:
        size = max(1, round(speed * TICK))
        self._transport.write(bytes(self._waiting[:size]))
        del self._waiting[:size]
        pause = max(TICK, size / speed)
        more = asyncio.get_running_loop().call_later(pause, self._write_piece, speed) if self._waiting else None
        self._writer = more

    def received(self, size: int) -> None:
        """Stop reading for as long as so many bytes take."""
        if self._pace.read is not None and self._reader is None:
            self._transport.pause_reading()
            self._reader = asyncio.get_running_loop().call_later(size / self._pace.read, self._read_on)

    def _read_on(self) -> None:
        self._reader = None
        self._transport.resume_reading()

    def end(self, *, flush: bool) -> None:
        """Stop being slow. flush: whether what waits is written now."""
        for timer in (self._reader, self._writer):
            if timer is not None:
                timer.cancel()
        if self._reader is not None and not self._transport.is_closing():
            self._read_on()
        if flush and self._waiting:
            self._transport.write(bytes(self._waiting))
        self._waiting.clear()
