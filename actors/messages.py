"""Control messages, events and replies. Frozen data: what actors say to each other, and nothing that they do.

A message knows the type of its reply, so that `ref.ask(GetStatus())` is a `SessionStatus` to the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from actors.model.config import SessionConfig
from actors.model.errors import InvalidInput
from actors.model.outcomes import ShutdownReport, Timeline
from actors.model.policies import is_duration
from actors.model.status import SessionStatus, SystemStatus
from actors.ports import Recipient

__all__ = [
    "CancelOperation",
    "GetSession",
    "GetStatus",
    "GetSystemStatus",
    "GiveUpSession",
    "LiftRestriction",
    "Prioritised",
    "ReplaceClient",
    "Request",
    "RestartSession",
    "SessionBroke",
    "SessionEnded",
    "Shutdown",
    "StartSession",
    "StopSession",
    "Subscribe",
    "Unsubscribe",
    "WaitOnline",
    "Why",
]

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Request(Generic[R_co]):
    """A message that is answered with an `R_co`."""


@dataclass(frozen=True, slots=True)
class Prioritised:
    """A message to a `PriorityActor` with its own place: what the handler gets is `message` alone.

    priority: higher is handled first; wait_timeout: seconds after which it is not handled any more, None for never.
    """

    message: Any
    priority: int = 0
    wait_timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse a place that can't be."""
        if not isinstance(self.priority, int):
            raise InvalidInput(field="priority", problem=f"must be a whole number, not {self.priority!r}")
        if self.wait_timeout is not None and not is_duration(self.wait_timeout):
            problem = f"must be a number of seconds above 0, or None, not {self.wait_timeout!r}"
            raise InvalidInput(field="wait_timeout", problem=problem)


@dataclass(frozen=True, slots=True)
class GetStatus(Request[SessionStatus]):
    """Ask a session for its status. Answered at once, whatever else it does."""


@dataclass(frozen=True, slots=True)
class CancelOperation(Request[bool]):
    """Cancel a waiting or running operation by its id, or by your own key; answers whether there was one."""

    operation_id: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class StopSession(Request[bool]):
    """Stop a session: no more operations are accepted, accepted ones get `drain` seconds, the rest is rejected.

    To a session, `name` may stay empty. drain=None: the system's default (10 s). Answered when it has stopped.
    """

    name: str = ""
    drain: float | None = None

    def __post_init__(self) -> None:
        """Refuse a drain time that can't be waited for."""
        if self.drain is not None and self.drain != 0 and not is_duration(self.drain):
            raise InvalidInput(field="drain", problem=f"must be a number of seconds of 0 or more, not {self.drain!r}")


@dataclass(frozen=True, slots=True)
class StartSession(Request[Any]):
    """Ask the supervisor for a session; answered with its `SessionRef` once online, within `timeout` seconds."""

    config: SessionConfig
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class GetSession(Request[Any]):
    """Ask the supervisor for the ref of a running session; UnknownSession when there is none of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class RestartSession(Request[None]):
    """Replace the client of a session; its ref and its waiting operations stay."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceClient:
    """From the supervisor to a session: take a new client after `delay` seconds."""

    reason: str
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionBroke:
    """From a session to the supervisor: its client is beyond use; restart it, or give it up."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """From a session to the supervisor: it has stopped. urn tells it from a later one of the same name.

    cause: Telegram's name of the error that ended it, if one did.
    """

    name: str
    urn: str
    cause: str


@dataclass(frozen=True, slots=True)
class GiveUpSession:
    """From the supervisor to a session: end for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class GetSystemStatus(Request[SystemStatus]):
    """Ask the supervisor for everything at one moment."""


@dataclass(frozen=True, slots=True)
class Why(Request[Timeline]):
    """Ask the supervisor what happened to an operation; UnknownOperation when it ended a while ago."""

    operation_id: int


@dataclass(frozen=True, slots=True)
class Shutdown(Request[ShutdownReport]):
    """Stop every session and the supervisor, as a stop of the actor does; answered with every operation's fate.

    timeout: seconds for all of it, by default the system's stop timeout.
    """

    timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time that can't be waited for."""
        if self.timeout is not None and not is_duration(self.timeout):
            raise InvalidInput(field="timeout", problem=f"must be a number of seconds above 0, not {self.timeout!r}")


@dataclass(frozen=True, slots=True)
class WaitOnline(Request[None]):
    """Answered when the session is online (again); raises why its first connection failed, or that it has ended."""


@dataclass(frozen=True, slots=True)
class LiftRestriction(Request[bool]):
    """End the open-ended hold on writing of a restricted account; answers whether there was one."""


@dataclass(frozen=True, slots=True)
class Subscribe(Request[None]):
    """Send the event stream to `to`; events of the given classes alone, when there are any."""

    to: Recipient
    only: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Unsubscribe(Request[bool]):
    """End a subscription; answers whether there was one."""

    to: Recipient
