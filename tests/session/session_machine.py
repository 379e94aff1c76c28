"""A Hypothesis machine that drives a whole session without a server and without time, against a model of its promises.

The real core, queue, slot, connection, permits and outcomes; the machine is the network, the clock and the tasks. The
numbers in what is checked stand for promises: 1 one at a time, 2 order, 3 bound, 4 one outcome, 5 wait limit, 6 run
limit, 7 always reachable, 8 same reference for life, 11 flood waits, 12 giving way.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from actors.model.client import Client
from actors.model.content import Account
from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.model.outcomes import Outcome
from actors.model.phases import Phase
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff
from actors.operations.operation import Checkpoint, Operation, OperationContext, ResumableOperation
from actors.runtime import Node
from actors.runtime.delivery import EventStream
from actors.runtime.mailbox import Offer
from actors.session.attempt import Failed, Finished, Paused
from actors.session.connection import Checked, Connected, Connection, ConnectionEnded, TransportLost, TransportUp
from actors.session.core import Acts, Ask, Break, Close, Dial, HangUp, Retire, SessionCore, Start
from actors.session.dispatcher import Dispatcher
from actors.session.outcomes import Outcomes
from actors.session.permits import PermitHolder, Permits
from actors.session.queue import OperationQueue
from actors.session.queued_operation import WRITING, QueuedOperation, permit_key
from actors.session.slot import Running, Slot
from actors.session.traces import Recorder

__all__ = ["SessionMachine"]

CAPACITY, GRACE, RUN = 4, 3.0, 10.0
METHODS = ("a.read", "a.write")
FEW, MANY = 5, 10
"""Operations after which a session may lose its client, and its life."""
OVER = frozenset({Outcome.TIMED_OUT, Outcome.CANCELLED, Outcome.REJECTED})
"""How an operation ends that somebody has put an end to."""


@dataclass(frozen=True, slots=True)
class Quick(Operation[int]):
    """An operation in one step, which needs one method."""

    operation_type: ClassVar[str] = "quick"
    method: str = METHODS[0]

    def methods_needed(self) -> frozenset[str]:
        """Return the one."""
        return frozenset({self.method})

    async def run(self, client: Client, context: OperationContext) -> int:
        """Never run: the machine says how it ends."""
        raise AssertionError(client, context)


@dataclass(frozen=True, slots=True)
class Write(Quick):
    """One that a restricted account must not run."""

    writes: ClassVar[bool] = True
    method: str = METHODS[1]


@dataclass(frozen=True, slots=True)
class Paged(ResumableOperation[int]):
    """An operation in pages, which needs the one permit there is."""

    operation_type: ClassVar[str] = "paged"

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Never run either."""
        raise AssertionError(client, context)
        yield Checkpoint(None)

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> int:
        """Never asked for."""
        raise AssertionError(items, last)


@dataclass(eq=False)
class Asked:
    """Who waits for an operation, and what they were told."""

    answers: list[object] = field(default_factory=list)

    def set(self, value: object = None) -> None:
        """Take a value."""
        self.answers.append(value)

    def set_exception(self, exc_info: Any = None) -> None:
        """Take an error."""
        self.answers.append(exc_info[1])


@dataclass(eq=False)
class Task:
    """A task of the machine's. It ends when a rule says so. told: when it was first told to."""

    clock: SessionMachine
    told: float | None = None

    def cancel(self) -> None:
        """Be told to end."""
        if self.told is None:
            self.told = self.clock.now


class Rival:
    """Another session, with one operation, that wants the permit there is."""

    def __init__(self) -> None:
        self.entry: QueuedOperation | None = None
        self.has_it = False

    def wants(self, operation_type: str, now: float) -> QueuedOperation | None:
        """Return its operation, while that waits."""
        del operation_type, now
        return None if self.has_it else self.entry

    def arrive(self, operation_type: str) -> None:
        """Run."""
        del operation_type
        self.has_it = True


