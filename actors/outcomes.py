"""How operations end: exactly one outcome each, to whoever waits for it. Not a decision: that was made before.

Owned by a session and used on its loop alone.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import Any

from actors.errors import ActorsError, FloodWait, OperationError, OperationRejected, OutcomeUnknown
from actors.mailbox import HeldKey
from actors.messages import OperationFailed
from actors.operations import QueuedOperation
from actors.runtime import reply, reply_error
from actors.services import EventStream

__all__ = ["Outcome", "Outcomes", "outlasted_error", "rejected"]


class Outcome(Enum):
    """How an operation ended."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class Outcomes:
    """See the module. `counts` has how many operations ended each way."""

    def __init__(self, session: str, events: EventStream) -> None:
        self.counts: Counter[str] = Counter()
        self._session = session
        self._events = events

    def fail(self, entry: QueuedOperation, error: BaseException) -> None:
        """End an operation with what its last attempt came to."""
        self.conclude(entry, Outcome.FAILED, error=error)

    def conclude(
        self, entry: QueuedOperation, outcome: Outcome, *, value: Any = None, error: BaseException | None = None
    ) -> None:
        """End an operation: answer who asked, or publish the failure of what was told. The first call counts."""
        if entry.answered:
            return
        entry.answered = True
        if error is not None and entry.may_have_left:
            outcome, error = Outcome.UNKNOWN, _unknown(entry, error)
        self.counts[outcome.value] += 1
        if error is None:
            reply(entry.result_future, value)
            return
        self._complete(entry, error)
        if entry.result_future is not None:
            reply_error(entry.result_future, error)
        else:
            self._publish(entry, error)

    def _complete(self, entry: QueuedOperation, error: BaseException) -> None:
        """Say in the error which operation it was, and what it had; one of another operation's says that already."""
        if isinstance(error, OperationError) and not error.operation_id:
            error.session = self._session
            error.operation_type = entry.operation_type
            error.operation_id = entry.operation_id
            error.partial = tuple(entry.partial)
            error.checkpoint = entry.checkpoint

    def _publish(self, entry: QueuedOperation, error: BaseException) -> None:
        self._events.publish(
            OperationFailed(
                session=self._session,
                operation_id=entry.operation_id,
                operation_type=entry.operation_type,
                error=error,
            )
        )


def _unknown(entry: QueuedOperation, error: BaseException) -> OutcomeUnknown:
    """Return the error of an operation that may have happened all the same."""
    unknown = OutcomeUnknown(random_id=entry.operation.repeat_id(), reason=type(error).__name__)
    unknown.__cause__ = error
    return unknown


def outlasted_error(entry: QueuedOperation, held: HeldKey, now: float) -> BaseException:
    """Return what the caller of an operation gets whose hold ends after its deadline."""
    if held.key == entry.own_key and entry.last_error is not None:
        return entry.last_error
    method = held.key.partition(":")[2]
    retry_after = (held.until or now) - now
    return FloodWait(retry_after=retry_after, method=method, name=held.reason)


def rejected(reason: str, cause: BaseException | None) -> OperationRejected:
    """Return what the caller of an operation gets that won't be carried out."""
    error = OperationRejected(reason=reason)
    if isinstance(cause, ActorsError):
        error.__cause__ = cause
    return error
