"""A whole session against its promises, purely: the real parts, and mutants of them that the machine must find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from actors.model.errors import FloodWait
from actors.model.resilience import Check
from actors.operations.operation import Checkpoint
from actors.runtime.mailbox import Mailbox
from actors.runtime.overripe import Overripe
from actors.session.acts import Acts
from actors.session.connection import Connection
from actors.session.core import SessionCore
from actors.session.dispatcher import Dispatcher, Todo
from actors.session.floods import Floods
from actors.session.queue import OperationQueue
from actors.session.queued_operation import QueuedOperation
from actors.session.slot import Overrun, Running, Slot
from tests.session.session_machine import SessionMachine

SessionMachine.TestCase.settings = settings(stateful_step_count=50, deadline=None)
TestSession = SessionMachine.TestCase


class TwoAtATime(Dispatcher):
    """1: the slot is taken for free while something runs in it."""

    def turn(self, now: float, *, generation: int | None) -> Todo:
        """Look away from what runs."""
        running, self.slot.running = self.slot.running, None
        todo = super().turn(now, generation=generation)
        if todo.start is None:
            self.slot.running = running
        return todo


class Undue(Mailbox[QueuedOperation]):
    """What is due has no right of way."""

    def peek(self, now: float) -> QueuedOperation | None:
        """Look as if no time had passed."""
        return super().peek(now - 1e9)


class OutOfOrder(OperationQueue):
    """2: see `Undue`."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self._mailbox = Undue(capacity)


class Boundless(OperationQueue):
    """3: one more than the capacity is accepted."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity + 1)


class Forgetful(Dispatcher):
    """4: what is cancelled while it waits is never answered."""

    def cancel(self, operation_id: int | None, key: str | None, now: float) -> bool:
        """Drop it."""
        return self.queue.withdraw(operation_id, key) is not None or super().cancel(operation_id, key, now)


class Patient(Mailbox[QueuedOperation]):
    """Nothing expires."""

    def ripe(self, now: float) -> Overripe[QueuedOperation]:
        """Look as if no time had passed."""
        return super().ripe(now - 1e9)


class WaitsForEver(OperationQueue):
    """5: see `Patient`."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self._mailbox = Patient(capacity)


class RunsForEver(Dispatcher):
    """6: the run timeout is not enforced."""

    def limit(self, now: float) -> Running | None:
        """Do nothing."""
        del now
        return None


class Endless(Slot):
    """6: the attempt timeout is not enforced."""

    def overrun(self, now: float) -> Overrun | None:
        """Look away."""
        found = super().overrun(now)
        return None if found is Overrun.SILENCE else found


class Unimpressed(Dispatcher):
    """11: a flood wait holds nothing."""

    def _flooded(self, entry: QueuedOperation, error: BaseException, now: float) -> None:
        """Try again at once."""
        del error
        self._give_back(entry, now)


class Careless(Floods):
    """11: what an operation didn't list is never refused."""

    def refusal(self, method: str, chat: str) -> FloodWait | None:
        """Let it leave."""
        del method, chat
        return None


class Repetitive(Floods):
    """11: a flood wait counts anew whenever somebody raises it."""

    def keep(self, error: FloodWait) -> None:
        """Forget that it is known."""
        error.held = False
        super().keep(error)


class Stubborn(Dispatcher):
    """11: an operation that meets a hold doesn't wait for it."""

    def _flooded(self, entry: QueuedOperation, error: BaseException, now: float) -> None:
        """Put it off by itself."""
        assert isinstance(error, FloodWait)
        self.floods.keep(error)
        self._put_off(entry, error.name, now, until=now + 1.0)


class Selfish(Dispatcher):
    """12: a checkpoint gives way to nobody."""

    def checkpoint(self, running: Running, checkpoint: Checkpoint, now: float) -> bool:
        """Go on."""
        return super().checkpoint(running, checkpoint, now) and running.entry.outcome is not None


class Trusting(Connection):
    """20: a line that swallows is never asked."""

    def doubt(self, since: float, until: float) -> None:
        """Believe in it."""
        super().doubt(since, until)


class Nervous(Connection):
    """20: a slow server is taken for a dead line."""

    def doubt(self, since: float, until: float) -> Check | None:
        """Ask at once."""
        return super().doubt(since, until) or (Check.ANSWER if self.is_up else None)


class Sleepy(Connection):
    """20: a quiet line is asked late."""

    def due_check(self, now: float) -> Check | None:
        """Look later."""
        return super().due_check(now - 1.0)


class Rash(SessionCore):
    """20: a line that has proved itself is given up."""

    def _proved(self, now: float, *, lives: bool) -> Acts:
        """Don't believe it."""
        del lives
        return super()._proved(now, lives=False)


class Heedless(SessionCore):
    """20: operations start on a line that may be dead."""

    def _hold(self, now: float) -> None:
        """Hold nothing for that."""
        super()._hold(now)
        if self.is_ready:
            self.dispatcher.queue.go_online()


class Tireless(SessionCore):
    """6: what waited for the line to prove itself has no limit on the next one."""

    def _be_patient_anew(self) -> None:
        """Do nothing."""


MUTANTS: list[dict[str, Any]] = [
    {"DISPATCHER": TwoAtATime},
    {"QUEUE": OutOfOrder},
    {"QUEUE": Boundless},
    {"DISPATCHER": Forgetful},
    {"QUEUE": WaitsForEver},
    {"DISPATCHER": RunsForEver},
    {"SLOT": Endless},
    {"DISPATCHER": Unimpressed},
    {"FLOODS": Careless},
    {"FLOODS": Repetitive},
    {"DISPATCHER": Stubborn},
    {"DISPATCHER": Selfish},
    {"CONNECTION": Trusting},
    {"CONNECTION": Nervous},
    {"CONNECTION": Sleepy},
    {"CORE": Rash},
    {"CORE": Heedless},
    {"CORE": Tireless},
]


@pytest.mark.gate
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: next(iter(mutant.values())).__name__)
def test_the_machine_finds_a_session_that_breaks_its_promise(mutant: dict[str, Any]) -> None:
    """The test of the test."""
    machine = type("Mutated", (SessionMachine,), mutant)
    thorough = settings(
        max_examples=2000,
        stateful_step_count=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=thorough)
