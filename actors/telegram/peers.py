"""The peers that one account has met.

Accounts don't share them, because an access hash is valid only for the account that got it. The directory learns from
the users and chats of every answer and update (`telegram/factory.py`, AccountSession). The client asks it before it
asks Telegram, because contacts.resolveUsername is the first method to be flooded. It outlives the clients of a session.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from telethon import types, utils

from actors.model.config import NAMES_FOR
from actors.model.content import Peer
from actors.model.errors import InvalidInput
from actors.telegram.convert import to_peer, usernames
from actors.telegram.known_peers import MOST_MENTIONS, MOST_PEERS, Key, KnownPeers

__all__ = ["PeerDirectory", "checked_username", "marked_id"]

REMEMBERED_SENDS = 4096
"""Own messages that are remembered: a difference, or a history that is read again, would report them as news."""

_USERNAME = re.compile(r"@?([A-Za-z0-9_]{1,32})")
"""Telegram gives names of 5 to 32 characters, and sells shorter ones."""

_LOOKS: dict[type, tuple[str, Callable[[Any], tuple[Any, ...]] | None]] = {
    types.User: ("user", attrgetter("access_hash", "min", "username", "usernames", "first_name", "last_name")),
    types.Channel: ("channel", attrgetter("access_hash", "min", "username", "usernames", "title", "broadcast")),
}
"""What is learned of an entity."""

_NO_LOOK: tuple[str, None] = ("", None)

_KINDS = {types.PeerUser: "user", types.PeerChat: "chat", types.PeerChannel: "channel"}
_TL_PEERS = {kind: tl_peer for tl_peer, kind in _KINDS.items()}


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


def marked_id(kind: str, number: int) -> int:
    """Return an id as Telethon and bots have it: -id for a basic group, -100... for a channel."""
    return int(utils.get_peer_id(_TL_PEERS[kind](number)))


class PeerDirectory(KnownPeers):
    """The peers of one account by username and by id, for one event loop. `me` is its own id (0: not known yet).

    names_for: for how many seconds a name is believed by whoever writes to it, None for ever; now: the clock, in
    seconds; most, mentions: the bounds of what it remembers.
    """

    def __init__(
        self,
        *,
        names_for: float | None = NAMES_FOR,
        now: Callable[[], float] = time.monotonic,
        most: int = MOST_PEERS,
        mentions: int = MOST_MENTIONS,
    ) -> None:
        super().__init__(most=most, mentions=mentions)
        self.me = 0
        self.names_for = names_for
        self._now = now
        self._sent: OrderedDict[tuple[str, int, int], None] = OrderedDict()

    def remember_sent(self, peer: Peer, message_id: int) -> None:
        """Remember a message that a client of this account sent from here, so that it isn't reported as news."""
        self._sent[peer.kind, peer.id, message_id] = None
        if len(self._sent) > REMEMBERED_SENDS:
            self._sent.popitem(last=False)

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether a client of this account sent that message from here, among the last 4,096 sends."""
        return (peer.kind, peer.id, message_id) in self._sent

    # What it learns.

    def learn(self, entities: Iterable[Any]) -> None:
        """Remember users and chats. Of one that can't be addressed only what it is called is kept.

        A `min` one changes nothing of what is known: its access hash can't be used (https://core.telegram.org/api/min).
        One without a hash leaves a known one as it is. Most that come with updates are what they were the last time.
        """
        now = self._now()
        for entity in entities:
            kind, attributes = _LOOKS.get(type(entity), _NO_LOOK)
            if attributes is None:
                self._learn(entity, None, now)
                continue
            key, look = (kind, entity.id), attributes(entity)
            known = self._kept.get(key) or self._seen.get(key) or self._mentioned.get(key)
            if known is None or known.look != look:
                self._learn(entity, look, now)
            elif not entity.min:
                known.named_at = now

    def _learn(self, entity: Any, look: tuple[Any, ...] | None, now: float) -> None:
        peer = to_peer(entity)
        if peer is None:
            return
        key, is_min = (peer.kind, peer.id), getattr(entity, "min", False)
        before = self.find(key)
        if is_min or not (peer.access_hash or peer.kind == "chat" or before):
            known = self.mention(key, peer)
            self._doubt_names(usernames(entity), key)
        elif hasattr(entity, "username"):
            known = self.keep(key, peer)
            self.name(key, known, usernames(entity), now)
        else:  # it says nothing of names, as ChannelForbidden
            known = self.keep(key, replace(peer, username=before.peer.username if before else None))
        known.look = look
        if isinstance(getattr(entity, "migrated_to", None), types.InputChannel):
            known.migrated_to = entity.migrated_to.channel_id
            successor = ("channel", entity.migrated_to.channel_id)
            if self.find(successor) is None:
                self.keep(successor, Peer(*successor, entity.migrated_to.access_hash, title=entity.title))

    def rename(self, user_id: int, names: Iterable[Any], title: str) -> None:
        """Take in that a user has other names (updateUserName): TL Usernames, and what the person is called."""
        key = ("user", user_id)
        known, active = self.find(key), [each.username for each in names if each.active]
        if known is None:
            self._doubt_names(active, key)
            return
        known.look = None
        known.peer = replace(known.peer, username=active[0] if active else None, title=title)
        self.name(key, known, active, self._now())

    def _doubt_names(self, names: Iterable[str], key: Key) -> None:
        """Have names resolved anew that somebody is seen with who can't be addressed, and that others had before."""
        for name in names:
            if self._holders.get(name.lower(), key) != key:
                self.unname(name.lower())

    # What it knows.

    def by_name(self, username: str, *, to_write: bool = False) -> Peer | None:
        """Return the peer with a username (in lower case, without @); None when none is known.

        to_write: somebody is to be written to. A name that wasn't seen for `names_for` seconds may be another's by now.
        """
        key = self._holders.get(username)
        if key is None:
            return None
        known = self._kept.get(key) or self.use(key)
        if known is None:
            return None
        if to_write and self.names_for is not None and self._now() - known.named_at >= self.names_for:
            return None
        return known.peer

    def by_key(self, tl_peer: Any) -> Peer:
        """Return the peer of a chat of the account, as well as it is known; it may lack an access hash."""
        key = key_of(tl_peer)
        known = self.use(key) or self.find_or_mention(key)
        return Peer(*key) if known is None else known.peer

    def known(self, marked: int) -> Peer | None:
        """Return the peer of a marked id; None when this account knows no more than the id."""
        bare, kind = utils.resolve_id(marked)
        known = self.find_or_mention((_KINDS[kind], bare))
        return None if known is None else known.peer

    def by_id(self, number: int) -> Peer:
        """Return the peer of a numeric id, which is Telegram's own, or marked as Telethon and bots have it (-100...).

        Raises InvalidInput for a peer that this account has not met: Telegram would not know whom it means either. The
        same for a number that several have whom it has met: users, groups and channels are numbered apart.
        """
        met = [key for key in _candidates(number) if self.find_or_mention(key) is not None]
        if len(met) > 1:
            raise InvalidInput(field="peer", problem=_ambiguous(number, met))
        known = self.use(met[0]) if met else None
        if known is None:
            raise InvalidInput(
                field="peer",
                problem=f"this account has not met id {number}; give a username, or read a chat it is in first",
            )
        return known.peer

    def addressable(self, marked: int) -> Peer | None:
        """Return the peer of a marked id; None for one that this account has not met, or only seen mentioned."""
        bare, kind = utils.resolve_id(marked)
        known = self.use((_KINDS[kind], bare))
        return None if known is None else known.peer

    def mentioned(self, number: int) -> Peer | None:
        """Return the peer of a numeric id that can only be found by its username; None for every other one."""
        keys = _candidates(number)
        if any(self.find(key) for key in keys):
            return None
        found = [known.peer for key in keys if (known := self._mentioned.get(key)) is not None]
        return found[0] if len(found) == 1 and found[0].username else None

    def refreshed(self, peer: Peer) -> Peer:
        """Return the peer as this account knows it now; an unknown one is returned as it was given."""
        key = (peer.kind, peer.id)
        known = self._kept.get(key) or self.use(key)
        return peer if known is None else known.peer

    def username_of(self, peer: Peer) -> str | None:
        """Return the username that a peer was last seen with, even if it can't be addressed any more."""
        known = self.find_or_mention((peer.kind, peer.id))
        return peer.username if known is None else known.peer.username

    def successor(self, peer: Peer) -> Peer | None:
        """Return the supergroup that a basic group has become; None when nothing is known of that."""
        known = self.find((peer.kind, peer.id))
        if known is None or known.migrated_to is None:
            return None
        return self.by_key(types.PeerChannel(known.migrated_to))


def _candidates(number: int) -> list[Key]:
    """Return whom a numeric id may mean."""
    if number < 0:
        bare, kind = utils.resolve_id(number)
        return [(_KINDS[kind], bare)]
    return [(kind, number) for kind in _KINDS.values()]


def _ambiguous(number: int, met: list[Key]) -> str:
    kinds = " and ".join("a basic group" if kind == "chat" else f"a {kind}" for kind, _ in met)
    marked = " or ".join(f"{marked_id(*key)} for the {key[0]}" for key in met if key[0] != "user")
    return f"{number} is the id of {kinds} that this account knows; give a username, a Peer, or {marked}"
