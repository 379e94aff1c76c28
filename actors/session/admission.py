"""Admission: from a message in an envelope to an operation in the queue, or a named refusal. Nothing is run here.

Called in the thread of whoever sends, under the lock of the session's inbox, so that accepting and checking liveness
are one step. Owned by a session actor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

from actors.model.config import SessionConfig
from actors.model.errors import MailboxFull, OperationRejected
from actors.model.events import DeadLetter, Refusal
from actors.model.policies import policy_for
from actors.operations.operation import Operation
from actors.runtime import ActorDeadError, ActorFuture, Envelope, Node, context_of, reply_error, tell_if_alive
from actors.runtime.mailbox import Offer
from actors.runtime.recipient import Recipient
from actors.session.messages import CancelOperation, Tick
from actors.session.queue import OperationQueue
from actors.session.queued_operation import QueuedOperation
from actors.session.shared import Shared

__all__ = ["Admission", "refused"]

_operation_ids = count(time.time_ns() // 1000)
"""Numbers of operations. They start at the microseconds since 1970, so that no later process counts from a number that
this one has used, as long as it accepts less than a million operations a second and no clock is set back. They fit
into the 53 bits of a number in JSON until the year 2255."""


def _start_over() -> None:
    """Count from the time of the fork, in a forked child: its parent goes on from where it is."""
    global _operation_ids  # noqa: PLW0603  as if this were the process's first import
    _operation_ids = count(time.time_ns() // 1000)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_over)


class Admission:
    """The door of one session's queue. tell(envelope) puts a message into the session's own inbox."""

    def __init__(
        self,
        node: Node,
        config: SessionConfig,
        shared: Shared,
        queue: OperationQueue,
        *,
        tell: Callable[[Envelope[Any]], None],
    ) -> None:
        self._node = node
        self._config = config
        self._shared = shared
        self._queue = queue
        self._tell = tell

    def admit(self, envelope: Envelope[Any]) -> bool:
        """Take an operation into the queue; say whether it was one. Raises MailboxFull and ActorDeadError."""
        if not isinstance(envelope.message, Operation):
            return False
        entry = self._entry(envelope.message, envelope.reply_to)
        entry.context = context_of(envelope)
        self._shared.recorder.accepted(entry.trace)
        offer = self._queue.offer(entry)
        if offer is not Offer.ACCEPTED:
            self._shared.recorder.refused(entry.trace)
            raise self._refusal(offer, entry)
        if isinstance(envelope.reply_to, ActorFuture):
            envelope.reply_to.on_cancel(partial(self._cancel, entry.operation_id))
            envelope.reply_to.answered_by = self._node
            envelope.reply_to.operation_id = entry.operation_id
        return True

    def submit(self, operation: Operation[Any]) -> ActorFuture[Any]:
        """Take an operation of the session's own: outside the bound, and while the queue is open."""
        future: ActorFuture[Any] = ActorFuture()
        entry = self._entry(operation, future)
        entry.is_own = True
        self._shared.recorder.accepted(entry.trace)
        if self._queue.offer(entry) is Offer.ACCEPTED:
            self._tell(Envelope(Tick()))
        else:
            self._shared.recorder.refused(entry.trace)
            reply_error(future, OperationRejected(reason="the session is stopping"))
        return future

    def _cancel(self, operation_id: int) -> None:
        self._tell(Envelope(CancelOperation(operation_id)))

    def _entry(self, operation: Operation[Any], reply_to: Any) -> QueuedOperation:
        kept = operation.accepted()
        return QueuedOperation(
            kept,
            kept.overrides.apply(policy_for(kept.operation_type, self._shared.policies)),
            next(_operation_ids),
            self._shared.now(),
            datetime.now(UTC),
            reply_to,
            self._config.due_after,
            session=self._config.name,
        )

    def _refusal(self, offer: Offer, entry: QueuedOperation) -> Exception:
        if offer is Offer.CLOSED:
            return ActorDeadError(f"session {self._config.name!r} not found")
        return MailboxFull(
            session=self._config.name, operation_type=entry.operation_type, capacity=self._config.capacity
        )


def refused(session: str, supervisor: Recipient, envelope: Envelope[Any], error: Exception) -> None:
    """Publish an operation that was told, and isn't accepted; its sender gets the error besides.

    It holds nothing of the session, which may have stopped long ago.
    """
    if isinstance(envelope.message, Operation):
        reason = {MailboxFull: Refusal.FULL, ActorDeadError: Refusal.STOPPED}.get(type(error), Refusal.INVALID)
        letter = DeadLetter(session=session, message_type=type(envelope.message).__name__, reason=reason)
        tell_if_alive(supervisor, letter)
