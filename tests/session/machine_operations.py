"""What happens to the operations in a session's machine, and to the permit that another session wants, too."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from actors.model.errors import TelegramError, Verdict
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff
from actors.operations.operation import Checkpoint, Operation
from actors.runtime.mailbox import Offer
from actors.session.attempt import Failed, Finished, Paused
from actors.session.queued_operation import WRITING, QueuedOperation
from tests.session.machine_floods import WithFloods
from tests.session.machine_parts import CAPACITY, MANY, METHODS, RUN, SILENCE, Asked, Op, Paged, Quick, Write

__all__ = ["WithOperations"]


class WithOperations(WithFloods):
    """The rules of senders, attempts and permits."""

    # What senders do.

    @rule(
        kind=st.sampled_from([Quick(METHODS[0]), Quick(METHODS[1]), Write(), Paged(), Paged()]),
        priorities=st.lists(st.integers(0, 2), min_size=1, max_size=3),
        wait=st.sampled_from([4.0, 12.0, 60.0]),
        retries=st.integers(0, 1),
    )
    def send(self, kind: Operation[int], priorities: list[int], wait: float, retries: int) -> None:
        """3: accept each, or refuse it by name."""
        for priority in priorities:
            self.send_one(kind, priority, wait, retries)

    def send_one(self, kind: Operation[int], priority: int, wait: float, retries: int) -> None:
        """Offer one operation, and take a turn."""
        self.numbers += 1
        asked = Asked()
        permits = self.policies[kind.operation_type].permits
        policy = OperationPolicy(
            priority=priority,
            wait_timeout=wait,
            run_timeout=RUN,
            attempt_timeout=SILENCE,
            retries=retries,
            permits=permits,
        )
        entry = QueuedOperation(kind, policy, self.numbers, self.now, datetime.now(UTC), asked)
        full = sum(op.starts == 0 for op in self.waiting) >= CAPACITY
        expected = Offer.CLOSED if self.closed else Offer.FULL if full else Offer.ACCEPTED
        assert self.core.dispatcher.queue.offer(entry) is expected, "3: the bound"
        if expected is Offer.ACCEPTED:
            op = Op(entry, asked)
            self.ops.append(op)
            self.waiting.append(op)
        self.turn()

    @precondition(lambda self: not self.over and any(op.is_open for op in self.ops))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """7: whoever cancels an open operation hears that there was one, and its caller hears at once."""
        op = data.draw(st.sampled_from([op for op in self.ops if op.is_open]))
        assert self.core.dispatcher.cancel(op.entry.operation_id, None, self.now)
        assert not op.is_open, "4: cancelled, and not told"
        assert self.running is None or self.running[0] is not op or self.running[2].told is not None
        self.turn()

    @precondition(lambda self: self.running and not self.running[0].has_left)
    @rule()
    def leave(self) -> None:
        """6: a request that changes something leaves; unless it is answered, nobody knows what became of it."""
        assert self.running is not None
        op, running, _ = self.running
        if op.is_open:
            running.context.leaving()
            op.has_left = True

    @precondition(lambda self: self.running and not self.running[2].silent)
    @rule()
    def ask(self) -> None:
        """6: the attempt asks the server, which has the attempt timeout to answer."""
        assert self.running is not None
        _, running, task = self.running
        running.patience.begin()
        task.asks_since, task.waits_on = self.now, False
        assert self.looks.pop() == self.now + SILENCE, "6: nobody will look"
        self.turn()

    @precondition(lambda self: self.running and self.running[2].asks_since < math.inf)
    @rule()
    def is_answered(self) -> None:
        """The server answers, and the attempt goes on; an answer that comes too late is none."""
        assert self.running is not None
        _, running, task = self.running
        if not task.silent:
            running.patience.until = task.asks_since = math.inf
            running.patience.in_doubt = task.waits_on = False

    # How attempts end.

    @precondition(lambda self: self.running)
    @rule()
    def finish(self) -> None:
        """The attempt succeeds."""
        was_open = self.running is not None and self.running[0].is_open
        op = self.ended(Finished(7))
        assert not was_open or op.asked.answers == [7]
        self.turn_after_end()

    @precondition(lambda self: self.running)
    @rule()
    def fail(self) -> None:
        """The attempt fails in a way that may pass: the policy says whether it is tried again."""
        assert self.running is not None
        op = self.running[0]
        was_open = op.is_open
        self.ended(Failed(TelegramError(verdict=Verdict.TRANSIENT, name="RPC_CALL_FAIL")))
        if was_open:
            assert op.is_open is (op.entry.failures <= op.entry.policy.retries)
            if op.is_open:
                self.held[op.entry.own_key] = self.now + Backoff().delay(op.entry.failures, chance=0.5)
        self.turn_after_end()

    @precondition(lambda self: self.running)
    @rule(verdict=st.sampled_from([Verdict.OPERATION_PERMANENT, Verdict.ACCOUNT_RESTRICTED, Verdict.SESSION_DEAD]))
    def fail_for_good(self, verdict: Verdict) -> None:
        """4: the server refuses it; 11: a restriction holds what writes; a dead session answers for everything."""
        assert self.running is not None
        if verdict is Verdict.SESSION_DEAD and self.numbers < MANY:
            return  # a session that has hardly lived shows little
        op = self.running[0]
        was_open = op.is_open
        self.ended(Failed(TelegramError(verdict=verdict, name="REFUSED", code=400)))
        assert not op.is_open
        if was_open and verdict is Verdict.ACCOUNT_RESTRICTED:
            self.held[WRITING] = math.inf
        if was_open and verdict is Verdict.SESSION_DEAD:
            self.doom()
        self.turn_after_end()

    @precondition(lambda self: WRITING in self.held)
    @rule()
    def lift(self) -> None:
        """11: the restriction is over."""
        del self.held[WRITING]
        assert self.core.dispatcher.queue.release(WRITING)
        assert not self.core.dispatcher.queue.release(WRITING)
        self.turn()

    @precondition(lambda self: self.running and isinstance(self.running[0].entry.operation, Paged))
    @rule(pages=st.integers(1, 3))
    def page(self, pages: int) -> None:
        """12: give way to what is due or has priority, and to nobody else; go back to the old place."""
        for _ in range(pages):
            if self.running is not None and isinstance(self.running[0].entry.operation, Paged):
                self.page_once()

    def page_once(self) -> None:
        """Reach a checkpoint."""
        assert self.running is not None
        op, running, _ = self.running
        done = op.entry.checkpoint.done if op.entry.checkpoint else 0
        first, rival = self.expected(), self.rival.wants("paged", self.now)
        gives_way = self.core.dispatcher.checkpoint(running, Checkpoint(None, done=done + 1), self.now)
        if not op.is_open:
            assert gives_way
        else:
            outranked = first is not None and (self.is_due(first) or first.entry.priority > op.entry.priority)
            wanted = rival is not None and (rival.due_at <= self.now or rival.priority > op.entry.priority)
            assert gives_way is (outranked or wanted), "12: gives way to what outranks it, and to nobody else"
            assert op.entry.failures == 0, "progress forgives failures"
        if gives_way:
            self.ended(Paused())
        self.turn()

    @precondition(lambda self: self.left_behind)
    @rule()
    def end_at_last(self) -> None:
        """A task that was abandoned ends: that is nobody's business any more."""
        op, running = self.left_behind.pop()
        answers = list(op.asked.answers)
        self.core.finish(running, Finished(9), self.now)
        assert op.asked.answers == answers, "4: two outcomes"
        self.turn()

    # Permits.

    @precondition(lambda self: self.rival.entry is None)
    @rule(priority=st.integers(0, 2), wait=st.sampled_from([4.0, 60.0]))
    def rival_asks(self, priority: int, wait: float) -> None:
        """Another session wants the permit."""
        policy = OperationPolicy(priority=priority, wait_timeout=wait, run_timeout=RUN, permits=1)
        self.rival.entry = QueuedOperation(Paged(), policy, 0, self.now, datetime.now(UTC))
        is_free = self.permits.snapshot().get("paged", (0, 1))[0] == 0
        assert self.permits.take("paged", self.rival) is is_free
        self.rival.has_it = is_free

    @precondition(lambda self: self.rival.has_it)
    @rule()
    def rival_pages(self) -> None:
        """12: the other session gives the permit to an operation that waits for it here, when that outranks its own."""
        assert self.rival.entry is not None
        gives_way = self.permits.is_wanted_more(self.rival.entry, self.now)
        if self.running is None and self.up and not self.is_doubted and not self.over:
            mine = [op for op in self.waiting if isinstance(op.entry.operation, Paged)]
            mine = [op for op in mine if not op.entry.needs & self.held.keys()]
            best = any(self.is_due(op) or op.entry.priority > self.rival.entry.priority for op in mine)
            assert gives_way is best, "12: the permit goes to what outranks"
        if gives_way:
            self.rival_ends()

    @precondition(lambda self: self.rival.entry)
    @rule()
    def rival_ends(self) -> None:
        """The other session has done with the permit, or with waiting for it."""
        had_it, self.rival.entry, self.rival.has_it = self.rival.has_it, None, False
        if had_it:
            self.permits.give_back("paged", self.now)
        else:
            self.permits.forget(self.rival)
        self.turn()
