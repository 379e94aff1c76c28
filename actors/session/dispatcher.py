"""Which operation runs next, and what becomes of each: the queue, the slot, the permits and the outcomes together.

Pure but for the futures that it answers: the time comes in as `now`, no task is started here, and what its owner has
to do is what its methods return. So a test drives it without a server and without time. Owned by a session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from actors.model.errors import (
    FloodWait,
    OperationCancelled,
    OperationError,
    OperationTimeout,
    QueueWaitTimeout,
    TelegramError,
    Verdict,
)
from actors.model.events import Progress
from actors.model.outcomes import Outcome, StepKind
from actors.model.resilience import Backoff
from actors.operations.operation import Checkpoint
from actors.runtime.delivery import EventStream
from actors.runtime.overripe import NOTHING_RIPE, Overripe
from actors.session.attempt import Ended, Failed, Finished, Paused
from actors.session.floods import Floods, flood_key
from actors.session.life import Turning, advance
from actors.session.outcomes import Outcomes, describe, outlasted_error, rejected
from actors.session.permits import PermitHolder
from actors.session.queue import OperationQueue
from actors.session.queued_operation import WRITING, QueuedOperation
from actors.session.retries import SHORTEST_HOLD, Again, Doom, Fail, Hold, Restrict, Succeed, judge, verdict_of
from actors.session.slot import Overrun, Running, Slot

__all__ = ["Dispatcher", "Todo", "interrupted"]


@dataclass(frozen=True, slots=True)
class Todo:
    """What a turn asks its owner to do.

    start: run this operation, as a task; look_again: when to take the next turn at the latest, in monotonic seconds,
    None when nothing is timed.
    """

    start: Running | None
    look_again: float | None


class Dispatcher:
    """Runs the operations of one session, one at a time, by its policies. chance() is in [0, 1), for the jitter."""

    def __init__(
        self,
        queue: OperationQueue,
        slot: Slot,
        permits: PermitHolder,
        outcomes: Outcomes,
        floods: Floods,
        *,
        events: EventStream,
        backoff: Backoff,
        chance: Callable[[], float],
    ) -> None:
        self.queue = queue
        self.slot = slot
        self.outcomes = outcomes
        self.floods = floods
        self._permits = permits
        self._events = events
        self._backoff = backoff
        self._chance = chance

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self.slot.running is None and not len(self.queue)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing runs, and whatever waits is held: a turn has nothing to do before it is due."""
        return self.slot.running is None and self.queue.is_still

    # A turn.

    def turn(self, now: float, *, generation: int | None) -> Todo:
        """Enforce the limits of what waits, and start what may. generation: of the client; None: nothing may start."""
        ready = generation is not None and self.slot.running is None
        turn = self.queue.turn(now, ready=ready, take_permit=self._permits.take)
        if turn.ripe is not NOTHING_RIPE:
            self._end(turn.ripe, now)
        start = None
        if turn.start is not None and generation is not None:
            start = self.slot.start(turn.start, generation, now)
            start.entry.trace.note(StepKind.STARTED, now, f"attempt {start.entry.attempts}")
        if self._permits.granted:
            self._permits.give_back_unused(now)
        running, look_again = self.slot.running, turn.look_again
        if running is not None and (look_again is None or running.look_again < look_again):
            look_again = running.look_again
        return Todo(start, look_again)

    def _end(self, ripe: Overripe[QueuedOperation], now: float) -> None:
        for entry in ripe.expired:
            waited = now - entry.accepted_at
            expiry = QueueWaitTimeout(waited=waited, wait_timeout=entry.policy.wait_timeout)
            self.outcomes.conclude(entry, Outcome.EXPIRED, now, error=expiry)
        for entry, held in ripe.outlasted:
            self.outcomes.conclude(entry, Outcome.FAILED, now, error=outlasted_error(entry, held, now))
        for entry in ripe.overdue:
            limit = OperationTimeout(run_timeout=entry.policy.run_timeout)
            self.outcomes.conclude(entry, Outcome.TIMED_OUT, now, error=entry.last_error or limit)

    def limit(self, now: float) -> Running | None:
        """Enforce the limits of what runs; return an operation whose task outlived its grace, and took its client."""
        match self.slot.overrun(now):
            case Overrun.RUN_TIMEOUT:
                self._end_running(Outcome.TIMED_OUT, None, now)
                return None
            case Overrun.GRACE:
                return self.abandon(now)
            case Overrun.SILENCE:
                self.slot.lose_patience()
                return None
            case None:
                return None

    # What runs.

    def checkpoint(self, running: Running, checkpoint: Checkpoint, now: float) -> bool:
        """Note where an operation is; say whether it gives way.

        An attempt that has done nothing yet does so for priority alone, or those that are due would pass a place round
        among themselves.
        """
        entry = running.entry
        if entry.outcome is not None or self.slot.running is not running:
            return True
        is_idle = not running.has_begun and checkpoint.done == (entry.checkpoint.done if entry.checkpoint else 0)
        running.has_begun = True
        entry.checkpoint = checkpoint.bare()
        entry.partial.extend(checkpoint.items)
        entry.failures = entry.failures if is_idle else 0
        progress = Progress(
            session=entry.session,
            operation_id=entry.operation_id,
            operation=type(entry.operation).__name__,
            done=checkpoint.done,
            total=checkpoint.total,
        )
        self._events.publish(progress)
        if self.queue.outranks(entry, now, counting_due=not is_idle):
            return True
        return not is_idle and self._permits.should_pass_on(entry, now)

    def finish(self, running: Running, ended: Ended, now: float) -> BaseException | None:
        """Take in how an attempt ended, and free the slot; return an error that the session can't outlive."""
        running.ended = ended
        entry = running.entry
        if not self.slot.leave(running, now):
            return None
        self._permits.give_back(entry, now)
        doom = None
        if entry.outcome is None:
            match ended:
                case Finished(value=value):
                    self.outcomes.conclude(entry, Outcome.DONE, now, value=value)
                case Paused():
                    done = 0 if entry.checkpoint is None else entry.checkpoint.done
                    entry.trace.note(StepKind.PAUSED, now, f"gave way at {done}")
                    self._give_back(entry, now)
                case Failed(error=error):
                    doom = self._failed(running, error, now)
                case _:
                    assert_never(ended)
        if entry.outcome is not None:
            entry.life = advance(entry.life, Turning.TASK_ENDED)
        return doom

    def _failed(self, running: Running, error: BaseException, now: float) -> BaseException | None:
        entry = running.entry
        if running.context.may_have_left and verdict_of(error) is Verdict.TRANSIENT:
            entry.may_have_left = True
        entry.last_error = error
        entry.failures += not isinstance(error, FloodWait)
        entry.trace.note(StepKind.ATTEMPT_FAILED, now, describe(error))
        decision = judge(
            error, failures=entry.failures, policy=entry.policy, backoff=self._backoff, chance=self._chance()
        )
        match decision:
            case Again(delay=delay):
                self._put_off(entry, "backoff", now, until=now + delay)
            case Hold():
                self._flooded(entry, error, now)
            case Succeed() if isinstance(error, TelegramError):
                self.outcomes.already_done(entry, error, now)
            case Restrict():
                self.queue.hold(WRITING, str(error), now)
                self.outcomes.conclude(entry, Outcome.FAILED, now, error=error)
            case Succeed() | Fail() | Doom():
                self.outcomes.conclude(entry, Outcome.FAILED, now, error=error)
            case _:
                assert_never(decision)
        return error if isinstance(decision, Doom) else None

    def _flooded(self, entry: QueuedOperation, error: BaseException, now: float) -> None:
        """Have an operation wait for what Telegram asks to wait with; everything else goes on.

        Mostly the client has told of it already, or has refused a request for it. If its end has come since, the
        operation alone is put off, or one that raised an old error again would keep the slot busy.
        """
        assert isinstance(error, FloodWait)  # noqa: S101  judge() holds for a FloodWait alone
        self.floods.keep(error)
        if self.floods.is_over(error):
            self._put_off(entry, error.name, now, until=now + SHORTEST_HOLD)
        else:
            entry.need(flood_key(error))
            self._give_back(entry, now)

    def _put_off(self, entry: QueuedOperation, reason: str, now: float, *, until: float) -> None:
        entry.life = advance(entry.life, Turning.WENT_BACK)
        self.queue.put_off(entry, reason, now, until=until)

    def _give_back(self, entry: QueuedOperation, now: float) -> None:
        entry.life = advance(entry.life, Turning.WENT_BACK)
        self.queue.give_back(entry, now)

    # Ends that are asked for.

    def cancel(self, operation_id: int | None, key: str | None, now: float) -> bool:
        """Cancel a waiting or running operation; say whether there was one."""
        running = self.slot.running
        if running is not None and running.entry.outcome is None and running.entry.is_called(operation_id, key):
            self._end_running(Outcome.CANCELLED, OperationCancelled(), now)
            return True
        entry = self.queue.withdraw(operation_id, key)
        if entry is None:
            return False
        self.outcomes.conclude(entry, Outcome.CANCELLED, now, error=OperationCancelled())
        return True

    def interrupt(self, now: float) -> None:
        """Cancel the running attempt because its client goes away; it is judged like a lost connection."""
        self.slot.tell_to_end(now)

    def reject_all(self, reason: str, cause: BaseException | None, now: float) -> None:
        """Answer everything that was accepted: it won't be carried out."""
        if self.slot.running is not None:
            self._end_running(Outcome.REJECTED, rejected(reason, cause), now)
        self._reject_waiting(reason, cause, now)

    def loop_gone(self, reason: str, now: float) -> None:
        """Answer everything that was accepted, without touching a task: there is no loop to do so any more."""
        if self.slot.running is not None:
            self.conclude_running(self.slot.running, Outcome.REJECTED, rejected(reason, None), now)
        self._reject_waiting(reason, None, now)

    def abandon(self, now: float) -> Running | None:
        """Take slot and permit from a task that doesn't end, and answer for it; its client has to go with it."""
        running = self.slot.abandon()
        if running is None:
            return None
        entry = running.entry
        entry.trace.note(StepKind.ABANDONED, now, f"no end {self.slot.grace:g} s after its cancel")
        self._permits.give_back(entry, now)
        self.conclude_running(running, Outcome.FAILED, interrupted(entry), now)
        return running

    def let_go(self, now: float) -> None:
        """Let go of the permits, and of a task that hasn't ended: the session is about to."""
        self._permits.let_go(now)
        self.abandon(now)

    def _end_running(self, outcome: Outcome, error: OperationError | None, now: float) -> None:
        """Answer the caller now; the task gets the cancel grace to end."""
        running = self.slot.running
        if running is None:
            return
        error = error or OperationTimeout(run_timeout=running.entry.policy.slot_timeout)
        self.conclude_running(running, outcome, error, now)
        self.slot.tell_to_end(now)

    def conclude_running(self, running: Running, outcome: Outcome, error: BaseException, now: float) -> None:
        """Answer for an operation whose attempt hasn't ended; what it has sent may be carried out all the same."""
        running.entry.may_have_left |= running.context.may_have_left
        self.outcomes.conclude(running.entry, outcome, now, error=error)

    def _reject_waiting(self, reason: str, cause: BaseException | None, now: float) -> None:
        for entry in self.queue.clear():
            self.outcomes.conclude(entry, Outcome.REJECTED, now, error=rejected(reason, cause))


def interrupted(entry: QueuedOperation) -> TelegramError:
    """Return the error of an attempt whose client went away; it is judged like a lost connection."""
    return TelegramError(verdict=Verdict.TRANSIENT, name="INTERRUPTED", method=entry.operation_type)
