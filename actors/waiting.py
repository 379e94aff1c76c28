"""A session's operations that wait: the mailbox behind its lock, its limits enforced and every hold noted.

Not the mailbox, which has the order and no clock, and not the slot, which runs one operation at a time. Owned by a
session and used on its loop alone, but for what the inbox's lock guards.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from actors.mailbox import HeldKey
from actors.model.errors import OperationCancelled, OperationTimeout, QueueWaitTimeout
from actors.model.outcomes import Outcome, StepKind
from actors.operations import OFFLINE, WRITING, QueuedOperation
from actors.outcomes import Outcomes, outlasted_error, rejected
from actors.runtime import Inbox

__all__ = ["Waiting"]


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
            entry = self._mailbox.find(operation_id, key)
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
