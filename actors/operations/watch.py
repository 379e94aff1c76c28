"""What a monitor watches, and what catching up with missed messages needs of a session. Frozen data and a Protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from actors.model.content import Message, Peer
from actors.model.policies import DeliveryPolicy
from actors.model.updates import NewMessage, Update
from actors.ports import Receipt, Recipient

__all__ = ["CatchingUp", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A monitor's order: which kinds of updates of which chats (none: of all) go to whom, and how.

    since: the server's time when it was set up; seen: the chats that it found then, and the id of the newest message in
    each, by the chat's key; marks: up to where the subscriber has them, where that is known; once: the group within
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
    once: str | None = None


class CatchingUp(Protocol):
    """The chats whose new messages are held back until what was missed in them has been read from the history."""

    def wants_dialogs(self) -> bool:
        """Say whether all chats are meant, so that their list has to be read."""

    def dialogs_read(self) -> None:
        """The list was read, and every chat in it found."""

    def doubtful(self) -> tuple[Peer, ...]:
        """Return the chats that the server has to be asked about; whoever is in doubt from now on is so again."""

    def doubt(self, peers: Sequence[Peer]) -> None:
        """The server could not be asked about these."""

    def found(self, peer: Peer, newest: int) -> None:
        """The newest message of a chat has this id."""

    def behind(self) -> tuple[Peer, ...]:
        """Return the chats in which something is missing, and hold those back no longer in which nothing is."""

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message that is known to be in a chat that is held back."""

    def unmarked(self, peer: Peer) -> datetime | None:
        """Return from when on a chat's messages count for a monitor that has no mark of it yet."""

    def set_missing_mark(self, peer: Peer, since: datetime, message_id: int) -> None:
        """Give the monitors that were meant the mark that they lack."""

    def mark(self, peer: Peer) -> int:
        """Return up to which id every monitor has the messages of a chat."""

    def room(self, peer: Peer) -> int:
        """Return how many messages its subscribers have room for in the end, 1 or more."""

    def pause(self, peer: Peer) -> Receipt | None:
        """Return what to wait for until its subscribers have room, for a short while."""

    def missed(self, peer: Peer, messages: Sequence[Message], up_to: int) -> None:
        """Pass on missed messages, oldest first; there are no others up to this id."""

    def gave_up(self, peer: Peer, reason: str) -> None:
        """What was missed in a chat can't be had; say so, and hold it back no longer."""
