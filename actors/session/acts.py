"""What a session's core asks its actor to do. Plain data: the core returns them, the actor carries them out."""

from __future__ import annotations

from dataclasses import dataclass

from actors.model.resilience import Check
from actors.session.slot import Running
from actors.session.stopping import Stopping

__all__ = [
    "Act",
    "Acts",
    "Ask",
    "Break",
    "Close",
    "Dial",
    "HangUp",
    "Miss",
    "Reconnect",
    "Retire",
    "Settle",
    "Start",
]


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect a client of this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the server whether the connection lives, for so many seconds."""

    check: Check
    question: int
    patience: float


@dataclass(frozen=True, slots=True)
class HangUp:
    """Disconnect the client: its server is silent."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Have the client make its connection anew: the one that it has is dead. What has no answer is sent again."""


@dataclass(frozen=True, slots=True)
class Retire:
    """Take the client away: it is replaced, or the session ends."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Count on updates that won't come: the connection is gone."""


@dataclass(frozen=True, slots=True)
class Start:
    """Run this operation, as a task."""

    running: Running


@dataclass(frozen=True, slots=True)
class Settle:
    """Answer whoever waits for the session to come online; error: None when it has."""

    error: BaseException | None


@dataclass(frozen=True, slots=True)
class Break:
    """Tell the supervisor that the client is beyond use."""

    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing runs any more, and nothing may: leave."""

    stopping: Stopping


Act = Dial | Ask | HangUp | Reconnect | Retire | Miss | Start | Settle | Break | Close
Acts = list[Act]
