"""Messages to the supervisor: what is asked of it. What it and its sessions tell each other is `session/messages.py`'s.

A message knows the type of its reply, so that `ref.ask(GetSystemStatus())` is a `SystemStatus` to the type checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actors.model.checks import check_count, check_kind, check_seconds, check_text
from actors.model.config import SessionConfig
from actors.model.errors import InvalidInput
from actors.model.events import Event
from actors.model.outcomes import ShutdownReport, Timeline
from actors.model.status import SystemStatus
from actors.runtime.recipient import Recipient, check_recipient
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

    def __post_init__(self) -> None:
        """Refuse what isn't a config, and a time that can't be waited for."""
        check_kind("config", self.config, SessionConfig)
        check_seconds("timeout", self.timeout, or_none=True)


@dataclass(frozen=True, slots=True)
class GetSession(Request[Any]):
    """Ask the supervisor for the ref of a running session; UnknownSession when there is none of this name."""

    name: str

    def __post_init__(self) -> None:
        """Refuse what can't be a name."""
        check_text("name", self.name, or_empty=True)


@dataclass(frozen=True, slots=True)
class RestartSession(Request[None]):
    """Replace the client of a session; its ref and its waiting operations stay."""

    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what can't be a name."""
        check_text("name", self.name, or_empty=True)


@dataclass(frozen=True, slots=True)
class GetSystemStatus(Request[SystemStatus]):
    """Ask the supervisor for everything at one moment."""


@dataclass(frozen=True, slots=True)
class GetTimeline(Request[Timeline]):
    """Ask the supervisor what happened to an operation; UnknownOperation when it ended a while ago."""

    operation_id: int

    def __post_init__(self) -> None:
        """Refuse what can't be an id."""
        check_count("operation_id", self.operation_id)


@dataclass(frozen=True, slots=True)
class Shutdown(Request[ShutdownReport]):
    """Stop every session and the supervisor, as a stop of the actor does; answered with every operation's fate.

    timeout: seconds for all of it, by default the system's stop timeout.
    """

    timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time that can't be waited for."""
        check_seconds("timeout", self.timeout, or_none=True)


@dataclass(frozen=True, slots=True)
class Subscribe(Request[None]):
    """Send the event stream to `to`; events of the given classes alone, when there are any."""

    to: Recipient
    only: Sequence[type[Event]] = ()

    def __post_init__(self) -> None:
        """Refuse whoever can't be told anything, and what isn't a class of events."""
        check_recipient("to", self.to)
        check_kind("only", self.only, tuple | list, "a tuple or list of classes of events")
        for kind in self.only:
            if not isinstance(kind, type) or not issubclass(kind, Event):
                raise InvalidInput(field="only", problem="must have nothing but classes of events in it")
        object.__setattr__(self, "only", tuple(self.only))


@dataclass(frozen=True, slots=True)
class Unsubscribe(Request[bool]):
    """End a subscription; answers whether there was one."""

    to: Recipient

    def __post_init__(self) -> None:
        """Refuse whoever can't have one."""
        check_recipient("to", self.to)
