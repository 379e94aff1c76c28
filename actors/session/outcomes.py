"""How operations end: exactly one outcome each, to whoever waits for it. Not a decision: that was made before.

Owned by a session. Whatever ends an operation goes through here, so that each is answered, counted and traced alike.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from actors.model.errors import ActorsError, FloodWait, OperationError, OperationRejected, OutcomeUnknown, TelegramError
from actors.model.events import OperationFailed
from actors.model.outcomes import Outcome
from actors.runtime import reply, reply_error
from actors.runtime.delivery import EventStream
from actors.runtime.mailbox import HeldKey
from actors.session.floods import flood_of
from actors.session.life import Turning, advance
from actors.session.queued_operation import QueuedOperation
from actors.session.traces import Recorder

__all__ = ["Outcomes", "describe", "outlasted_error", "rejected"]


logger = logging.getLogger("actors.session")


class Outcomes:
    """The ends of one session's operations. `counts` has how many ended each way."""

    def __init__(self, session: str, events: EventStream, recorder: Recorder) -> None:
        self.counts: Counter[str] = Counter()
        self._session = session
        self._events = events
        self._recorder = recorder

    def already_done(self, entry: QueuedOperation, error: TelegramError, now: float) -> None:
        """End an operation whose aim was reached before it ran, with what it says to that."""
        try:
            value = entry.operation.already_done(error)
        except Exception as raised:  # noqa: BLE001  the operation's own code
            self.conclude(entry, Outcome.FAILED, now, error=raised)
        else:
            self.conclude(entry, Outcome.DONE, now, value=value)

    def conclude(
        self,
        entry: QueuedOperation,
        outcome: Outcome,
        now: float,
        *,
        value: Any = None,
        error: BaseException | None = None,
    ) -> None:
        """End an operation: answer who asked, or publish the failure of what was told. The first call counts."""
        if entry.outcome is not None:
            return
        if error is not None and (entry.may_have_left or isinstance(error, OutcomeUnknown)):
            outcome, error = Outcome.UNKNOWN, _unknown(entry, error)
        if error is not None:
            self._complete(entry, error)
        detail = "" if error is None else describe(error)
        entry.outcome = outcome
        entry.life = advance(entry.life, Turning.CONCLUDED)
        entry.trace.end(outcome, now, detail)
        self.counts[outcome.value] += 1
        self._recorder.ended(entry.trace)
        if error is None:
            reply(entry.result_future, value)
            return
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


def describe(error: BaseException) -> str:
    """Return an error in a few words: ours tell no secret, and of anybody else's only the class is told."""
    return str(error) if isinstance(error, ActorsError) else type(error).__name__


def _unknown(entry: QueuedOperation, error: BaseException) -> OutcomeUnknown:
    """Return the error of an operation that may have happened all the same."""
    if isinstance(error, OutcomeUnknown):
        return error
    try:
        repeat_id = entry.operation.repeat_id()
    except Exception:
        logger.exception("%s could not say how it is repeated", type(entry.operation).__name__)
        repeat_id = 0
    unknown = OutcomeUnknown(random_id=repeat_id, reason=type(error).__name__)
    unknown.__cause__ = error
    return unknown


def outlasted_error(entry: QueuedOperation, held: HeldKey, now: float) -> BaseException:
    """Return what the caller of an operation gets whose hold ends after its deadline."""
    if held.key == entry.own_key and entry.last_error is not None:
        return entry.last_error
    last = entry.last_error
    method = last.method if isinstance(last, FloodWait) else min(entry.methods, default=entry.operation_type)
    return flood_of(held, now, session=entry.session, method=method)


def rejected(reason: str, cause: BaseException | None) -> OperationRejected:
    """Return what the caller of an operation gets that won't be carried out."""
    error = OperationRejected(reason=reason)
    if isinstance(cause, ActorsError):
        error.__cause__ = cause
    return error
