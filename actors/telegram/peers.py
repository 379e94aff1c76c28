"""The peers that one account has met.

Accounts don't share them, because an access hash is valid only for the account that got it. The directory learns from
the users and chats of every answer and update. The client asks it before it asks Telegram, because
contacts.resolveUsername is the first method to be flooded. It outlives the clients of a session.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from telethon import types, utils

from actors.model.content import Peer
from actors.model.errors import InvalidInput
from actors.telegram.convert import to_peer, usernames

__all__ = ["PeerDirectory", "checked_username"]

Key = tuple[str, int]

REMEMBERED_SENDS = 4096
"""Own messages that are remembered: a difference, or a history that is read again, would report them as news."""

_USERNAME = re.compile(r"@?([A-Za-z0-9_]{1,32})")
"""Telegram gives names of 5 to 32 characters, and sells shorter ones."""

REMEMBERED_LOOKS = 512
"""Peers whose looks are remembered: those that write often need not be learned each time."""

_LOOKS: dict[type, tuple[str, Callable[[Any], tuple[Any, ...]] | None]] = {
    types.User: ("user", attrgetter("access_hash", "min", "username", "usernames", "first_name", "last_name")),
    types.Channel: ("channel", attrgetter("access_hash", "min", "username", "usernames", "title", "broadcast")),
}
"""What is learned of an entity."""

_NO_LOOK: tuple[str, None] = ("", None)

_KINDS = {types.PeerUser: "user", types.PeerChat: "chat", types.PeerChannel: "channel"}


def checked_username(name: str) -> str:
    """Return a username without its @, in lower case.

    Raises InvalidInput, which doesn't show the value, for what can't be a username.
    """
    found = _USERNAME.fullmatch(name.strip())
    if found is None:
        raise InvalidInput(field="peer", problem='must be a username such as "@name", "me", a numeric id or a Peer')
    return found[1].lower()


def key_of(tl_peer: Any) -> Key:
    """Return the key of a TL PeerUser, PeerChat or PeerChannel."""
    marked = utils.get_peer_id(tl_peer)
    number, kind = utils.resolve_id(marked)
    return _KINDS[kind], number


class PeerDirectory:
    """The peers of one account by username and by id, for one event loop. `me` is its own id (0: not known yet)."""

    def __init__(self) -> None:
        self.me = 0
        self._peers: dict[Key, Peer] = {}
        self._names: dict[str, Key] = {}
        self._mentioned: dict[Key, Peer] = {}
        self._looks: dict[Key, tuple[Any, ...]] = {}
        self._sent: OrderedDict[tuple[str, int, int], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._peers)

    def remember_sent(self, peer: Peer, message_id: int) -> None:
        """Remember a message that a client of this account sent from here, so that it isn't reported as news."""
        self._sent[peer.kind, peer.id, message_id] = None
        if len(self._sent) > REMEMBERED_SENDS:
            self._sent.popitem(last=False)

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether a client of this account sent that message from here, among the last 4,096 sends."""
        return (peer.kind, peer.id, message_id) in self._sent

    def learn(self, entities: Iterable[Any]) -> None:
        """Remember users and chats. Of a `min` one only the names are kept, because its access hash can't be used."""
        for entity in entities:
            if self._looks_as_before(entity):
                continue
            peer = to_peer(entity)
            if peer is None:
                continue
            if getattr(entity, "min", False):
                self._mention(replace(peer, access_hash=0))
            else:
                self._keep(peer, usernames(entity))

    def _looks_as_before(self, entity: Any) -> bool:
        """Say whether an entity is what it was when it was learned last, as most are that come with updates."""
        kind, attributes = _LOOKS.get(type(entity), _NO_LOOK)
        if attributes is None:
            return False
        key, look = (kind, entity.id), attributes(entity)
        if self._looks.get(key) == look:
            return True
        if len(self._looks) >= REMEMBERED_LOOKS:
            self._looks.clear()
        self._looks[key] = look
        return False

    def _mention(self, peer: Peer) -> None:
        key = (peer.kind, peer.id)
        if key not in self._peers:
            self._mentioned[key] = peer

    def _keep(self, peer: Peer, names: tuple[str, ...]) -> None:
        key = (peer.kind, peer.id)
        old = self._peers.get(key)
        if old is not None and old.username != peer.username:
            self._drop_names(key)
        self._peers[key] = peer
        self._mentioned.pop(key, None)
        self._names.update((name.lower(), key) for name in names)

    def _drop_names(self, key: Key) -> None:
        for name in [name for name, holder in self._names.items() if holder == key]:
            del self._names[name]

    def by_name(self, username: str) -> Peer | None:
        """Return the peer with a username (in lower case, without @); None when none is known."""
        key = self._names.get(username)
        return None if key is None else self._peers.get(key)

    def by_key(self, tl_peer: Any) -> Peer:
        """Return the peer that a TL peer stands for, as well as it is known; it may lack an access hash."""
        key = key_of(tl_peer)
        return self._find(key) or Peer(*key)

    def _find(self, key: Key) -> Peer | None:
        return self._peers.get(key) or self._mentioned.get(key)

    def known(self, marked: int) -> Peer | None:
        """Return the peer of a marked id; None when this account knows no more than the id."""
        bare, kind = utils.resolve_id(marked)
        return self._find((_KINDS[kind], bare))

    def by_id(self, number: int) -> Peer:
        """Return the peer of a numeric id, which is Telegram's own, or marked as Telethon and bots have it (-100...).

        Raises InvalidInput for a peer that this account has not met: Telegram would not know whom it means either.
        """
        for key in self._candidates(number):
            if key in self._peers:
                return self._peers[key]
        raise InvalidInput(
            field="peer",
            problem=f"this account has not met id {number}; give a username, or read a chat it is in first",
        )

    @staticmethod
    def _candidates(number: int) -> list[Key]:
        if number < 0:
            bare, kind = utils.resolve_id(number)
            return [(_KINDS[kind], bare)]
        return [(kind, number) for kind in _KINDS.values()]

    def refreshed(self, peer: Peer) -> Peer:
        """Return the peer as this account knows it now; an unknown one is returned as it was given."""
        return self._peers.get((peer.kind, peer.id), peer)

    def doubt(self, peer: Peer) -> None:
        """Note that a peer may no longer be what its names stand for. The next resolve asks Telegram."""
        self._looks.pop((peer.kind, peer.id), None)
        self._drop_names((peer.kind, peer.id))
