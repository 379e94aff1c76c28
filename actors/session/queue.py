"""A session's operations that wait: the mailbox behind its lock, its limits enforced and every hold noted.

Not the mailbox, which has the order and no clock, and not the slot, which runs one operation at a time. Owned by a
session and used on its loop alone, but for what the inbox's lock guards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import partial
from itertools import count
from typing import Any

from actors.model.config import SessionConfig
from actors.model.errors import MailboxFull, OperationCancelled, OperationRejected, OperationTimeout, QueueWaitTimeout
from actors.model.events import DeadLetter
from actors.model.outcomes import Outcome, StepKind
from actors.model.policies import policy_for
from actors.operations import Operation
from actors.runtime import ActorDeadError, ActorFuture, Envelope, Inbox, Node, context_of, reply_error, tell_if_alive
from actors.runtime.mailbox import HeldKey, Offer
from actors.session.messages import CancelOperation, Tick
from actors.session.outcomes import Outcomes, outlasted_error, rejected
from actors.session.queued_operation import OFFLINE, WRITING, QueuedOperation
from actors.session.shared import Services

__all__ = ["Admission", "Waiting"]


class Waiting:
    """See the module."""

    def __init__(self, inbox: Inbox, outcomes: Outcomes) -> None:
        self._inbox = inbox
        self._mailbox = inbox.mailbox
        self._outcomes = outcomes
        self._offline = ""
        self.go_offline("connecting")

    def __len__(self) -> int:
        return len(self._mailbox)

    # Taking turns.

    def first(self, now: float) -> QueuedOperation | None:
        """Return the operation whose turn it is; it goes on waiting."""
        with self._inbox.lock:
            return self._mailbox.peek(now)

    def take(self, entry: QueuedOperation) -> bool:
        """Remove an operation in order to run it; those that it overtakes hear of it. False: it is gone already."""
        now = time.monotonic()
        with self._inbox.lock:
            taken = self._mailbox.take(entry)
            overtaken = [other for other in self._mailbox if other.sequence < entry.sequence] if taken else []
        for other in overtaken:
            other.trace.overtaken_by(entry.trace.label, now)
        return taken

    def give_back(self, entry: QueuedOperation) -> None:
        """Put an operation that has started back at its old place."""
        with self._inbox.lock:
            self._mailbox.give_back(entry)

    def outranks(self, running: QueuedOperation, now: float, *, counting_due: bool) -> bool:
        """Say whether something that waits should run before `running` goes on."""
        with self._inbox.lock:
            return self._mailbox.outranks(running, now, counting_due=counting_due)

    # Holds.

    def hold(
        self, key: str, reason: str, seconds: float | None = None, *, also: Collection[QueuedOperation] = ()
    ) -> None:
        """Hold what needs `key`, for so many seconds or without end. also: operations that are on their way back."""
        now = time.monotonic()
        until = None if seconds is None else now + seconds
        end = "" if seconds is None else f" for {seconds:.1f} s"
        with self._inbox.lock:
            self._mailbox.hold(key, reason=reason, until=until)
            affected = [entry for entry in (*also, *self._mailbox) if key in entry.needs]
        for entry in affected:
            entry.trace.note(StepKind.HELD, now, f"{key}: {reason}{end}")

    def release(self, key: str) -> bool:
        """End a hold; say whether there was one."""
        with self._inbox.lock:
            was_held = any(held.key == key for held in self._mailbox.holds())
            self._mailbox.release(key)
        return was_held

    def go_offline(self, reason: str) -> None:
        """Hold everything: there is no connection."""
        if reason != self._offline:
            self.release(OFFLINE)
            self.hold(OFFLINE, reason)
            self._offline = reason

    def go_online(self) -> None:
        """Let everything run that nothing else holds."""
        if self._offline:
            self.release(OFFLINE)
            self._offline = ""

    def restrict(self, reason: str) -> None:
        """Hold everything that writes, until somebody lifts it."""
        self.hold(WRITING, reason)

    # Limits.

    def tick(self, now: float) -> None:
        """Enforce every limit of waiting that has passed by `now`."""
        with self._inbox.lock:
            self._mailbox.release_ended(now)
            expired = self._mailbox.expire(now)
            outlasted = self._mailbox.outlasted()
            overdue = self._mailbox.overdue(now)
        for entry in expired:
            waited = now - entry.accepted_at
            expiry = QueueWaitTimeout(waited=waited, wait_timeout=entry.policy.wait_timeout)
            self._outcomes.conclude(entry, Outcome.EXPIRED, error=expiry)
        for entry, held in outlasted:
            self._outcomes.fail(entry, outlasted_error(entry, held, now))
        for entry in overdue:
            limit: BaseException = OperationTimeout(run_timeout=entry.policy.run_timeout)
            self._outcomes.conclude(entry, Outcome.TIMED_OUT, error=entry.last_error or limit)

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        with self._inbox.lock:
            return self._mailbox.next_due()

    # Endings.

    def cancel(self, operation_id: int | None, key: str | None) -> bool:
        """Cancel a waiting operation; say whether there was one."""
        with self._inbox.lock:
            entry = next((one for one in self._mailbox if one.is_called(operation_id, key)), None)
            if entry is None:
                return False
            self._mailbox.take(entry)
        self._outcomes.conclude(entry, Outcome.CANCELLED, error=OperationCancelled())
        return True

    def close(self) -> None:
        """Refuse every operation from now on; those that wait stay."""
        with self._inbox.lock:
            self._mailbox.close()

    def reject_all(self, reason: str, cause: BaseException | None = None) -> None:
        """Answer everything that waits: it won't be carried out."""
        with self._inbox.lock:
            left = self._mailbox.clear()
        for entry in left:
            self._outcomes.conclude(entry, Outcome.REJECTED, error=rejected(reason, cause))

    def holds(self) -> tuple[HeldKey, ...]:
        """Return what is held now."""
        with self._inbox.lock:
            return self._mailbox.holds()


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
