"""The base of all operations.

It is neither a queue nor a retry loop: an operation says how to do the work once, with one client. Users subclass
`Operation` for atomic work and `ResumableOperation` for work in pages. Sessions run them.
"""

from __future__ import annotations

import copyreg
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import Field, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from actors.model.checks import HIGHEST_LONG, check_kind, check_text
from actors.model.client import Client
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError
from actors.model.policies import OTHER, OperationPolicy, Overrides
from actors.operations.watch import SessionFacilities
from actors.runtime.recipient import Receipt
from actors.runtime.ref import Request

if TYPE_CHECKING:
    import asyncio
    from typing import Self

__all__ = [
    "Checkpoint",
    "Operation",
    "OperationContext",
    "ResumableOperation",
    "check_peer",
    "check_resume",
]

_USERNAME = re.compile(r"@?[A-Za-z][A-Za-z0-9_]{0,31}")
"""A username, leniently: Telegram's own have 4 characters at least. No phone number has this form."""

_KINDS = ("user", "chat", "channel")

R_co = TypeVar("R_co", covariant=True)


@dataclass(slots=True, kw_only=True)
class OperationContext:
    """What an operation knows of its run.

    - start_time: when this attempt started, aware UTC.
    - task: the task that it runs in.
    - metadata: the operation's own notes, kept from one attempt to the next.
    - checkpoint: the last checkpoint of a resumable operation, to go on from.
    - giving_way: whether somebody else waits for the slot. It is set where a checkpoint wasn't settled: the operation
      begins nothing more, and goes on to a checkpoint that is.
    """

    operation_type: str
    session_name: str
    start_time: datetime
    task: asyncio.Task[Any] | None
    metadata: dict[str, Any] = field(repr=False)
    operation_id: int
    policy: OperationPolicy
    session: SessionFacilities
    checkpoint: Checkpoint | None = None
    giving_way: bool = False
    may_have_left: bool = False

    def leaving(self) -> None:
        """Note that a request which changes something is leaving. From now on, a missing reply means: outcome unknown.

        Pass this method on to the narrow client (`client.send_message(..., leaving=context.leaving)`), which calls it
        when the bytes are written. Call it yourself just before a request of your own on `client.telethon`.
        """
        self.may_have_left = True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a resumable operation is: its position (plain, picklable), and how much is done.

    items: what was found since the previous checkpoint. total: how much there is, when the server says so. wait: what
    the operation waits for before it goes on, when it doesn't wait for the server.
    """

    position: Any
    items: tuple[Any, ...] = field(default=(), repr=False)
    done: int = 0
    total: int | None = None
    wait: Receipt | None = field(default=None, repr=False, compare=False)
    settled: bool = field(default=True, repr=False, compare=False)

    def bare(self) -> Checkpoint:
        """Return a picklable copy that is enough to resume from: without the items, and without what it waits for."""
        return replace(self, items=(), wait=None, settled=True)


@dataclass(frozen=True, slots=True)
class Operation(Request[R_co], ABC):
    """One unit of work on one session, answered with an `R_co`. Subclass it as a frozen dataclass.

    A subclass that has a `__post_init__` of its own calls that of its base first, which checks what is set here.

    - operation_type: the row of the policy table that holds for it.
    - methods: Telegram methods that it is going to call: a flood wait of one of them keeps it from starting. Of any
      other method the narrow client keeps the flood wait when the operation calls it.
    - writes: whether a restricted account must not run it.
    - key: your own name for one operation. Status shows it, and `CancelOperation` takes it.
    """

    operation_type: ClassVar[str] = OTHER
    methods: ClassVar[frozenset[str]] = frozenset()
    writes: ClassVar[bool] = False

    key: str | None = field(default=None, kw_only=True)
    overrides: Overrides = field(default=Overrides(), kw_only=True, repr=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a type that no row of the policy table can be for; a type that each operation brings is its own."""
        super(Operation, cls).__init_subclass__(**kwargs)
        operation_type = vars(cls).get("operation_type", OTHER)
        if not isinstance(operation_type, Field) and not hasattr(operation_type, "__get__"):
            check_text("operation_type", operation_type)

    def __post_init__(self) -> None:
        """Refuse what every operation has, and this one can't. Raises InvalidInput."""
        if self.key is not None:
            check_text("key", self.key)
        if not isinstance(self.overrides, Overrides):
            check_kind("overrides", self.overrides, Overrides)

    @abstractmethod
    def run(
        self, client: Client, context: OperationContext
    ) -> Coroutine[Any, Any, R_co] | AsyncGenerator[Checkpoint, None]:
        """Do the work once. Raises what the client raises, and may be cancelled at every await."""

    def accepted(self) -> Self:
        """Return the operation as the session keeps it once it has accepted it.

        Random numbers are drawn here, so that all retries share them.
        """
        return self

    def methods_needed(self) -> frozenset[str]:
        """Return those of `methods` that this operation really needs: all of them, unless a subclass knows better."""
        return self.methods

    def already_done(self, error: TelegramError) -> R_co | None:  # noqa: ARG002  a subclass may look at it
        """Return the answer of an operation that ends with the verdict `ALREADY_DONE`. It counts as done.

        `error.name` says what happened: USER_ALREADY_PARTICIPANT, MESSAGE_NOT_MODIFIED, or INVITE_REQUEST_SENT, which
        is done once somebody approves it. If this method raises, its error is the outcome instead.
        """
        return None

    def repeat_id(self) -> int:
        """Return the number that makes a repeat of the operation harmless; 0 when there is none."""
        return 0

    def with_(
        self,
        *,
        priority: int | None = None,
        wait_timeout: float | None = None,
        run_timeout: float | None = None,
        attempt_timeout: float | None = None,
        retries: int | None = None,
        key: str | None = None,
    ) -> Self:
        """Return a copy with another key, or with some cells of its policy replaced (times in seconds).

        Raises InvalidInput, which names the cell, for a value that can't work.
        """
        asked: dict[str, Any] = {
            "priority": priority,
            "wait_timeout": wait_timeout,
            "run_timeout": run_timeout,
            "attempt_timeout": attempt_timeout,
            "retries": retries,
        }
        overrides = replace(self.overrides, **{name: value for name, value in asked.items() if value is not None})
        check_text("key", key, or_none=True)
        return self._copy(overrides=overrides, key=self.key if key is None else key)

    def _copy(self, **changes: Any) -> Self:
        """Return a copy of a frozen operation, slot by slot: `copy.copy` takes ten times as long."""
        kind, set_on = type(self), object.__setattr__
        other = object.__new__(kind)
        for name in copyreg._slotnames(kind):  # type: ignore[attr-defined]  # noqa: SLF001  copy.copy goes by it, too
            try:
                set_on(other, name, getattr(self, name))
            except AttributeError:
                continue  # a slot that holds nothing
        if hasattr(self, "__dict__"):
            other.__dict__.update(self.__dict__)
        for name, value in changes.items():
            set_on(other, name, value)
        return other


