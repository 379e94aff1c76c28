"""The exception tree. Not a place for prose: each error carries fields, and its text is derived from them.

Every floor raises these; nobody outside `telegram/` sees a class of Telethon. They survive pickle and copy, and
none has a field that could hold a secret or a message text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum, StrEnum
from typing import Any, ClassVar

__all__ = [
    "ActorsError",
    "AskCycle",
    "BlockingCallError",
    "FileFailed",
    "FloodScope",
    "FloodWait",
    "InvalidInput",
    "MailboxFull",
    "NameTaken",
    "OperationCancelled",
    "OperationError",
    "OperationRejected",
    "OperationTimeout",
    "OutcomeUnknown",
    "QueueWaitTimeout",
    "ReceiverFailed",
    "SessionStartFailed",
    "TelegramError",
    "UnknownOperation",
    "UnknownSession",
    "Verdict",
]


class Verdict(Enum):
    """What an error means. Computed purely at the border; acted on by policies."""

    RETRY_AFTER = "retry_after"
    TRANSIENT = "transient"
    ALREADY_DONE = "already_done"
    REFRESH_INPUT = "refresh_input"
    OPERATION_PERMANENT = "operation_permanent"
    RECIPIENT_PERMANENT = "recipient_permanent"
    CHAT_PERMANENT = "chat_permanent"
    ACCOUNT_RESTRICTED = "account_restricted"
    SESSION_DEAD = "session_dead"
    ACCOUNT_DEAD = "account_dead"
    CONFIGURATION = "configuration"
    UNKNOWN = "unknown"


def _rebuild(cls: type[ActorsError], values: dict[str, Any]) -> ActorsError:
    return cls(**values)


@dataclass(kw_only=True, eq=False, repr=False)
class ActorsError(Exception):
    """The base of everything that this library raises, `pykka`'s own errors aside."""

    text: ClassVar[str] = "something went wrong"

    def _values(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __str__(self) -> str:
        return self.text.format_map(self._values())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._values())


@dataclass(kw_only=True, eq=False, repr=False)
class InvalidInput(ActorsError, ValueError):
    """An argument is wrong; `field` names it and `problem` says why. Nothing was sent."""

    text: ClassVar[str] = "{field}: {problem}"
    field: str
    problem: str


@dataclass(kw_only=True, eq=False, repr=False)
class NameTaken(ActorsError):
    """A session of this name exists already."""

    text: ClassVar[str] = "a session named {name!r} is already running or starting"
    name: str


@dataclass(kw_only=True, eq=False, repr=False)
class UnknownSession(ActorsError, LookupError):
    """No session of this name exists."""

    text: ClassVar[str] = "there is no session named {name!r}"
    name: str


@dataclass(kw_only=True, eq=False, repr=False)
class UnknownOperation(ActorsError, LookupError):
    """Nothing is known of an operation of this id: it never was, or it ended a while ago."""

    text: ClassVar[str] = "nothing is known (any more) of an operation {operation_id}"
    operation_id: int


@dataclass(kw_only=True, eq=False, repr=False)
class SessionStartFailed(ActorsError):
    """A session didn't come online; its cause is chained. No task and no connection of it is left."""

    text: ClassVar[str] = "session {name!r} did not start: {reason}"
    name: str
    reason: str
    verdict: Verdict = Verdict.UNKNOWN


@dataclass(kw_only=True, eq=False, repr=False)
class BlockingCallError(ActorsError, RuntimeError):
    """A blocking wait was tried on the thread of the event loop that would have to bring the answer."""

    text: ClassVar[str] = (
        "{call} would block the event loop that has to bring its answer; "
        "await the future, or pass block=False and add a done-callback"
    )
    call: str


@dataclass(kw_only=True, eq=False, repr=False)
class AskCycle(ActorsError, RuntimeError):
    """Waiting for this reply could never end: each in `path` waits for the next, the last for the first.

    The wait is refused, not the ask: what was asked is still done.
    """

    text: ClassVar[str] = "waiting would close a circle of asks; use tell, or ask without waiting: {path}"
    path: tuple[str, ...]

    def __str__(self) -> str:
        return self.text.format(path=" -> ".join(self.path))


