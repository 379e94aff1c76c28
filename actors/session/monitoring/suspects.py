"""Which chats are held back, because something may be missing in them. Pure; `gaps.py` owns it and decides.

Bounded: of the chats that nobody named, at most `MOST` are held back at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from actors.model.content import Message, Peer

__all__ = ["MOST", "Suspects"]

MOST = 10_000
"""Chats that are held back at once, those that were named left out: some 3 MB."""


@dataclass(slots=True)
class _Suspect:
    peer: Peer
    newest: int = 0
    in_doubt: bool = False


class Suspects:
    """The chats that are held back. everything: all are, until their list has been read."""

    def __init__(self) -> None:
        self.everything = False
        self._chats: dict[str, _Suspect] = {}

    def __bool__(self) -> bool:
        return self.everything or bool(self._chats)

    @property
    def is_full(self) -> bool:
        """Whether no chat that nobody named has room any more."""
        return len(self._chats) >= MOST

    def hold(self, peer: Peer, newest: int = 0) -> None:
        """Hold a chat back; newest: the id of a message that is known to be in it."""
        suspect = self._chats.setdefault(peer.key, _Suspect(peer))
        suspect.newest = max(suspect.newest, newest)

    def doubt(self, peer: Peer) -> None:
        """Hold a chat back, and don't trust what is known to be in it: the server has to be asked."""
        self.hold(peer)
        self._chats[peer.key].in_doubt = True

    def doubtful(self) -> tuple[Peer, ...]:
        """Return the chats that the server has to be asked about."""
        return tuple(suspect.peer for suspect in self._chats.values() if suspect.in_doubt)

    def trust(self, peers: Iterable[Peer]) -> None:
        """Doubt no longer, for the server is being asked; who doubts from now on doubts again."""
        for peer in peers:
            if peer.key in self._chats:
                self._chats[peer.key].in_doubt = False

    def takes(self, message: Message) -> bool:
        """Say whether a message is held back; how new it is is remembered."""
        if message.chat.key not in self._chats and (not self.everything or self.is_full):
            return False
        self.hold(message.chat, message.id)
        return True

    def holds(self, peer: Peer) -> bool:
        """Say whether a chat is held back."""
        return self.everything or peer.key in self._chats

    def holds_by_name(self, peer: Peer) -> bool:
        """Say whether a chat is held back one by one."""
        return peer.key in self._chats

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message known in a chat that is held back."""
        suspect = self._chats.get(peer.key)
        return 0 if suspect is None else suspect.newest

    def pending(self) -> tuple[Peer, ...]:
        """Return the chats that are held back one by one."""
        return tuple(suspect.peer for suspect in self._chats.values())

    def release(self, peer: Peer) -> None:
        """Hold a chat back no longer."""
        self._chats.pop(peer.key, None)
