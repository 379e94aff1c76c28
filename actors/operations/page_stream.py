"""Pages on their way to an actor, at its pace: what was sent and isn't answered, and what became of it.

Kept in the operation's metadata, so that it survives retries, holds and giving way. It doesn't wait: an operation does,
by a checkpoint with `wait`.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from actors.operations.operation import Checkpoint, OperationContext
from actors.runtime.recipient import Receipt, Recipient
from actors.runtime.ref import ask_any

__all__ = ["PageStream"]


class PageStream:
    """What one operation sends to one actor, of which at most `window` pages are unanswered."""

    def __init__(self, to: Recipient, window: int, context: OperationContext) -> None:
        self._to = to
        self._window = window
        self._open: deque[tuple[Receipt, Checkpoint]] = context.metadata.setdefault("handed over", deque())

    def send(self, message: Any, before: Checkpoint) -> None:
        """Hand a page over; `before` is where to go on from if the actor doesn't take it."""
        self._open.append((ask_any(self._to, message), before))

    def failure(self) -> tuple[BaseException, Checkpoint] | None:
        """Return what the actor failed with, and where the first page that it didn't take begins."""
        while self._open and self._open[0][0].done():
            error = self._open[0][0].exception()
            if error is not None:
                return error, self._open[0][1]
            self._open.popleft()
        return None

    def must_wait(self) -> Receipt | None:
        """Return what has to be answered before there is room for a page; None: there is."""
        return self._open[0][0] if len(self._open) >= self._window else None

    def unanswered(self) -> Receipt | None:
        """Return the oldest page's receipt that isn't there yet; None: all was taken."""
        return self._open[0][0] if self._open else None
