"""A session's slot: the one operation that runs, and its limits. It starts no task, and ends no operation.

Pure: the time comes in as `now`, and what happened is what its methods return. Owned by a session's dispatcher, which
does what follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from actors.operations.operation import OperationContext
from actors.operations.watch import SessionFacilities
from actors.runtime import Node, Stay
from actors.session.attempt import Ended
from actors.session.life import Life, Turning, advance
from actors.session.patience import Patience
from actors.session.queued_operation import QueuedOperation

__all__ = ["Cancellable", "Overrun", "Running", "Slot"]


class Cancellable(Protocol):
    """A task, as the slot sees it."""

    def cancel(self) -> object:
        """Ask it to end."""


class Overrun(Enum):
    """Which limit the running operation has passed."""

    RUN_TIMEOUT = "run timeout"
    GRACE = "grace"
    SILENCE = "attempt timeout"


@dataclass(slots=True, eq=False)
class Running:
    """The operation in the slot, and the stay of its attempt there.

    generation: of the client that it runs on. patience: its attempt timeout. deadline: in monotonic seconds, its run
    limit, or the end of its grace once it was told to end. ended: how the attempt ended, None while its task runs.
    has_begun: it has reached a checkpoint in this attempt.
    """

    entry: QueuedOperation
    generation: int
    context: OperationContext
    patience: Patience
    stay: Stay
    since: float
    deadline: float
    task: Cancellable | None = None
    ended: Ended | None = field(default=None, repr=False)
    has_begun: bool = False

    @property
    def look_again(self) -> float:
        """When it passes its next limit, in monotonic seconds."""
        return min(self.deadline, self.patience.until)


class Slot:
    """The one place in a session where an operation runs.

    grace: seconds that a cancelled task has to end. now, look_at: for the patience of those that run.
    """

    def __init__(
        self,
        node: Node,
        facilities: SessionFacilities,
        *,
        grace: float,
        now: Callable[[], float],
        look_at: Callable[[float], object],
    ) -> None:
        self.running: Running | None = None
        self.grace = grace
        self._now = now
        self._look_at = look_at
        self._node = node
        self._facilities = facilities

    def start(self, entry: QueuedOperation, generation: int, now: float) -> Running:
        """Put an operation in; whoever runs it gives the running one its task."""
        entry.life = advance(entry.life, Turning.STARTED)
        if entry.started_at is None:
            entry.started_at = now
        entry.attempts += 1
        context = OperationContext(
            operation_type=entry.operation_type,
            session_name=self._node.label,
            start_time=datetime.now(UTC),
            task=None,
            metadata=entry.metadata,
            operation_id=entry.operation_id,
            policy=entry.policy,
            session=self._facilities,
            checkpoint=entry.checkpoint,
        )
        deadline = now + entry.policy.slot_timeout - entry.ran
        patience = Patience(entry, self._now, self._look_at)
        self.running = Running(entry, generation, context, patience, Stay(self._node), now, deadline)
        return self.running

    def overrun(self, now: float) -> Overrun | None:
        """Say which limit the running operation has passed, if any."""
        running = self.running
        if running is None or now < running.look_again:
            return None
        if now < running.deadline:
            return Overrun.SILENCE
        return Overrun.GRACE if running.entry.life is Life.ENDING else Overrun.RUN_TIMEOUT

    def lose_patience(self) -> None:
        """Cancel the running operation's task because the server is silent. That is an error like any other."""
        running = self.running
        if running is not None:
            running.patience.lose()
            if running.task is not None:
                running.task.cancel()

    def tell_to_end(self, now: float) -> None:
        """Cancel the running operation's task, which has the grace to end; a second time changes nothing."""
        running = self.running
        if running is None or running.entry.life is Life.ENDING:
            return
        running.entry.life = advance(running.entry.life, Turning.TOLD_TO_END)
        running.deadline = now + self.grace
        if running.task is not None:
            running.task.cancel()

    def leave(self, running: Running, now: float) -> bool:
        """Take an operation out whose attempt has ended; False when it isn't in any more: it was abandoned.

        The task, whose context knows what it occupies, is let go of: circles are dear to find for the collector.
        """
        running.task = running.context.task = None
        running.stay.is_over = True
        if self.running is not running:
            running.entry.life = advance(running.entry.life, Turning.TASK_ENDED)
            return False
        self.running = None
        running.entry.ran += now - running.since
        return True

    def abandon(self) -> Running | None:
        """Take the slot from an operation whose task doesn't end, and return it."""
        running, self.running = self.running, None
        if running is not None:
            running.stay.is_over = True
            running.entry.life = advance(running.entry.life, Turning.OUTLIVED_GRACE)
        return running
