"""SIGINT and SIGTERM end a program alike: its blocks are left, so that systems drain and report, and it exits."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["ended_by_signals"]

SIGNALLED = 128
"""What shells add to the number of the signal for the exit code."""


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave all blocks; the next signal of the kind does what it did before, for whoever can't wait."""
    del frame
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    raise SystemExit(SIGNALLED + number)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into SystemExit inside the block; for the main thread."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
