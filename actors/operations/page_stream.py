"""Pages on their way to an actor, at the actor's pace: which ones are unanswered, and what became of them.

A stream doesn't wait; `ScrapeHistory`, which uses it, does so by a checkpoint with `wait`. Its pages are kept in the
operation's metadata, so that they survive retries, holds and giving way.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from actors.operations.operation import Checkpoint, OperationContext
from actors.runtime.recipient import Receipt, Recipient
from actors.runtime.ref import ask_any

__all__ = ["PageStream"]


class PageStream:
    """The pages that one operation sends to one actor. At most `window` of them are unanswered."""

    def __init__(self, to: Recipient, window: int, context: OperationContext) -> None:
        self._to = to
        self._window = window
        self._open: deque[tuple[Receipt, Checkpoint]] = context.metadata.setdefault("handed over", deque())

    def send(self, message: Any, before: Checkpoint) -> None:
        """Send a page to the actor. `before` is the checkpoint to go on from if the actor doesn't take the page."""
        self._open.append((ask_any(self._to, message), before))

    def failure(self) -> tuple[BaseException, Checkpoint] | None:
        """Return the actor's error, and the checkpoint where the first page begins that it didn't take."""
        while self._open and self._open[0][0].done():
            error = self._open[0][0].exception()
            if error is not None:
                return error, self._open[0][1]
            self._open.popleft()
        return None

    def must_wait(self) -> Receipt | None:
        """Return the receipt that has to be answered before there is room for a page; None when there is room."""
        return self._open[0][0] if len(self._open) >= self._window else None

    def unanswered(self) -> Receipt | None:
        """Return the receipt of the oldest page that isn't answered; None when the actor has taken all."""
        return self._open[0][0] if self._open else None
