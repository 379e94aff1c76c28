"""What the machine of a session is made of: operations that say nothing, who waits for them, tasks, another session."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from actors.model.client import Client
from actors.model.errors import FloodWait
from actors.model.events import Event, FloodWaiting
from actors.model.outcomes import Outcome
from actors.operations.operation import Checkpoint, Operation, OperationContext, ResumableOperation
from actors.runtime.delivery import EventStream
from actors.session.patience import Patience
from actors.session.queued_operation import QueuedOperation

if TYPE_CHECKING:
    from tests.session.machine_world import World

__all__ = [
    "CAPACITY",
    "FEW",
    "GRACE",
    "MANY",
    "METHODS",
    "OVER",
    "QUIET",
    "RUN",
    "SILENCE",
    "Asked",
    "Events",
    "Op",
    "Paged",
    "Quick",
    "Rival",
    "Task",
    "Write",
]

CAPACITY, GRACE, RUN, SILENCE, QUIET = 4, 3.0, 10.0, 4.0, 15.0
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


class Events(EventStream):
    """What a session publishes, of which the flood waits are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.floods: list[FloodWaiting] = []

    def publish(self, event: Event) -> None:
        """Keep it, if it is one."""
        if isinstance(event, FloodWaiting):
            self.floods.append(event)


@dataclass(eq=False)
class Task:
    """A task of the machine's. It ends when a rule says so. told: when it was first told to.

    asks_since: when it began to wait for the server; silent: whether it was cancelled because there was no answer; met:
    the last flood wait that its client has met; waits_on: whether the line has to prove itself first.
    """

    clock: World
    patience: Patience
    told: float | None = None
    asks_since: float = math.inf
    silent: bool = False
    met: FloodWait | None = None
    waits_on: bool = False

    def cancel(self) -> None:
        """Be told to end, or that the server is silent."""
        if self.patience.is_over and not self.silent:
            assert self.clock.now >= self.asks_since + SILENCE, "6: the server had time to answer"
            assert self.clock.has_lived_since(self.asks_since), "20: the line may have swallowed it"
            self.silent, self.waits_on = True, False
        elif self.told is None:
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
