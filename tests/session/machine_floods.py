"""What Telegram asks a session's machine to wait with: told by the client, raised by operations, refused meanwhile."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from actors.model.errors import FloodScope, FloodWait
from actors.session.attempt import Failed
from actors.session.floods import flood_key
from actors.session.retries import SHORTEST_HOLD
from tests.session.machine_parts import METHODS, Op
from tests.session.machine_world import World

__all__ = ["WithFloods"]

PAGED = "a.paged"
SLOW = "channel:1"


class WithFloods(World):
    """The rules of flood waits. The machine is the client, which asks before it sends, and tells what it hears."""

    @precondition(lambda self: self.running)
    @rule(seconds=st.sampled_from([2.0, 30.0]))
    def flood(self, seconds: float) -> None:
        """11: an operation raises one that nobody was told of: its method is held, and it keeps its place."""
        assert self.running is not None
        op = self.running[0]
        method = min(op.entry.operation.methods_needed(), default=PAGED)
        was_open, told = op.is_open, len(self.events.floods)
        self.end_by(FloodWait(retry_after=seconds, method=method))
        if was_open:
            key = f"method:{method}"
            self.held[key] = max(self.held.get(key, 0.0), self.now + seconds)
        assert len(self.events.floods) == told + was_open
        self.turn_after_end()

    @precondition(lambda self: self.running and not self.over)
    @rule(
        seconds=st.sampled_from([0.0, 2.0, 7.0]),
        method=st.sampled_from([*METHODS, PAGED]),
        chat=st.sampled_from(["", "", SLOW]),
    )
    def is_told(self, seconds: float, method: str, chat: str) -> None:
        """11: the client meets one: its method, listed or not, or its chat is held from now on; the attempt runs on."""
        assert self.running is not None
        scope = FloodScope.CHAT if chat else FloodScope.METHOD
        error = FloodWait(retry_after=seconds, method=method, scope=scope, chat=chat)
        told, key = len(self.events.floods), flood_key(error)
        assert key == (f"chat:{chat}" if chat else f"method:{method}")
        self.floods.keep(error)
        assert self.looks.pop() == self.now, "11: nobody looks what it outlasts"
        self.held[key] = max(self.held.get(key, 0.0), self.now + max(seconds, SHORTEST_HOLD))
        self.floods.keep(error)
        assert [flood.key for flood in self.events.floods[told:]] == [key], "11: it is told of once"
        self.running[2].met = error
        self.turn()

    @precondition(lambda self: self.running and self.running[2].met)
    @rule()
    def is_raised(self) -> None:
        """11: what the client met ends the attempt, at once or after a while: no hold is longer for that."""
        assert self.running is not None
        error = self.running[2].met
        assert error is not None
        self.end_by_known(error)

    @precondition(lambda self: self.running and not self.over)
    @rule(method=st.sampled_from([*METHODS, PAGED]), chat=st.sampled_from(["", SLOW]), ends=st.booleans())
    def asks_before_it_sends(self, method: str, chat: str, *, ends: bool) -> None:
        """11: what is held is refused before it is sent, and until its end; the attempt may go on, or end by that."""
        keys = [f"method:{method}", *([f"chat:{chat}"] if chat else [])]
        left = max(self.held.get(key, 0.0) for key in keys) - self.now
        refusal = self.floods.refusal(method, chat)
        assert (refusal is not None) is (left > 0), "11: a request leaves that must not, or the other way round"
        if refusal is None:
            return
        assert (refusal.retry_after, refusal.code) == (left, 0)
        if ends:
            self.end_by_known(refusal)

    def end_by_known(self, error: FloodWait) -> None:
        """End the attempt by a flood wait that is held already, or was."""
        assert self.running is not None
        was_open, told, holds = self.running[0].is_open, len(self.events.floods), dict(self.held)
        kept = set(self.floods.holds)
        op = self.end_by(error)
        assert len(self.events.floods) == told, "11: told twice"
        if was_open and flood_key(error) in kept:
            assert flood_key(error) in op.entry.needs, "11: it doesn't wait for what it met"
        elif was_open:
            self.held[op.entry.own_key] = self.now + SHORTEST_HOLD  # or it would try again without a pause
        self.turn_after_end()
        held = self.core.dispatcher.queue.held.get(flood_key(error))
        assert held is None or held.until == holds[held.key], "11: a hold was moved"

    def end_by(self, error: FloodWait) -> Op:
        """End the attempt by a flood wait, which is no failure."""
        assert self.running is not None
        op = self.running[0]
        was_open, failures = op.is_open, op.entry.failures
        self.ended(Failed(error))
        assert not was_open or op.entry.failures == failures, "11: a flood wait is no failure"
        return op
