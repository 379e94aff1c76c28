"""The world of a session's machine: the real parts of a session, and the model that each turn is held against.

The machine is the network, the clock and the tasks. The numbers in what is checked stand for promises: 1 one at a time,
2 order, 3 bound, 4 one outcome, 5 wait limit, 6 run limit, 7 always reachable, 8 same reference for life, 11 flood
waits, 12 giving way; 20 for a line that has to prove that it lives.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

from hypothesis.stateful import RuleBasedStateMachine

from actors.model.errors import Verdict
from actors.model.phases import Phase
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff, Check, HealthPolicy
from actors.runtime import Node
from actors.session.acts import Acts, Ask, Break, Close, Dial, HangUp, Reconnect, Retire, Start
from actors.session.attempt import Failed, Finished, Paused
from actors.session.connection import Checked, Connection
from actors.session.core import SessionCore
from actors.session.dispatcher import Dispatcher
from actors.session.floods import Floods
from actors.session.outcomes import Outcomes
from actors.session.permits import PermitHolder, Permits
from actors.session.queue import OperationQueue
from actors.session.queued_operation import permit_key
from actors.session.slot import Running, Slot
from actors.session.traces import Recorder
from tests.session.machine_parts import CAPACITY, GRACE, QUIET, RUN, SILENCE, Events, Op, Paged, Rival, Task

__all__ = ["World"]


class World(RuleBasedStateMachine):
    """A session and its model. Machines add what happens to it; a turn follows each, as in the actor."""

    QUEUE: ClassVar[type[OperationQueue]] = OperationQueue
    SLOT: ClassVar[type[Slot]] = Slot
    FLOODS: ClassVar[type[Floods]] = Floods
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
        self.looks: list[float] = []
        self.up = self.closed = self.over = self.doomed = False
        self.stop_by: float | None = None
        self.question: int | None = None
        self.asked: list[Checked] = []
        self.check: Check | None = None
        self.byte = self.proved_at = 0.0
        self.is_dead = False
        self.dial_at = 0.0
        self.before: tuple[Op, Running, Task] | None = None
        self.generation = 0
        self.pending: set[type] = set()
        queue, events = self.QUEUE(CAPACITY), Events()
        self.events = events
        holder = self.HOLDER(
            self.permits, queue.wanting_permit, lambda kind: cast("None", queue.release(permit_key(kind)))
        )
        slot = self.SLOT(
            Node("urn", "alice"), cast("Any", None), grace=GRACE, now=lambda: self.now, look_at=self.looks.append
        )
        outcomes = Outcomes("alice", events, Recorder(keep=10))
        self.floods = self.FLOODS(queue, events, session="alice", now=lambda: self.now, look_at=self.looks.append)
        dispatcher = self.DISPATCHER(
            queue, slot, holder, outcomes, self.floods, events=events, backoff=Backoff(), chance=lambda: 0.5
        )
        self.core = self.CORE(
            "alice",
            self.CONNECTION(HealthPolicy(probe_after=QUIET, silence=1e6), lambda: self.byte),
            dispatcher,
            events,
            backoff=Backoff(),
            pause=lambda _, __: 0.0,
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
                case Reconnect():
                    assert self.is_dead, "20: it gives up a line that lives"
                    self.pending.add(Reconnect)
                case Ask(check=check, question=question):
                    self.looks_at_the_line(check)
                    self.question, self.check = question, check
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
        self.up, self.question, self.check = False, None, None
        if self.running is not None and self.running[2].waits_on:
            self.running[2].waits_on, self.running[2].asks_since = False, self.now

    # The line.

    @property
    def is_doubted(self) -> bool:
        """Whether the line has to prove itself."""
        return self.check in {Check.LINE, Check.ANSWER}

    def has_lived_since(self, since: float) -> bool:
        """Say whether the server was heard since then, or else there is no line that could be dead."""
        return not self.up or max(self.byte, self.proved_at) >= since

    def looks_at_the_line(self, check: Check) -> None:
        """20: the line is asked when it may be dead, and not else; the attempt waits for what it proves to be."""
        if check not in {Check.LINE, Check.ANSWER}:
            return
        task = None if self.running is None else self.running[2]
        if task is None or task.silent or not self.waits_in_vain:
            assert check is Check.LINE, "20: it had no reason to ask for an answer"
            assert self.now >= max(self.byte, self.proved_at) + QUIET, "20: it had no reason to ask"
            return
        if check is Check.LINE:
            quiet = self.now >= max(self.byte, self.proved_at) + QUIET
            assert quiet or not self.has_lived_since(task.asks_since), "20: bytes that come are life"
        else:
            assert self.core.connection.silences > 1, "20: the server may be slow, for once"
        task.waits_on = task.told is None

    @property
    def waits_in_vain(self) -> bool:
        """Whether what runs has asked, and has no answer in its attempt timeout, or at the end of its run."""
        if self.running is None:
            return False
        op, _, task = self.running
        if task.waits_on:
            return False
        return self.now >= task.asks_since + SILENCE or (
            task.asks_since < math.inf and op.ran + self.now - op.since >= RUN
        )

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
        if not self.up or self.is_doubted or self.over or self.core.phase not in (Phase.ONLINE, Phase.DRAINING):
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
        running.task = task = Task(self, running.patience)
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
            assert self.expected() is None, "2: it rests though somebody's turn has come"
            ends = [until for key, until in self.held.items() if any(key in op.entry.needs for op in self.waiting)]
            look_again = self.core.look_again
            assert not ends or (look_again is not None and look_again <= min(ends)), "11: it rests beyond a hold"
        else:
            self.turn()

    # Its end.

    def doom(self) -> None:
        """Expect the end: everybody is told at once, and why."""
        self.doomed = True
        self.ends_by(self.now)
        assert not any(op.is_open for op in self.ops), "4: left without an outcome by the end of the session"
        stopping = self.core.stopping
        assert stopping is not None
        assert stopping.cause == "REFUSED", "the cause of the end is lost"
        assert self.core.phase is Phase.DEAD
