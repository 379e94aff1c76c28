"""SIGINT and SIGTERM end a program in the same way: its `with` blocks are left, so that systems drain and report.

This is not a supervisor of processes. The commands of the command line run inside `ended_by_signals()`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["ended_by_signals"]

SIGNALLED = 128
"""What shells add to the number of the signal for the exit code."""


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave all blocks. The next signal of this kind does what it did before, for whoever can't wait."""
    del frame
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    raise SystemExit(SIGNALLED + number)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into SystemExit inside the block. It works in the main thread only."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