@dataclass(frozen=True, slots=True)
class ResumableOperation(Operation[R_co]):
    """Work in pages: `run` is an async generator that yields a `Checkpoint` first, and another after each page.

    At a checkpoint the operation reports progress, gives way to others, and can be cancelled. A retry, a hold or a
    restart goes on from there: `run` starts from `context.checkpoint` when there is one, and otherwise from `resume`.
    An operation that has more than one page on its way yields checkpoints that aren't `settled`, and looks at
    `context.giving_way` before it begins another.
    """

    resume: Checkpoint | None = field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        """Refuse to go on from what is no checkpoint. Raises InvalidInput."""
        Operation.__post_init__(self)
        check_kind("resume", self.resume, Checkpoint | None)

    @abstractmethod
    def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page, from `self.start(context)` on."""

    @abstractmethod
    def result(self, items: tuple[Any, ...], last: Checkpoint) -> R_co:
        """Make the reply from the items of all checkpoints and the last checkpoint itself."""

    def already_done(self, error: TelegramError) -> R_co | None:
        """Raise the error: if one page was done already, that says nothing of the others."""
        raise error

    def start(self, context: OperationContext) -> Checkpoint | None:
        """Return the checkpoint to go on from; None at the very beginning."""
        return context.checkpoint or self.resume


def check_peer(value: object, field_name: str = "peer") -> None:
    """Raise InvalidInput for what can't name a peer. The error never shows the value: it may be a phone number."""
    if isinstance(value, str):
        is_peer = _USERNAME.fullmatch(value) is not None
    elif isinstance(value, Peer):
        is_peer = value.kind in _KINDS and _is_long(value.id) and _is_long(value.access_hash)
    else:
        is_peer = _is_long(value) and value != 0
    if not is_peer:
        problem = 'must be a username such as "@news", "me", a numeric id or a Peer; a phone number is none of them'
        raise InvalidInput(field=field_name, problem=problem)


def _is_long(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= HIGHEST_LONG


def check_resume(resume: Checkpoint | None, position: type) -> None:
    """Raise InvalidInput for the checkpoint of another kind of operation, whose position is of another class."""
    if resume is not None:
        check_kind("resume", resume.position, position, "the checkpoint of such an operation")
