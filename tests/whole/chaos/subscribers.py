"""Plain Pykka actors that events are sent to: one that takes everything, and those that die, raise or dawdle."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pykka

import actors

__all__ = ["Heard", "Listener", "Mood", "heard"]

DAWDLE = 0.2  # seconds that a slow one takes for an event


class Mood(Enum):
    """How a listener takes what it is sent."""

    KEEN = "keen"
    RAISING = "raising"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, as data of the test's own: what it holds of the library must be gone in the end.

    event: its class; subject: the id of the operation or monitor; message_id: of what a monitor reports;
    reason: why a session is down, or the class of an operation's error.
    """

    event: type[actors.Event]
    session: str
    subject: int = 0
    message_id: int = 0
    reason: str = ""

    @classmethod
    def of(cls, event: Any) -> Heard:
        """Make one of an event."""
        match event:
            case actors.OperationFailed(operation_id=operation_id, error=error):
                return cls(type(event), event.session, operation_id, reason=type(error).__name__)
            case actors.MessageReceived(monitor_id=monitor_id, message=message):
                return cls(type(event), event.session, monitor_id, message.id)
            case actors.MonitorEnded(monitor_id=monitor_id):
                return cls(type(event), event.session, monitor_id)
            case _:
                return cls(type(event), event.session, reason=getattr(event, "reason", ""))


class Listener(pykka.ThreadingActor):
    """Keeps the events that it is sent."""

    use_daemon_thread = True

    def __init__(self, mood: Mood = Mood.KEEN) -> None:
        super().__init__()
        self._mood = mood
        self._heard: list[Heard] = []

    def on_receive(self, message: Any) -> Any:
        """Take an event, or hand out what there is."""
        if message == "heard":
            return list(self._heard)
        self._heard.append(Heard.of(message))
        if self._mood is Mood.RAISING:
            raise ValueError("no")
        if self._mood is Mood.SLOW:
            time.sleep(DAWDLE)
        return None


def heard(ref: pykka.ActorRef[Listener]) -> list[Heard]:
    """Return what a listener has been sent so far; a dead one has nothing to say."""
    try:
        return list(ref.ask("heard"))
    except pykka.ActorDeadError:
        return []