@dataclass(kw_only=True, eq=False, repr=False)
class OperationError(ActorsError):
    """An operation that didn't end well: which one, of what type, on which session.

    `partial` holds what a resumable operation had collected and `checkpoint` where it was: pass the latter as
    `resume=` to go on. Neither is part of the text.
    """

    text: ClassVar[str] = "{operation_type} on {session!r} failed"
    session: str = ""
    operation_type: str = "operation"
    operation_id: int = 0
    partial: tuple[Any, ...] = field(default=())
    checkpoint: Any = field(default=None)


@dataclass(kw_only=True, eq=False, repr=False)
class MailboxFull(OperationError):
    """Refused: `capacity` operations wait already. Nothing that was accepted is lost."""

    text: ClassVar[str] = "mailbox of {session!r} is full: {capacity} operations wait; {operation_type} was refused"
    capacity: int


@dataclass(kw_only=True, eq=False, repr=False)
class QueueWaitTimeout(OperationError):
    """Didn't start within its wait timeout, and never will. Both figures in seconds."""

    text: ClassVar[str] = (
        "{operation_type} on {session!r} did not start within {wait_timeout:g} s (waited {waited:.2f} s)"
    )
    waited: float
    wait_timeout: float


@dataclass(kw_only=True, eq=False, repr=False)
class OperationTimeout(OperationError):
    """Ran longer than its run timeout (seconds) without a result."""

    text: ClassVar[str] = "{operation_type} on {session!r} ran into its limit of {run_timeout:g} s"
    run_timeout: float


@dataclass(kw_only=True, eq=False, repr=False)
class OutcomeUnknown(OperationError):
    """A request may have been carried out, but no reply came.

    Try again with the same `random_id` (`SendMessage(..., random_id=...)`) on the same session: the server does
    it once at most.
    """

    text: ClassVar[str] = (
        "{operation_type} on {session!r} may have happened: {reason}; "
        "repeat it on this session with the random_id of this error and it happens once"
    )
    random_id: int
    reason: str = "no reply came in time"


@dataclass(kw_only=True, eq=False, repr=False)
class OperationCancelled(OperationError):
    """Cancelled by its owner before it had a result."""

    text: ClassVar[str] = "{operation_type} on {session!r} was cancelled"


@dataclass(kw_only=True, eq=False, repr=False)
class OperationRejected(OperationError):
    """Accepted, but its session ended before it could run or finish."""

    text: ClassVar[str] = "{operation_type} on {session!r} was not carried out: {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class FileFailed(OperationError):
    """A file on this machine couldn't be read or written; `reason` is what the system says. Its error is chained."""

    text: ClassVar[str] = "{operation_type} on {session!r} failed at a file of this machine: {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class ReceiverFailed(OperationError):
    """The actor that pages were sent to has stopped, or raised; `reason` is the class of its error, which is chained.

    `checkpoint` is from before the first page that it didn't take: with it, that page comes again.
    """

    text: ClassVar[str] = "{operation_type} on {session!r} ended: its receiver failed with {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class TelegramError(OperationError):
    """The server, or the way to it, said no. `name` is Telegram's, such as `CHAT_WRITE_FORBIDDEN`.

    code: as on the wire, 0 for what no server said. repeated: the request was sent before, on a connection that was
    lost; the refusal is of its repeat alone.
    """

    text: ClassVar[str] = "{method}: {name} ({code}; {verdict.value})"
    verdict: Verdict
    name: str
    method: str = "connection"
    code: int = 0
    repeated: bool = False


class FloodScope(StrEnum):
    """What a flood wait holds: one method of the session, or one chat, which is slow mode."""

    METHOD = "method"
    CHAT = "chat"


@dataclass(kw_only=True, eq=False, repr=False)
class FloodWait(TelegramError):
    """Telegram asks for a pause of `retry_after` seconds that ends after this operation's deadline."""

    text: ClassVar[str] = "{method} on {session!r}: wait {retry_after:.0f} s more ({name})"
    verdict: Verdict = Verdict.RETRY_AFTER
    name: str = "FLOOD_WAIT"
    code: int = 420
    scope: FloodScope = FloodScope.METHOD
    retry_after: float
