"""What a monitor watches, and what a session offers to the operations that set monitors up. Frozen data, a Protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from actors.model.content import Message, Peer
from actors.model.events import MonitorStarted
from actors.model.policies import DeliveryPolicy
from actors.model.updates import NewMessage, Update
from actors.runtime.recipient import Recipient

__all__ = ["SessionFacilities", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A monitor's order: which kinds of updates of which chats (none: of all) go to whom, and how.

    since: the server's time when it was set up; seen: the chats that it found then, and the id of the newest message in
    each, by the chat's key; marks: up to where the subscriber has them, where that is known; group: that within
    which a message of a channel is told by one session alone.
    """

    peers: tuple[Peer, ...]
    to: Recipient
    since: datetime
    lifetime: float | None = None
    kinds: tuple[type[Update], ...] = (NewMessage,)
    where: Callable[[Message], bool] | None = field(default=None, repr=False)
    delivery: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    seen: tuple[tuple[Peer, int], ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)
    group: str | None = None


class SessionFacilities(Protocol):
    """What an operation may ask of the session that runs it, besides the client."""

    def start_monitor(self, watch: Watch) -> MonitorStarted:
        """Begin to watch."""

    def stop_monitor(self, monitor_id: int) -> bool:
        """End a monitor; say whether there was one."""
