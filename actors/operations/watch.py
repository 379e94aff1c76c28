"""What a monitor watches, and what catching up with missed messages needs of a session. Frozen data and a Protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from actors.content import Message, Peer
from actors.policies import DeliveryPolicy
from actors.ports import Recipient
from actors.updates import NewMessage, Update

__all__ = ["CatchingUp", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A monitor's order: which kinds of updates of which chats (none: of all) go to whom, and how.

    newest: the id of the newest message that each chat had when the monitor was set up, by the chat's key; marks: up to
    where the subscriber has them already, where that is known; once: the group within which a message of a channel is
    told by one session alone.
    """

    peers: tuple[Peer, ...]
    to: Recipient
    lifetime: float | None = None
    kinds: tuple[type[Update], ...] = (NewMessage,)
    where: Callable[[Message], bool] | None = field(default=None, repr=False)
    delivery: DeliveryPolicy = field(default_factory=DeliveryPolicy)
    newest: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)
    once: str | None = None


class CatchingUp(Protocol):
    """The chats whose new messages are held back until what was missed in them has been read from the history."""

    @property
    def since(self) -> datetime:
        """From when on the messages of a chat count that has no mark yet (aware UTC)."""

    def wants_dialogs(self) -> bool:
        """Say whether all chats are meant, so that their list has to be read."""

    def dialogs_read(self) -> None:
        """The list was read, and every chat in it found."""

    def found(self, peer: Peer, newest: int) -> None:
        """The newest message of a chat has this id."""

    def pending(self) -> tuple[Peer, ...]:
        """Return the chats that are held back."""

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message that is known to be in a chat that is held back."""

    def mark(self, peer: Peer) -> int | None:
        """Return up to which id every monitor has the messages of a chat; None: there is no mark."""

    def set_mark(self, peer: Peer, message_id: int) -> None:
        """Every monitor has the messages of a chat up to this id, or there are none."""

    def missed(self, peer: Peer, messages: Sequence[Message]) -> None:
        """Pass on missed messages, oldest first."""

    def caught_up(self, peer: Peer) -> None:
        """Hold a chat back no longer."""

    def gave_up(self, peer: Peer, reason: str) -> None:
        """What was missed in a chat can't be had; say so, and hold it back no longer."""
