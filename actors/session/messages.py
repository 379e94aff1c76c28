"""Control messages, events and replies. Frozen data: what actors say to each other, and nothing that they do.

A message knows the type of its reply, so that `ref.ask(GetStatus())` is a `SessionStatus` to the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.model.checks import check_count, check_seconds, check_text
from actors.model.status import SessionStatus
from actors.runtime.ref import Request

__all__ = [
    "CancelOperation",
    "GetStatus",
    "GiveUpSession",
    "LiftRestriction",
    "ReplaceClient",
    "SessionBroke",
    "SessionEnded",
    "StopSession",
    "Tick",
    "WaitOnline",
]


@dataclass(frozen=True, slots=True)
class GetStatus(Request[SessionStatus]):
    """Ask a session for its status. Answered at once, whatever else it does."""


@dataclass(frozen=True, slots=True)
class CancelOperation(Request[bool]):
    """Cancel a waiting or running operation by its id, or by your own key; answers whether there was one."""

    operation_id: int | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no operation could be called."""
        check_count("operation_id", self.operation_id, or_none=True)
        check_text("key", self.key, or_none=True)


@dataclass(frozen=True, slots=True)
class StopSession(Request[bool]):
    """Stop a session: no more operations are accepted, accepted ones get `drain` seconds, the rest is rejected.

    To a session, `name` may stay empty. drain=None: the system's default (10 s). Answered when it has stopped.
    """

    name: str = ""
    drain: float | None = None

    def __post_init__(self) -> None:
        """Refuse what can't be a name, and a drain time that can't be waited for."""
        check_text("name", self.name, or_empty=True)
        check_seconds("drain", self.drain, or_zero=True, or_none=True)


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
class WaitOnline(Request[None]):
    """Answered when the session is online (again); raises why its first connection failed, or that it has ended."""


@dataclass(frozen=True, slots=True)
class LiftRestriction(Request[bool]):
    """End the open-ended hold on writing of a restricted account; answers whether there was one."""


@dataclass(frozen=True, slots=True)
class Tick:
    """To a session: look at your limits and your slot; something is due, or has become free."""
