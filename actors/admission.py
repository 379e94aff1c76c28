"""Admission: from a message in an envelope to an operation in the mailbox, or a named refusal. Nothing is run here.

Called in the thread of whoever sends, under the lock of the session's inbox, so that accepting and checking liveness
are one step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from actors.mailbox import Offer
from actors.messages import CancelOperation
from actors.model.config import SessionConfig
from actors.model.errors import MailboxFull, OperationRejected
from actors.model.events import DeadLetter
from actors.model.outcomes import StepKind
from actors.model.policies import policy_for
from actors.operations import Operation, QueuedOperation
from actors.runtime import ActorDeadError, ActorFuture, Envelope, Inbox, Node, context_of, reply_error, tell_if_alive
from actors.services import Services, Tick

__all__ = ["Admission"]

_operation_ids = count(1)


class Admission:
    """See the module. `tell` puts an envelope into the session's own inbox, whether it lives or not."""

    def __init__(
        self,
        node: Node,
        config: SessionConfig,
        services: Services,
        inbox: Inbox,
        *,
        tell: Callable[[Envelope[Any]], None],
    ) -> None:
        self._node = node
        self._config = config
        self._services = services
        self._inbox = inbox
        self._tell = tell

    def admit(self, envelope: Envelope[Any]) -> bool:
        """Take an operation into the mailbox; say whether it was one. Raises MailboxFull and ActorDeadError."""
        if not isinstance(envelope.message, Operation):
            return False
        entry = self._entry(envelope)
        offer = self._inbox.mailbox.offer(entry)
        if offer is Offer.FULL:
            raise MailboxFull(
                session=self._config.name, operation_type=entry.operation_type, capacity=self._config.capacity
            )
        if offer is Offer.CLOSED:
            raise ActorDeadError(f"{self._inbox.owner} not found")
        self._trace(entry)
        if isinstance(envelope.reply_to, ActorFuture):
            cancel = Envelope(CancelOperation(entry.operation_id))
            envelope.reply_to.on_cancel(partial(self._tell, cancel))
            envelope.reply_to.answered_by = self._node
            envelope.reply_to.operation_id = entry.operation_id
        return True

    def submit(self, operation: Operation[Any]) -> ActorFuture[Any]:
        """Take an operation of the session's own: outside the bound, and while the mailbox is open."""
        future: ActorFuture[Any] = ActorFuture()
        with self._inbox.lock:
            entry = self._entry(Envelope(operation, future))
            entry.is_own = True
            offer = self._inbox.mailbox.offer(entry)
            if offer is Offer.ACCEPTED:
                self._trace(entry)
        if offer is Offer.ACCEPTED:
            self._tell(Envelope(Tick()))
        else:
            reply_error(future, OperationRejected(reason="the session is stopping"))
        return future

    def refused(self, envelope: Envelope[Any], error: Exception) -> None:
        """Publish an operation that was told, and isn't accepted; its sender gets the error besides."""
        if isinstance(envelope.message, Operation):
            reason = {MailboxFull: "full", ActorDeadError: "stopped"}.get(type(error), "invalid")
            name = type(envelope.message).__name__
            letter = DeadLetter(session=self._config.name, message_type=name, reason=reason)
            tell_if_alive(self._services.supervisor, letter)

    def _entry(self, envelope: Envelope[Any]) -> QueuedOperation:
        operation = envelope.message.accepted()
        policy = operation.overrides.apply(policy_for(operation.operation_type, self._services.policies))
        entry = QueuedOperation(operation, policy, next(_operation_ids), time.monotonic(), envelope.reply_to)
        entry.context = context_of(envelope)
        return entry

    def _trace(self, entry: QueuedOperation) -> None:
        """Record the operation, and what holds it from its first moment on."""
        entry.trace.session = self._config.name
        for held in self._inbox.mailbox.holds():
            if held.key in entry.needs:
                entry.trace.note(StepKind.HELD, entry.accepted_at, f"{held.key}: {held.reason}")
        self._services.recorder.accepted(entry.trace)
