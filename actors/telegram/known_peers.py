"""The records of the peers that one account has met: who they are, and which usernames are theirs, within bounds.

It decides nothing about entities and talks to nobody. What is dropped can be found again: by its username, or when an
answer or an update brings it. `PeerDirectory` is one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from actors.model.content import Peer

__all__ = ["MOST_MENTIONS", "MOST_PEERS", "Key", "Known", "KnownPeers"]

Key = tuple[str, int]

MOST_PEERS = 20_000
"""Peers that are remembered, each about 600 bytes. Those that were only seen go first, the first of them first."""

MOST_MENTIONS = 4096
"""Peers that are remembered by what they are called alone, because they can't be addressed."""


@dataclass(slots=True, eq=False)
class Known:
    """What is known of a peer.

    names: its usernames, in lower case; named_at: when it was last seen with them; look: what was learned last;
    migrated_to: the channel id of the supergroup that a basic group has become.
    """

    peer: Peer
    names: tuple[str, ...] = ()
    named_at: float = 0.0
    look: tuple[Any, ...] | None = None
    migrated_to: int | None = None


class KnownPeers:
    """Peers that can be addressed, as many as `most`, and peers that were only mentioned, as many as `mentions`."""

    def __init__(self, *, most: int = MOST_PEERS, mentions: int = MOST_MENTIONS) -> None:
        self._most, self._most_kept, self._most_mentions = most, max(1, most * 3 // 4), mentions
        self._seen: OrderedDict[Key, Known] = OrderedDict()  # only seen, in the order in which they were learned
        self._kept: OrderedDict[Key, Known] = OrderedDict()  # asked for by somebody, or a chat of the account
        self._mentioned: OrderedDict[Key, Known] = OrderedDict()
        self._holders: dict[str, Key] = {}

    def __len__(self) -> int:
        return len(self._seen) + len(self._kept)

    def find(self, key: Key) -> Known | None:
        """Return a peer that can be addressed."""
        return self._kept.get(key) or self._seen.get(key)

    def find_or_mention(self, key: Key) -> Known | None:
        """Return a peer, whether it can be addressed or not."""
        return self._kept.get(key) or self._seen.get(key) or self._mentioned.get(key)

    def use(self, key: Key) -> Known | None:
        """Return a peer that somebody asks for, or in whose chat something happens; others are dropped before it.

        Three in four may be such; then the longest unseen of them is one among those that were only seen.
        """
        known = self._kept.get(key)
        if known is None and key in self._seen:
            known = self._kept[key] = self._seen.pop(key)
            if len(self._kept) > self._most_kept:
                eldest, demoted = self._kept.popitem(last=False)
                self._seen[eldest] = demoted
        return known

    def by_title(self, title: str) -> Peer | None:
        """Return a peer that is called so; None when none is known. What is its username as well is no title."""
        known = (each for tier in (self._kept, self._seen) for each in tier.values() if each.peer.title == title)
        return next((each.peer for each in known if (each.peer.username or "").lower() != title.lower()), None)

    # What changes it.

    def keep(self, key: Key, peer: Peer) -> Known:
        """Remember a peer as it is now. What it has no hash for keeps the one that is known."""
        known = self.find(key)
        if known is None:
            self._mentioned.pop(key, None)
            known = self._seen[key] = Known(peer)
            self._make_room()
            return known
        (self._kept if key in self._kept else self._seen).move_to_end(key)
        known.peer = replace(peer, access_hash=peer.access_hash or known.peer.access_hash)
        return known

    def mention(self, key: Key, peer: Peer) -> Known:
        """Remember what a peer is called that can't be addressed; one that can stays as it is."""
        known = self.find(key)
        if known is not None:
            return known
        known = self._mentioned[key] = Known(replace(peer, access_hash=0))
        if len(self._mentioned) > self._most_mentions:
            self._mentioned.popitem(last=False)
        return known

    def name(self, key: Key, known: Known, names: Iterable[str], now: float) -> None:
        """Have these usernames, and no others, stand for a peer, and for nobody else."""
        self._drop_names(key)
        lowered = tuple(dict.fromkeys([name.lower() for name in names]))
        for name in lowered:
            self.unname(name)
            self._holders[name] = key
        known.names, known.named_at = lowered, now

    def unname(self, name: str) -> None:
        """Take a username (in lower case, without @) from whoever has it."""
        holder = self._holders.pop(name, None)
        known = None if holder is None else self.find(holder)
        if known is None:
            return
        known.look = None
        known.names = tuple([each for each in known.names if each != name])
        if (known.peer.username or "").lower() == name:
            known.peer = replace(known.peer, username=known.names[0] if known.names else None)

    def _make_room(self) -> None:
        while len(self) > self._most:
            eldest = next(iter(self._seen))
            self._drop_names(eldest)
            del self._seen[eldest]

    def _drop_names(self, key: Key) -> None:
        known = self.find(key)
        if known is not None:
            for name in known.names:
                del self._holders[name]
            known.names = ()
