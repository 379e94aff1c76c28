"""How operations end: exactly one outcome each, to whoever waits for it. Not a decision: that was made before.

Owned by a session and used on its loop alone.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from actors.model.errors import ActorsError, FloodWait, OperationError, OperationRejected, OutcomeUnknown, TelegramError
from actors.model.events import OperationFailed
from actors.model.outcomes import Fate, Outcome
from actors.runtime import reply, reply_error
from actors.runtime.mailbox import HeldKey
from actors.session.queued_operation import QueuedOperation
from actors.session.shared import Services

__all__ = ["Outcomes", "describe", "outlasted_error", "rejected"]


class Outcomes:
    """See the module. `counts` has how many operations ended each way."""

    def __init__(self, session: str, services: Services) -> None:
        self.counts: Counter[str] = Counter()
        self._session = session
        self._events = services.events
        self._recorder = services.recorder
        self._fates = services.fates

    def fail(self, entry: QueuedOperation, error: BaseException) -> None:
        """End an operation with what its last attempt came to."""
        self.conclude(entry, Outcome.FAILED, error=error)

    def already_done(self, entry: QueuedOperation, error: BaseException) -> None:
        """End an operation whose aim was reached before it ran, with what it says to that."""
        assert isinstance(error, TelegramError)  # noqa: S101  nothing else has a verdict
        try:
            value = entry.operation.already_done(error)
        except Exception as raised:  # noqa: BLE001  the operation's own code
            self.fail(entry, raised)
        else:
            self.conclude(entry, Outcome.DONE, value=value)

    def conclude(
        self, entry: QueuedOperation, outcome: Outcome, *, value: Any = None, error: BaseException | None = None
    ) -> None:
        """End an operation: answer who asked, or publish the failure of what was told. The first call counts."""
        if entry.answered:
            return
        entry.answered = True
        if error is not None and entry.may_have_left:
            outcome, error = Outcome.UNKNOWN, _unknown(entry, error)
        self._note(entry, outcome, error)
        if error is None:
            reply(entry.result_future, value)
            return
        self._complete(entry, error)
        if entry.result_future is not None:
            reply_error(entry.result_future, error)
        else:
            self._publish(entry, error)

    def _note(self, entry: QueuedOperation, outcome: Outcome, error: BaseException | None) -> None:
        self.counts[outcome.value] += 1
        detail = "" if error is None else describe(error)
        entry.trace.end(outcome.value, time.monotonic(), detail)
        self._recorder.ended(entry.trace)
        if self._fates.is_open:
            name = type(entry.operation).__name__
            self._fates.add(
                Fate(
                    session=self._session,
                    operation_id=entry.operation_id,
                    name=name,
                    key=entry.operation.key,
                    outcome=outcome.value,
                    detail=detail,
                )
            )

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


def describe(error: BaseException) -> str:
    """Return an error in a few words: ours tell no secret, and of anybody else's only the class is told."""
    return str(error) if isinstance(error, ActorsError) else type(error).__name__


def _unknown(entry: QueuedOperation, error: BaseException) -> OutcomeUnknown:
    """Return the error of an operation that may have happened all the same."""
    unknown = OutcomeUnknown(random_id=entry.operation.repeat_id(), reason=type(error).__name__)
    unknown.__cause__ = error
    return unknown


def outlasted_error(entry: QueuedOperation, held: HeldKey, now: float) -> BaseException:
    """Return what the caller of an operation gets whose hold ends after its deadline."""
    if held.key == entry.own_key and entry.last_error is not None:
        return entry.last_error
    kind, _, method = held.key.partition(":")
    if kind != "method":  # slow mode holds a chat: the method is the operation's own
        method = min(entry.operation.methods_needed(), default=entry.operation_type)
    retry_after = (held.until or now) - now
    return FloodWait(retry_after=retry_after, method=method, name=held.reason)


def rejected(reason: str, cause: BaseException | None) -> OperationRejected:
    """Return what the caller of an operation gets that won't be carried out."""
    error = OperationRejected(reason=reason)
    if isinstance(cause, ActorsError):
        error.__cause__ = cause
    return error
