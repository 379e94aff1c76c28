"""A thread that notices when a loop is stuck, and says where. It mends nothing: a stack in the log is its whole work.

It beats on the loop and looks at the beat from its own thread, so a callback or a handler that blocks is seen while
it blocks.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

__all__ = ["STUCK_AFTER", "Watchdog"]

logger = logging.getLogger("actors.watchdog")

STUCK_AFTER = 1.0
"""Seconds without a beat after which a loop counts as stuck."""

BEAT = 0.25
"""Seconds between beats."""


class Watchdog:
    """Watches the running loop from `with` on; reports each time that it is stuck once."""

    def __init__(self, *, stuck_after: float = STUCK_AFTER) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._stuck_after = stuck_after
        self._beaten_at = time.monotonic()
        self._over = threading.Event()
        self._handle = self._loop.call_soon(self._beat)
        self._thread = threading.Thread(target=self._watch, name="actors-watchdog", daemon=True)

    def start(self) -> Self:
        """Watch."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop watching; called on the loop."""
        self._handle.cancel()
        self._over.set()

    def _beat(self) -> None:
        self._beaten_at = time.monotonic()
        self._handle = self._loop.call_later(BEAT, self._beat)

    def _watch(self) -> None:
        reported = 0.0
        while not self._over.wait(BEAT) and not self._loop.is_closed():
            beaten_at = self._beaten_at
            silent = time.monotonic() - beaten_at
            if silent > self._stuck_after and beaten_at != reported:
                reported = beaten_at
                self._report(silent)

    def _report(self, silent: float) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        stack = "".join(traceback.format_stack(frame)) if frame is not None else "(no stack)"
        logger.error("The loop has been stuck for %.1f s, and with it every session. It is here:\n%s", silent, stack)
