"""How long an attempt waits for an answer of the server. It has no timer: its session looks, and cancels the task.

Made for one attempt, which waits by it for each answer, or page. After `asyncio.timeout`, whose rule it has for telling
its own cancellation from anybody else's.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from actors.model.errors import TelegramError, Verdict
from actors.session.queued_operation import QueuedOperation

__all__ = ["Patience"]

T = TypeVar("T")


class Patience:
    """The attempt timeout of one operation, counted anew for each answer.

    since, until: what is waited for was asked then, and the server has been silent for too long then, in monotonic
    seconds; until is infinite while nothing is waited for, or the wait isn't judged: `in_doubt` says that it waits on
    for what the connection proves to be. is_over: it was too long, and the task was cancelled for that. look_at(until)
    asks for a look at that time.
    """

    __slots__ = ("_entry", "_look_at", "_now", "in_doubt", "is_over", "since", "until")

    def __init__(self, entry: QueuedOperation, now: Callable[[], float], look_at: Callable[[float], object]) -> None:
        self.since = self.until = math.inf
        self.in_doubt = self.is_over = False
        self._entry = entry
        self._now = now
        self._look_at = look_at

    async def wait(self, work: Awaitable[T]) -> T:
        """Wait for an answer. Raises TelegramError when there is none in time: a silence is transient, like others."""
        task = asyncio.current_task()
        before = 0 if task is None else task.cancelling()
        self.begin()
        try:
            return await work
        finally:
            self.until, self.in_doubt = math.inf, False
            if self.is_over and task is not None:
                self.is_over = False
                if task.uncancel() <= before and isinstance(sys.exception(), asyncio.CancelledError):
                    raise self._silence()

    def begin(self) -> None:
        """Count from now on, if there is a limit."""
        limit = self._entry.policy.attempt_timeout
        if limit is not None:
            self.since, self.in_doubt = self._now(), False
            self.until = self.since + limit
            self._look_at(self.until)

    def wait_on(self) -> None:
        """Wait without a limit for now: the connection is asked whether it lives."""
        self.until, self.in_doubt = math.inf, True

    def lose(self) -> None:
        """Have waited for too long."""
        self.until, self.in_doubt, self.is_over = math.inf, False, True

    def _silence(self) -> TelegramError:
        operation = self._entry.operation
        method = next(iter(sorted(operation.methods)), self._entry.operation_type)
        return TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY", method=method)
