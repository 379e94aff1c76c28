"""Messages to the supervisor: what is asked of it. What it and its sessions tell each other is `session/messages.py`'s.

A message knows the type of its reply, so that `ref.ask(GetSystemStatus())` is a `SystemStatus` to the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actors.model.config import SessionConfig
from actors.model.errors import InvalidInput
from actors.model.outcomes import ShutdownReport, Timeline
from actors.model.policies import is_duration
from actors.model.status import SystemStatus
from actors.runtime.recipient import Recipient
from actors.runtime.ref import Request

__all__ = [
    "GetSession",
    "GetSystemStatus",
    "GetTimeline",
    "RestartSession",
    "Shutdown",
    "StartSession",
    "Subscribe",
    "Unsubscribe",
]


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
class GetSystemStatus(Request[SystemStatus]):
    """Ask the supervisor for everything at one moment."""


@dataclass(frozen=True, slots=True)
class GetTimeline(Request[Timeline]):
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
class Subscribe(Request[None]):
    """Send the event stream to `to`; events of the given classes alone, when there are any."""

    to: Recipient
    only: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Unsubscribe(Request[bool]):
    """End a subscription; answers whether there was one."""

    to: Recipient
