"""A Hypothesis machine that drives a whole session, without a server and without time, against its promises."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from actors.model.content import Account
from actors.model.errors import TelegramError, Verdict
from actors.model.outcomes import Outcome
from actors.model.phases import Phase
from actors.model.policies import OperationPolicy
from actors.model.resilience import Check
from actors.runtime.mailbox import Offer
from actors.session.acts import Break, Dial, Reconnect
from actors.session.connection import Checked, Connected, ConnectionEnded, TransportLost, TransportUp
from actors.session.queued_operation import QueuedOperation
from tests.session.machine_operations import WithOperations
from tests.session.machine_parts import FEW, GRACE, MANY, OVER, QUIET, RUN, SILENCE, Paged, Quick

__all__ = ["SessionMachine"]


SCENES = (
    "has failed once",
    "ends what it was told to",
    "is replaced while something ends",
    "waits in vain",
    "has lost a dead line",
    "has been quiet",
    "stops",
    *["is new"] * 5,
)


class SessionMachine(WithOperations):
    """The rules of time, of the connection and of the end, and what holds at every moment."""

    # Time and the connection.

    @rule(seconds=st.sampled_from([0.0, 1.0, 2.0, 3.0, 7.0]))
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

    @initialize(connects=st.sampled_from([True, True, True, False]), scene=st.sampled_from(SCENES))
    def begin(self, *, connects: bool, scene: str) -> None:
        """Mostly a session has a connection; now and then it has seen more already."""
        if connects:
            self.connect()
        for kind in (Paged(), Quick()):  # one runs, one waits
            self.send_one(kind, 1, 60.0, 1)
        if self.running is None:
            return
        match scene:
            case "has failed once":
                self.fail()
                self.time_passes(3.0)
            case "ends what it was told to":
                self.core.dispatcher.cancel(self.running[0].entry.operation_id, None, self.now)
                self.turn()
            case "is replaced while something ends":
                self.core.dispatcher.cancel(self.running[0].entry.operation_id, None, self.now)
                self.turn()
                self.time_passes(1.0)
                self.restart()
                self.time_passes(GRACE - 1.0)
            case "waits in vain" | "has lost a dead line":
                self.time_passes(1.0)
                self.ask()
                self.time_passes(SILENCE)
                assert self.is_doubted, "20: nobody asks whether the line lives"
                if scene == "has lost a dead line":
                    self.answer_one(self.asked[-1], silent=True)
            case "has been quiet":
                self.finish()
                self.finish()
                self.time_passes(QUIET - 1.0)
            case "stops":
                self.stop(9.0)

    @precondition(lambda self: Dial in self.pending and not self.up and not self.over)
    @rule()
    def connect(self) -> None:
        """The client is connected."""
        self.pending.discard(Dial)
        self.up, self.proved_at = True, self.now
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
        self.answer_one(data.draw(st.sampled_from(self.asked)), silent=silent)

    def answer_one(self, checked: Checked, *, silent: bool) -> None:
        """Hand an answer to the core, or the news that there was none, and take a turn."""
        self.asked.remove(checked)
        error = TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY") if silent else None
        before, phase = self.up, self.core.phase
        counts = checked.question == self.question and checked.generation == self.core.connection.generation
        if counts:
            self.take_answer(silent=silent)
        self.carry_out(self.core.hear(replace(checked, error=error), self.now))
        if Reconnect in self.pending:
            self.pending.discard(Reconnect)
            self.lose()
        if not counts:
            assert (self.core.connection.is_up, self.core.phase) == (before, phase), "it believed an old answer"
        self.turn()

    def take_answer(self, *, silent: bool) -> None:
        """Know what the core learns: of a line that had to prove itself, or of one that came back."""
        if self.is_doubted:
            was_answered = self.check is Check.ANSWER and not self.core.connection.silences
            self.is_dead = silent and not was_answered
        else:
            self.up = not silent
        self.question = self.check = None
        if not silent:
            self.proved_at = self.now
        if self.is_dead and self.running is not None and self.running[2].waits_on:
            self.running[2].waits_on, self.running[2].asks_since = False, self.now

    @precondition(lambda self: self.up and not self.over)
    @rule()
    def hear_something(self) -> None:
        """20: a byte comes, and whatever it is, the line lives."""
        self.byte = self.now
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
            task = self.running[2]
            assert task.told is not None or task.silent or task.waits_on or self.now < task.asks_since + SILENCE, "6"
            assert not task.waits_on or self.is_doubted, "20: it waits for what nobody asks"
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
        if self.running is not None:
            _, running, task = self.running
            limits += [running.deadline, running.patience.until]
            limits += [] if task.told is not None or task.silent or task.waits_on else [task.asks_since + SILENCE]
        if self.stop_by is not None:
            assert self.now < self.stop_by or not any(op.is_open for op in self.ops), "the stop has had its time"
            limits += [self.stop_by] if self.now < self.stop_by else []
        elif self.up and self.question is None:
            limits.append(max(self.byte, self.proved_at) + QUIET)
            assert self.now < limits[-1], "20: a line that is quiet for too long isn't asked"
        at = self.core.look_again
        assert not limits or (at is not None and at <= min(limits))
