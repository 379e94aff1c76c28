"""Which channels of an account are polled, and how often: public ones that it isn't in, for as long as they are wanted.

Telegram tells an account of such a channel only while it asks for the channel's difference again and again
(https://core.telegram.org/api/updates#subscribing-to-updates-of-channels-supergroups). It asks nothing itself:
`WatchedMessageBox` (message_box.py) does, by Telethon's own deadlines. It outlives the clients of a session.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from actors.model.content import Peer

__all__ = ["AFTER_TROUBLE", "Polls"]

SOONEST = 1.0
"""Seconds between two polls of a channel at least, whatever the server says: what the page above has for 'at once'."""

UNNAMED = 10.0
"""Seconds between two polls when the server names none: the page above had this number, before it said one second."""

AT_ONCE = 10
"""Channels that a client should poll at most, says the page. More take turns, so that no more is asked than for ten."""

AFTER_TROUBLE = 60.0
"""Seconds after a poll that was refused or failed."""


class Polls:
    """The channels that are polled, for one event loop."""

    def __init__(self) -> None:
        self._wanted: dict[int, tuple[Peer, Callable[[Peer], bool]]] = {}

    def add(self, channel: Peer, wanted: Callable[[Peer], bool]) -> None:
        """Poll a channel for as long as `wanted` says so."""
        self._wanted[channel.id] = (channel, wanted)

    def discard(self, channel_id: int) -> None:
        """Poll a channel no longer."""
        self._wanted.pop(channel_id, None)

    def has(self, channel_id: int) -> bool:
        """Say whether a channel is among them, whether it is still wanted or not."""
        return channel_id in self._wanted

    def wants(self, channel_id: int) -> bool:
        """Say whether a channel is to be polled again."""
        channel, wanted = self._wanted[channel_id]
        return wanted(channel)

    def channels(self) -> tuple[Peer, ...]:
        """Return the channels."""
        return tuple(channel for channel, _ in self._wanted.values())

    def interval(self, timeout: int | None) -> float:
        """Return the seconds until the next poll of a channel. timeout: what the server said."""
        return max(SOONEST, timeout or UNNAMED) * max(1, ceil(len(self._wanted) / AT_ONCE))
