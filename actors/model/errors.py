"""The exception tree. Each error carries fields, and its text is derived from them; no error is written as prose.

Every wing raises these errors, and nobody outside `telegram/` sees one of Telethon's. They survive pickle and copy, and
none has a field that could hold a secret or the text of a message.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum, StrEnum
from typing import Any, ClassVar

__all__ = [
    "ActorsError",
    "AskCycle",
    "BlockingCallError",
    "ChatMigrated",
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
    "PeerLost",
    "QueueWaitTimeout",
    "ReceiverFailed",
    "SessionStartFailed",
    "TelegramError",
    "UnknownOperation",
    "UnknownSession",
    "Verdict",
]


class Verdict(Enum):
    """What an error means for the operation and the session. The border computes it purely; policies act on it."""

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
    """The base of all errors that this library raises. Pykka's own errors are not among them."""

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
    """The library knows no operation with this id: there never was one, or it ended a while ago."""

    text: ClassVar[str] = "nothing is known (any more) of an operation {operation_id}"
    operation_id: int


@dataclass(kw_only=True, eq=False, repr=False)
class SessionStartFailed(ActorsError):
    """A session didn't come online. The cause is chained. No task and no connection of the session is left."""

    text: ClassVar[str] = "session {name!r} did not start: {reason}"
    name: str
    reason: str
    verdict: Verdict = Verdict.UNKNOWN


@dataclass(kw_only=True, eq=False, repr=False)
class BlockingCallError(ActorsError, RuntimeError):
    """A program tried to wait on the thread of the event loop that would have to bring the answer."""

    text: ClassVar[str] = (
        "{call} would block the event loop that has to bring its answer; "
        "await the future, or pass block=False and add a done-callback"
    )
    call: str


@dataclass(kw_only=True, eq=False, repr=False)
class AskCycle(ActorsError, RuntimeError):
    """Waiting for this reply could never end: each actor in `path` waits for the next one, and the last for the first.

    Only the wait is refused. What was asked is still done.
    """

    text: ClassVar[str] = "waiting would close a circle of asks; use tell, or ask without waiting: {path}"
    path: tuple[str, ...]

    def __str__(self) -> str:
        return self.text.format(path=" -> ".join(self.path))


@dataclass(kw_only=True, eq=False, repr=False)
class OperationError(ActorsError):
    """An operation ended badly. The fields say which operation, of what type, on which session.

    `partial` holds what a resumable operation had collected, and `checkpoint` says where it was: pass the checkpoint as
    `resume=` to go on from there. Neither is part of the text.
    """

    text: ClassVar[str] = "{operation_type} on {session!r} failed"
    session: str = ""
    operation_type: str = "operation"
    operation_id: int = 0
    partial: tuple[Any, ...] = field(default=())
    checkpoint: Any = field(default=None)


@dataclass(kw_only=True, eq=False, repr=False)
class MailboxFull(OperationError):
    """The session refused the operation, because `capacity` operations wait already. No accepted operation is lost."""

    text: ClassVar[str] = "mailbox of {session!r} is full: {capacity} operations wait; {operation_type} was refused"
    capacity: int


@dataclass(kw_only=True, eq=False, repr=False)
class QueueWaitTimeout(OperationError):
    """The operation didn't start within its wait timeout, and never will. Both figures are seconds."""

    text: ClassVar[str] = (
        "{operation_type} on {session!r} did not start within {wait_timeout:g} s (waited {waited:.2f} s)"
    )
    waited: float
    wait_timeout: float


@dataclass(kw_only=True, eq=False, repr=False)
class OperationTimeout(OperationError):
    """The operation ran longer than its run timeout (seconds) without a result."""

    text: ClassVar[str] = "{operation_type} on {session!r} ran into its limit of {run_timeout:g} s"
    run_timeout: float


@dataclass(kw_only=True, eq=False, repr=False)
class OutcomeUnknown(OperationError):
    """The server may have carried out a request, but no reply came.

    To try again, use the same `random_id` (`SendMessage(..., random_id=...)`) on the same session: the server carries
    it out once at most.
    """

    text: ClassVar[str] = (
        "{operation_type} on {session!r} may have happened: {reason}; "
        "repeat it on this session with the random_id of this error and it happens once"
    )
    random_id: int
    reason: str = "no reply came in time"


