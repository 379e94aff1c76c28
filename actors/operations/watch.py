"""What a monitor watches, and what a session offers to the operations that set monitors up: frozen data and a Protocol.

Neither is a running monitor. `Monitor` and `StopMonitor` use them, and the session implements the Protocol.
"""

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
    """The order for a monitor: which kinds of updates, of which chats, go to whom, and how.

    - peers: the chats; empty for all chats.
    - since: the server's time when the monitor was set up.
    - seen: the chats that it found then, each with the id of its newest message.
    - marks: the id up to which the subscriber has a chat's messages, by the chat's key, where that is known.
    - group: the name within which one session alone tells a message of a channel.
    - polled: the chats that the account isn't in; the client asks for their news.
    - reads_history: whether the account may read what it missed; a bot may not.
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
    polled: tuple[Peer, ...] = ()
    reads_history: bool = True


class SessionFacilities(Protocol):
    """What an operation may ask of the session that runs it, besides the client."""

    def start_monitor(self, watch: Watch) -> MonitorStarted:
        """Start a monitor, and return its id and its end."""

    def stop_monitor(self, monitor_id: int) -> bool:
        """End a monitor, and say whether there was one."""

    def is_polled(self, channel: Peer) -> bool:
        """Say whether a monitor runs that hears of a channel only because the channel is polled."""