@dataclass(eq=False)
class Op:
    """What the model knows of an accepted operation.

    ran: seconds in the slot; since: when it was put there last; has_left: a request of it is on its way, unanswered.
    """

    entry: QueuedOperation
    asked: Asked
    ran: float = 0.0
    since: float = 0.0
    starts: int = 0
    has_left: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody was told anything yet."""
        return not self.asked.answers


class SessionMachine(RuleBasedStateMachine):
    """Every rule is something that happens to a session, and a turn follows it, as in the actor."""

    QUEUE: ClassVar[type[OperationQueue]] = OperationQueue
    SLOT: ClassVar[type[Slot]] = Slot
    DISPATCHER: ClassVar[type[Dispatcher]] = Dispatcher
    CORE: ClassVar[type[SessionCore]] = SessionCore
    CONNECTION: ClassVar[type[Connection]] = Connection
    HOLDER: ClassVar[type[PermitHolder]] = PermitHolder

    def __init__(self) -> None:
        super().__init__()
        self.now, self.numbers = 100.0, 0
        self.policies = {
            "quick": OperationPolicy(run_timeout=RUN),
            "paged": OperationPolicy(run_timeout=RUN, permits=1),
        }
        self.permits = Permits(self.policies)
        self.rival = Rival()
        self.waiting: list[Op] = []
        self.running: tuple[Op, Running, Task] | None = None
        self.left_behind: list[tuple[Op, Running]] = []
        self.ops: list[Op] = []
        self.held: dict[str, float] = {}
        self.up = self.closed = self.over = self.doomed = False
        self.stop_by: float | None = None
        self.question: int | None = None
        self.asked: list[Checked] = []
        self.dial_at = 0.0
        self.before: tuple[Op, Running, Task] | None = None
        self.generation = 0
        self.pending: set[type] = set()
        queue, events = self.QUEUE(CAPACITY), EventStream()
        holder = self.HOLDER(
            self.permits, queue.wanting_permit, lambda kind: cast("None", queue.release(permit_key(kind)))
        )
        slot = self.SLOT(Node("urn", "alice"), cast("Any", None), grace=GRACE)
        outcomes = Outcomes("alice", events, Recorder(keep=10))
        dispatcher = self.DISPATCHER(
            queue, slot, holder, outcomes, session="alice", events=events, backoff=Backoff(), chance=lambda: 0.5
        )
        self.core = self.CORE(
            "alice",
            self.CONNECTION(None),
            dispatcher,
            events,
            backoff=Backoff(),
            pause=lambda _: 0.0,
            chance=lambda: 0.5,
            now=self.now,
        )
        self.carry_out(self.core.dial(self.now))

    # The machine's side of an actor.

    def carry_out(self, acts: Acts) -> None:
        """Note what the core wants done."""
        for act in acts:
            match act:
                case Start(running=running):
                    self.started(running)
                case Close():
                    assert self.core.dispatcher.slot.running is None, "1: nothing runs on after the end"
                    self.core.close(self.now)
                    self.over, self.up = True, False
                case Retire():
                    self.lost()
                    assert self.running is None or self.running[2].told is not None, "8: it runs on a retired client"
                case HangUp():
                    self.lost()
                case Ask(check=check, question=question):
                    self.question = question
                    self.asked.append(Checked(self.core.connection.generation, check, question, None))
                case Dial():
                    assert self.stop_by is None, "it connects though it stops"
                    assert self.now >= self.dial_at, "it connects before its backoff is over"
                    self.pending.add(Dial)
                case Break():
                    assert self.before is None or self.before[1].generation == self.generation, "8: of an old client"
                    assert self.stop_by is None, "it asks for a restart though it stops"
                    self.pending.add(Break)
                case _:
                    pass

    def lost(self) -> None:
        """Have no connection: what was asked on it tells nothing any more."""
        self.up, self.question = False, None

    def ends_by(self, deadline: float) -> None:
        """Stop no later than then."""
        self.closed = True
        self.stop_by = deadline if self.stop_by is None else min(self.stop_by, deadline)

    def turn(self) -> None:
        """Take a turn, and hold its start against the model."""
        if self.over:
            return
        self.held = {key: until for key, until in self.held.items() if until > self.now}
        before = self.before = self.running
        self.generation = self.core.connection.generation
        self.carry_out(self.core.turn(self.now))
        self.before = None
        self.waiting = [op for op in self.waiting if op.is_open]
        if before is not None and self.core.dispatcher.slot.running is not before[1] and before is self.running:
            self.left_behind.append(before[:2])  # it was abandoned, and nothing followed
            self.running = None
            assert before[2].told is not None, "6: it was abandoned and never told to end"
            assert self.over or before[2].told + GRACE <= self.now, "6: it was abandoned before its grace was over"
        if before is None and self.running is None:
            assert self.expected() is None, "2: somebody's turn had come"

    def expected(self) -> Op | None:
        """Return whose turn it is, by sorting."""
        if not self.up or self.over or self.core.phase not in (Phase.ONLINE, Phase.DRAINING):
            return None
        runnable = [op for op in self.waiting if op.is_open and not op.entry.needs & self.held.keys()]
        runnable = [op for op in runnable if not (self.rival.has_it and isinstance(op.entry.operation, Paged))]
        due = [
            op
            for op in runnable
            if op.starts == 0 and op.entry.accepted_at + op.entry.policy.wait_timeout / 2 <= self.now
        ]
        if due:
            return min(due, key=lambda op: (op.entry.wait_deadline, op.entry.operation_id))
        return min(runnable, key=lambda op: (-op.entry.policy.priority, op.entry.operation_id), default=None)

    def is_due(self, op: Op) -> bool:
        """Say whether half of its wait timeout is over, and it has never started."""
        return op.starts == 0 and op.entry.accepted_at + op.entry.policy.wait_timeout / 2 <= self.now

    def started(self, running: Running) -> None:
        """Hold a start against the model."""
        if self.running is not None:
            assert self.core.dispatcher.slot.running is running
            assert running.generation != self.running[1].generation, "1: two at a time on one client"
            self.left_behind.append(self.running[:2])
        op = next(op for op in self.ops if op.entry is running.entry)
        assert op.is_open, "4: it had its outcome already"
        assert op is self.expected(), "2, 11: it was not its turn"
        assert op.starts or op.entry.wait_deadline > self.now, "5: it should have expired"
        self.waiting.remove(op)
        op.starts += 1
        op.since = self.now
        running.task = task = Task(self)
        self.running = (op, running, task)

    def ended(self, ended: Finished | Failed | Paused) -> Op:
        """End the running attempt."""
        assert self.running is not None
        op, running, _ = self.running
        self.running = None
        op.ran += self.now - op.since
        if not (isinstance(ended, Failed) and getattr(ended.error, "verdict", None) is Verdict.TRANSIENT):
            op.has_left = False  # it was answered, or gave way where nothing was on its way
        self.core.finish(running, ended, self.now)
        if op.is_open:
            self.waiting.append(op)
        return op

    def turn_after_end(self) -> None:
        """Take a turn after an attempt, unless the core has nothing to do, as the actor does."""
        if self.core.is_at_rest:
            assert self.stop_by is None, "it rests though it stops"
            assert not any(op.is_open for op in self.waiting), "it rests while an operation waits"
        else:
            self.turn()

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
            priority=priority, wait_timeout=wait, run_timeout=RUN, retries=retries, permits=permits
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
    @rule(seconds=st.sampled_from([2.0, 30.0]))
    def flood(self, seconds: float) -> None:
        """11: the method is held, and nothing else; its operation keeps its place."""
        assert self.running is not None
        op = self.running[0]
        method = min(op.entry.operation.methods_needed(), default="a.paged")
        was_open, failures = op.is_open, op.entry.failures
        self.ended(Failed(FloodWait(retry_after=seconds, method=method)))
        if was_open:
            key = f"method:{method}"
            self.held[key] = max(self.held.get(key, 0.0), self.now + seconds)
            assert op.entry.failures == failures, "11: a flood wait is no failure"
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

    def doom(self) -> None:
        """Expect the end: everybody is told at once, and why."""
        self.doomed = True
        self.ends_by(self.now)
        assert not any(op.is_open for op in self.ops), "4: left without an outcome by the end of the session"
        stopping = self.core.stopping
        assert stopping is not None
        assert stopping.cause == "REFUSED", "the cause of the end is lost"
        assert self.core.phase is Phase.DEAD

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

    # Permits, time, the connection.

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
        if self.running is None and self.up and not self.over:
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

    @rule(seconds=st.sampled_from([0.0, 1.0, 3.0, 7.0]))
    def time_passes(self, seconds: float) -> None:
        """Come back when the core asked for it, step by step, and at the end."""
        end = self.now + seconds
        for _ in range(20):
            at = self.core.look_again
            if self.over or at is None or at > end:
                break
            self.now = max(self.now, at)
            self.turn()
        self.now = end
        self.turn()

    @initialize(connects=st.sampled_from([True, True, True, False]))
    def begin(self, *, connects: bool) -> None:
        """Mostly a session has a connection."""
        if connects:
            self.connect()
        for kind in (Paged(), Quick()):  # one runs, one waits
            self.send_one(kind, 1, 60.0, 1)

    @precondition(lambda self: Dial in self.pending and not self.up and not self.over)
    @rule()
    def connect(self) -> None:
        """The client is connected."""
        self.pending.discard(Dial)
        self.up = True
        connected = Connected(self.core.connection.generation, Account(1, None, bot=False))
        self.carry_out(self.core.hear(connected, self.now))
        self.turn()

    @precondition(lambda self: self.up and not self.over)
    @rule()
    def lose(self) -> None:
        """The transport is gone, and the client tries to get it back."""
        self.lost()
        self.carry_out(self.core.hear(TransportLost(self.core.connection.generation), self.now))
        self.turn()

    @precondition(lambda self: self.core.phase is Phase.OFFLINE and not self.over and self.question is None)
    @rule()
    def come_back(self) -> None:
        """The client has a transport again, and the server is asked before it counts."""
        self.carry_out(self.core.hear(TransportUp(self.core.connection.generation), self.now))
        assert self.question is not None
        assert not self.core.is_ready, "a transport is no connection yet"
        self.turn()

    @precondition(lambda self: self.asked and not self.over)
    @rule(data=st.data(), silent=st.booleans())
    def answer(self, data: st.DataObject, *, silent: bool) -> None:
        """The server has answered, or was silent; the answer to a question of another connection tells nothing."""
        checked = data.draw(st.sampled_from(self.asked))
        self.asked.remove(checked)
        error = TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY") if silent else None
        before, phase = self.up, self.core.phase
        counts = checked.question == self.question and checked.generation == self.core.connection.generation
        if counts:
            self.question, self.up = None, not silent
        self.carry_out(self.core.hear(replace(checked, error=error), self.now))
        if not counts:
            assert (self.core.connection.is_up, self.core.phase) == (before, phase), "it believed an old answer"
        self.turn()

    @precondition(lambda self: not self.over and self.numbers > FEW)
    @rule(dead=st.sampled_from([False, False, False, True]), stale=st.booleans())
    def end_connection(self, *, dead: bool, stale: bool) -> None:
        """The client gives up, and is dialled again later; or the account is gone. Of an older client it is no news."""
        generation, dead = self.core.connection.generation, dead and self.numbers >= MANY
        error = TelegramError(verdict=Verdict.SESSION_DEAD, name="REFUSED", code=401) if dead else OSError()
        if stale:
            before = self.core.phase
            assert self.core.hear(ConnectionEnded(generation - 1, error), self.now) == []
            assert self.core.phase is before
            return
        self.lost()
        self.pending.discard(Dial)
        was_doomed = self.doomed
        self.carry_out(self.core.hear(ConnectionEnded(generation, error), self.now))
        if dead and not was_doomed:
            self.doom()
        elif self.stop_by is not None:
            self.ends_by(self.now)  # nothing more can be carried out
        self.turn()

    @precondition(lambda self: not self.over and (Break in self.pending or self.numbers > FEW))
    @rule()
    def restart(self) -> None:
        """8: the client is replaced, as it broke or as it was asked for; what waits stays. No stop is undone by it."""
        self.pending -= {Break, Dial}
        waiting = [op.entry.operation_id for op in self.waiting]
        if self.stop_by is not None:
            assert self.core.replace_client("test", 0.5, self.now) == [], "it starts anew though it stops"
        else:
            self.dial_at = self.now + 0.5
            self.carry_out(self.core.replace_client("test", 0.5, self.now))
        assert [op.entry.operation_id for op in self.waiting] == waiting
        self.turn()

    @precondition(lambda self: not self.over and self.numbers > (5 if self.running else 15))
    @rule(drain=st.sampled_from([0.0, 5.0, 9.0]))
    def stop(self, drain: float) -> None:
        """Accept nothing more; what was accepted gets its time, as long as it can be carried out."""
        self.ends_by(self.now + (drain if self.core.is_ready else 0.0))
        self.core.stop(drain, self.now)
        self.turn()

    @precondition(lambda self: self.numbers > 15 and not self.over)
    @rule()
    def lose_loop(self) -> None:
        """4: the loop is closed; everybody is told, no task is touched, and nothing more is accepted."""
        told = None if self.running is None else self.running[2].told
        self.core.loop_gone("the loop is gone", self.now)
        assert self.running is None or self.running[2].told == told
        assert not any(op.is_open for op in self.ops), "4: left without an outcome by the end of the loop"
        assert (
            self.core.dispatcher.queue.offer(
                QueuedOperation(Quick(), OperationPolicy(), 0, self.now, datetime.now(UTC))
            )
            is Offer.CLOSED
        )
        self.waiting, self.running, self.over, self.closed, self.up = [], None, True, True, False
        self.core.dispatcher.let_go(self.now)

    def teardown(self) -> None:
        """A stop ends, once what runs has ended."""
        if self.stop_by is None:
            return
        for _ in range(8):
            if not self.over:
                self.time_passes(7.0)
        assert self.over, "4: the stop never ends"

    # What holds at every moment.

    @invariant()
    def each_has_one_outcome(self) -> None:
        """4: never two answers, and none is lost."""
        for op in self.ops:
            assert len(op.asked.answers) <= 1, "4: two outcomes"
            assert op.is_open is (op.entry.outcome is None)
        ids = sorted(one.id for one in self.core.dispatcher.queue.snapshot(self.now).first)
        assert ids == sorted(op.entry.operation_id for op in self.waiting if op.is_open), "4: lost, or doubled"
        if self.over:
            assert not any(op.is_open for op in self.ops), "4: left without an outcome"

    @invariant()
    def limits_are_kept(self) -> None:
        """5, 6, 11: nothing waits, runs or is held beyond its limit, and nothing ends before it."""
        for op in self.waiting:
            assert op.starts or op.entry.wait_deadline > self.now, "5: waits beyond its limit"
            deadline = op.entry.wait_deadline + (RUN if op.starts else 0.0)
            for key in op.entry.needs & self.held.keys():
                assert self.held[key] in (math.inf, min(self.held[key], deadline)), "11: a hold outlasts it"
        if self.running is not None and self.running[0].is_open:
            op = self.running[0]
            assert op.ran + self.now - op.since < RUN, "6: runs beyond its limit"
        for op in self.ops:
            assert not (op.has_left and op.entry.outcome in OVER), "6: it may have happened, and nobody says so"
            if op.entry.outcome is Outcome.EXPIRED:
                assert op.starts == 0, "5: what has started never expires"
                assert op.entry.wait_deadline <= self.now

    @invariant()
    def the_slot_and_the_permit_are_the_models(self) -> None:
        """1: one at a time, and one permit."""
        running = self.core.dispatcher.slot.running
        assert running is (None if self.running is None else self.running[1]), "1: the slot"
        mine = self.running is not None and isinstance(self.running[0].entry.operation, Paged)
        in_use = self.permits.snapshot().get("paged", (0, 1))[0]
        assert in_use == mine + self.rival.has_it <= 1, "1: the permit"
        if self.running is not None and self.running[2].told is not None:
            assert self.now < self.running[2].told + GRACE, "6: it keeps the slot beyond its grace"

    @invariant()
    def it_asks_to_be_looked_at_in_time(self) -> None:
        """5, 6: no limit lies before the next look."""
        if self.over:
            return
        limits = [op.entry.wait_deadline for op in self.waiting if not op.starts]
        limits += [] if self.running is None else [self.running[1].deadline]
        if self.stop_by is not None:
            assert self.now < self.stop_by or not any(op.is_open for op in self.ops), "the stop has had its time"
            limits += [self.stop_by] if self.now < self.stop_by else []
        at = self.core.look_again
        assert not limits or (at is not None and at <= min(limits))