@dataclass(kw_only=True, eq=False, repr=False)
class OperationCancelled(OperationError):
    """Its owner cancelled the operation before it had a result."""

    text: ClassVar[str] = "{operation_type} on {session!r} was cancelled"


@dataclass(kw_only=True, eq=False, repr=False)
class OperationRejected(OperationError):
    """The session accepted the operation, but ended before the operation could run or finish."""

    text: ClassVar[str] = "{operation_type} on {session!r} was not carried out: {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class FileFailed(OperationError):
    """A file on this machine couldn't be read or written. `reason` is what the system says; its error is chained."""

    text: ClassVar[str] = "{operation_type} on {session!r} failed at a file of this machine: {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class ReceiverFailed(OperationError):
    """The actor that gets the pages has stopped or raised. `reason` is the class of its error, which is chained.

    `checkpoint` lies before the first page that the actor didn't take. A scrape that resumes there sends that page
    again.
    """

    text: ClassVar[str] = "{operation_type} on {session!r} ended: its receiver failed with {reason}"
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class TelegramError(OperationError):
    """The server, or the way to it, refused. `name` is Telegram's name for it, such as `CHAT_WRITE_FORBIDDEN`.

    code: the code on the wire; 0 when no server said it. repeated: whether the request had been sent before, on a
    connection that was lost. The server then refused only the repeat.
    """

    text: ClassVar[str] = "{method}: {name} ({code}; {verdict.value})"
    verdict: Verdict
    name: str
    method: str = "connection"
    code: int = 0
    repeated: bool = False


@dataclass(kw_only=True, eq=False, repr=False)
class PeerLost(TelegramError):
    """This account can't address a peer: the server takes no access hash that it knows, and there is no new one.

    `peer` is its marked id, and `reason` says why it can't be found again. A Peer of another account ends like this,
    too. Give a username, or read a chat that it is in first.
    """

    text: ClassVar[str] = (
        "{method}: {name}: this account can't address {peer} (any more): {reason}; "
        "give a username, or read a chat it is in first"
    )
    peer: int
    reason: str


@dataclass(kw_only=True, eq=False, repr=False)
class ChatMigrated(TelegramError):
    """A basic group has become a supergroup, and takes no more. Both are marked ids; use `migrated_to` from now on.

    What was said in the group stays in it: a scrape of it that had begun goes on, and so does `client.history(peer)` of
    a `Call`, with the group's `Peer`.
    """

    text: ClassVar[str] = "{method}: {name}: the basic group {chat} has become the supergroup {migrated_to}; use that"
    verdict: Verdict = Verdict.CHAT_PERMANENT
    name: str = "CHAT_MIGRATED"
    chat: int
    migrated_to: int


class FloodScope(StrEnum):
    """What a flood wait holds: one method of the session, or one chat, which is slow mode."""

    METHOD = "method"
    CHAT = "chat"


@dataclass(kw_only=True, eq=False, repr=False)
class FloodWait(TelegramError):
    """Telegram asks for a pause of `retry_after` seconds.

    An operation ends with it when the pause would end after the operation's deadline. The narrow client raises it, and
    with a `code` of 0 if the pause isn't over that Telegram has asked for before: then nothing was sent. chat: the key
    of the chat whose slow mode it is, such as `channel:123`. held: whether the session knows of the pause already.
    """

    text: ClassVar[str] = "{method} on {session!r}: wait {retry_after:.0f} s more ({name})"
    verdict: Verdict = Verdict.RETRY_AFTER
    name: str = "FLOOD_WAIT"
    code: int = 420
    scope: FloodScope = FloodScope.METHOD
    retry_after: float
    chat: str = ""
    held: bool = False

    def __post_init__(self) -> None:
        """Refuse a pause that has no end, before anybody is held for it."""
        if not isinstance(self.retry_after, int | float) or not 0 <= self.retry_after < float("inf"):
            raise InvalidInput(field="retry_after", problem=f"must be seconds of 0 or more, not {self.retry_after!r}")
