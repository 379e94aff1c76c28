"""A session's slot: which operation runs in it, for how long, and what became of each. One at a time, one outcome each.

Owned by a session actor and used on its loop alone. Not what waits (`waiting.py`, with the mailbox) and not the
policies (those decide): here decisions are carried out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, assert_never

from actors.model.client import Client
from actors.model.errors import FloodWait, OperationCancelled, OperationError, OperationTimeout, TelegramError, Verdict
from actors.model.events import FloodWaiting, Progress
from actors.model.outcomes import Outcome, StepKind
from actors.model.policies import CANCEL_GRACE
from actors.operations import Checkpoint, OperationContext, SessionFacilities
from actors.runtime import Inbox, Node, occupy
from actors.session.attempt import AttemptEnded, Ended, Failed, Finished, Paused, Running, run_attempt
from actors.session.messages import Tick
from actors.session.outcomes import Outcomes, describe, rejected
from actors.session.permits import PermitHolder
from actors.session.queue import Waiting
from actors.session.queued_operation import QueuedOperation, chat_key, method_key, permit_key
from actors.session.retries import Again, Doom, Fail, Hold, Restrict, Succeed, decide, verdict_of
from actors.session.shared import Services

__all__ = ["Slot"]


class Slot:
    """See the module. `tell` puts a message into the session's own inbox."""

    def __init__(
        self,
        node: Node,
        inbox: Inbox,
        services: Services,
        *,
        facilities: SessionFacilities,
        tell: Callable[[Any], None],
        on_ended: Callable[[AttemptEnded], None],
        on_doom: Callable[[BaseException], None],
        on_abandoned: Callable[[Client, str], None],
    ) -> None:
        self.running: Running | None = None
        self.node = node
        self.outcomes = Outcomes(node.label, services)
        self.waiting = Waiting(inbox, self.outcomes)
        self._name = node.label
        self._services = services
        self._facilities = facilities
        self._tell = tell
        self._on_ended = on_ended
        self._on_doom = on_doom
        self._on_abandoned = on_abandoned
        self._permits = PermitHolder(services.permits, self._permit_granted)

    # Starting.

    def pump(self, client: Client) -> None:
        """Start the operation whose turn it is, if the slot is free; it takes its permit before the slot."""
        while self.running is None and (entry := self.waiting.first(time.monotonic())) is not None:
            if not self._permits.take(entry):
                key, reason = permit_key(entry.operation_type), f"no free {entry.operation_type} permit"
                self.waiting.hold(key, reason)
            elif self.waiting.take(entry):
                self._start(entry, client)
            else:  # another thread took it in the meantime
                self._permits.give_back(entry)

    def give_back_unused(self) -> None:
        """Give permits back that arrived and nothing could use."""
        self._permits.give_back_unused()

    def _permit_granted(self, operation_type: str) -> None:
        self.waiting.release(permit_key(operation_type))
        self._tell(Tick())

    def _start(self, entry: QueuedOperation, client: Client) -> None:
        now = time.monotonic()
        entry.started_at = entry.started_at or now
        entry.attempts += 1
        entry.trace.note(StepKind.STARTED, now, f"attempt {entry.attempts}")
        context = OperationContext(
            operation_type=entry.operation_type,
            session_name=self._name,
            start_time=datetime.now(UTC),
            task=None,
            metadata=entry.metadata,
            operation_id=entry.operation_id,
            policy=entry.policy,
            session=self._facilities,
            checkpoint=entry.checkpoint,
        )
        running = Running(entry, client, context, now, now + entry.policy.slot_timeout - entry.ran)
        attempt = entry.context.copy() if entry.context is not None else copy_context()
        running.occupant = occupy(attempt, self.node)
        running.record = self._services.registry.spawn(
            self._attempt(running, client),
            name=f"{self._name}: {type(entry.operation).__name__} {entry.operation_id}",
            task_type=entry.operation_type,
            session_name=self._name,
            parent_operation=entry.operation_id,
            context=attempt,
            on_end=partial(self._attempt_ended, running),
        )
        self.running = running

    def _checkpoint(self, entry: QueuedOperation, checkpoint: Checkpoint) -> bool:
        """Note where an operation is; say whether it gives way.

        An attempt that has done nothing yet does so for priority alone, or those that are due would pass a place round
        among themselves.
        """
        if entry.answered or self.running is None:
            return True
        is_idle = not self.running.has_begun and checkpoint.done == (entry.checkpoint.done if entry.checkpoint else 0)
        self.running.has_begun = True
        entry.checkpoint = checkpoint.bare()
        entry.partial.extend(checkpoint.items)
        entry.failures = entry.failures if is_idle else 0
        progress = Progress(
            session=self._name,
            operation_id=entry.operation_id,
            operation=type(entry.operation).__name__,
            done=checkpoint.done,
            total=checkpoint.total,
        )
        self._services.events.publish(progress)
        now = time.monotonic()
        if self.waiting.outranks(entry, now, counting_due=not is_idle):
            return True
        return not is_idle and self._permits.should_pass_on(entry, now)

    # Ending.

    async def _attempt(self, running: Running, client: Client) -> None:
        """Run an attempt and report its end, as the last thing that its task does."""
        ended = await run_attempt(running.entry, client, running.context, on_checkpoint=self._checkpoint)
        self._report(running, ended)

    def _attempt_ended(self, running: Running, task: asyncio.Task[None]) -> None:
        """Report the end of an attempt that couldn't do so itself, because it was cancelled or worse."""
        if running.has_ended:
            return
        error = None if task.cancelled() else task.exception()
        self._report(running, Failed(error or _interrupted(running.entry)))

    def _report(self, running: Running, ended: Ended) -> None:
        running.has_ended = True
        if running.occupant is not None:
            running.occupant.is_over = True
        self._on_ended(AttemptEnded(running, ended))

    def finish(self, message: AttemptEnded) -> None:
        """Free the slot and do what the end of the attempt calls for."""
        running, entry = message.running, message.running.entry
        if self.running is not running:
            return  # abandoned before
        self.running = None
        entry.ran += time.monotonic() - running.since
        self._permits.give_back(entry)
        match message.ended:
            case _ if entry.answered:
                return
            case Finished(value=value):
                self.outcomes.conclude(entry, Outcome.DONE, value=value)
            case Paused():
                done = 0 if entry.checkpoint is None else entry.checkpoint.done
                entry.trace.note(StepKind.PAUSED, time.monotonic(), f"gave way at {done}")
                self.waiting.give_back(entry)
            case Failed(error=error):
                self._failed(running, error)
            case _:
                assert_never(message.ended)

    def _failed(self, running: Running, error: BaseException) -> None:
        entry = running.entry
        if running.context.may_have_left and verdict_of(error) is Verdict.TRANSIENT:
            entry.may_have_left = True
        entry.last_error = error
        entry.trace.note(StepKind.ATTEMPT_FAILED, time.monotonic(), describe(error))
        decision = decide(entry, error, self._services.backoff)
        match decision:
            case Again(delay=delay):
                self.waiting.hold(entry.own_key, "backoff", delay, also=[entry])
                self.waiting.give_back(entry)
            case Hold(seconds=seconds):
                self._flooded(entry, error, seconds)
            case Restrict():
                self.waiting.restrict(str(error))
                self.outcomes.fail(entry, error)
            case Succeed():
                self.outcomes.already_done(entry, error)
            case Fail():
                self.outcomes.fail(entry, error)
            case Doom():
                self.outcomes.fail(entry, error)
                self._on_doom(error)
            case _:
                assert_never(decision)

    def _flooded(self, entry: QueuedOperation, error: BaseException, seconds: float) -> None:
        """Hold everything that needs the same method, or the same chat, and let the rest go on."""
        assert isinstance(error, FloodWait)  # noqa: S101  judge() holds for a FloodWait alone
        chat = entry.operation.slow_mode_chat() if error.name.startswith("SLOW") else None
        key = method_key(error.method) if chat is None else chat_key(chat)
        entry.needs.add(key)
        self.waiting.hold(key, error.name, seconds, also=[entry])
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._services.events.publish(FloodWaiting(session=self._name, key=key, seconds=seconds, until=until))
        self.waiting.give_back(entry)

    # Limits.

    def tick(self, now: float) -> None:
        """Enforce every limit that has passed by `now`."""
        self.waiting.tick(now)
        running = self.running
        if running is None:
            return
        if running.grace is None and now >= running.deadline:
            error = OperationTimeout(run_timeout=running.entry.policy.slot_timeout)
            self._end_running(running, Outcome.TIMED_OUT, error)
        elif running.grace is not None and now >= running.grace:
            self._abandon(running)

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        due = self.waiting.next_due()
        running = self.running
        if running is None:
            return due
        limit = running.deadline if running.grace is None else running.grace
        return limit if due is None else min(due, limit)

    def cancel(self, operation_id: int | None, key: str | None) -> bool:
        """Cancel a waiting or running operation; say whether there was one."""
        running = self.running
        if running is not None and not running.entry.answered:
            entry = running.entry
            if entry.operation_id == operation_id or (key is not None and entry.operation.key == key):
                self._end_running(running, Outcome.CANCELLED, OperationCancelled())
                return True
        return self.waiting.cancel(operation_id, key)

    def interrupt(self) -> None:
        """Cancel the running attempt because its client goes away; it is judged like a lost connection."""
        if self.running is not None:
            self._cancel_task(self.running)

    def reject_all(self, reason: str, cause: BaseException | None = None) -> None:
        """Answer everything that was accepted: it won't be carried out."""
        if self.running is not None:
            self._end_running(self.running, Outcome.REJECTED, rejected(reason, cause))
        self.waiting.reject_all(reason, cause)

    def answer_all(self, reason: str) -> None:
        """Answer everything that was accepted, without touching a task: there is no loop to do so any more."""
        if self.running is not None:
            self.outcomes.conclude(self.running.entry, Outcome.REJECTED, error=rejected(reason, None))
        self.waiting.reject_all(reason)

    def let_go(self) -> None:
        """Let go of the permits, and of a task that hasn't ended: the session is about to."""
        self._permits.let_go()
        if self.running is not None:
            self._abandon(self.running)

    def _end_running(self, running: Running, outcome: Outcome, error: OperationError) -> None:
        """Answer the caller now; the task gets the cancel grace to end."""
        entry = running.entry
        entry.may_have_left |= running.context.may_have_left
        self.outcomes.conclude(entry, outcome, error=error)
        self._cancel_task(running)

    def _cancel_task(self, running: Running) -> None:
        if running.grace is None:
            running.grace = time.monotonic() + CANCEL_GRACE
            if running.record is not None:
                running.record.task.cancel()

    def _abandon(self, running: Running) -> None:
        """Take the slot from a task that doesn't end; its client goes with it."""
        self.running = None
        if running.record is not None:
            running.record.abandoned = True
        running.entry.trace.note(StepKind.ABANDONED, time.monotonic(), f"no end {CANCEL_GRACE:g} s after its cancel")
        self._permits.give_back(running.entry)
        running.entry.may_have_left |= running.context.may_have_left
        self.outcomes.fail(running.entry, _interrupted(running.entry))
        name = type(running.entry.operation).__name__
        self._on_abandoned(running.client, f"{name} did not end {CANCEL_GRACE:g} s after its cancel")


def _interrupted(entry: QueuedOperation) -> TelegramError:
    """Return the error of an attempt whose client went away; judged like a lost connection."""
    return TelegramError(verdict=Verdict.TRANSIENT, name="INTERRUPTED", method=entry.operation_type)
