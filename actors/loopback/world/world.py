"""The server's state: accounts, channels, names, and what is to be pushed. Pure and synchronous; no sockets, no clock.

Methods (methods/) and the control channel (commands.py) change it; the server drains `outbox` after each change.
"""

from __future__ import annotations

import re
import secrets
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from actors.loopback.world.parties import Account, Channel, Party

__all__ = ["Push", "World", "username_of"]

FIRST_USER_ID = 1_000_001
FIRST_CHANNEL_ID = 2_000_000_001  # apart from user ids, as on Telegram


@dataclass(frozen=True, slots=True)
class Push:
    """Updates for some accounts; `build` makes them as one account sees them, and is only called for those online."""

    receivers: Collection[int]
    build: Callable[[Account], Any]


def username_of(name: str) -> str | None:
    """Return the username that goes with a name: `bob-2` is `bob_2`; None when nothing valid is left of it."""
    username = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return username if re.fullmatch(r"[A-Za-z]\w{2,31}", username, flags=re.ASCII) else None


class World:
    """Everything that the server knows about people and chats."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.channels: dict[int, Channel] = {}
        self.by_name: dict[str, Account] = {}
        self.by_phone: dict[str, Account] = {}
        self.usernames: dict[str, Party] = {}
        self.codes: dict[str, tuple[str, str]] = {}  # phone -> (code, its hash)
        self.outbox: list[Push] = []
        self.views: dict[tuple[int, int], tuple[int, Any]] = {}  # (viewer, party) -> (version, TL bytes)
        self._secret = secrets.token_bytes(32)
        self._hashes: dict[tuple[int, int], int] = {}

    def add_account(self, name: str, *, phone: str | None = None) -> Account:
        """Create an account. Raises ValueError when name, username or phone is taken."""
        username = username_of(name)
        if name in self.by_name:
            raise ValueError(f"there is an account {name!r} already")
        if phone is not None and phone in self.by_phone:
            raise ValueError("that phone number is taken")
        account = Account(FIRST_USER_ID + len(self.accounts), name, username, phone)
        self._claim(username, account)
        self.accounts[account.id] = self.by_name[name] = account
        if phone is not None:
            self.by_phone[phone] = account
        return account

    def add_channel(self, name: str, *, creator: Account, broadcast: bool, public: bool, now: int) -> Channel:
        """Create a channel or supergroup with its creator as its first member. Raises ValueError for a name taken."""
        username = username_of(name) if public else None
        if any(channel.title == name for channel in self.channels.values()):
            raise ValueError(f"there is a channel {name!r} already")
        channel = Channel(FIRST_CHANNEL_ID + len(self.channels), name, username, broadcast, creator.id, now)
        self._claim(username, channel)
        self.channels[channel.id] = channel
        channel.members[creator.id] = now
        creator.channels[channel.id] = 0
        return channel

    def _claim(self, username: str | None, party: Party) -> None:
        if username is not None and self.usernames.setdefault(username.lower(), party) is not party:
            raise ValueError(f"the username {username!r} is taken")

    def access_hash(self, viewer: int, party: int) -> int:
        """Return the 64-bit hash that one account must show to reach another party. Never 0."""
        known = self._hashes.get((viewer, party))
        if known is None:
            digest = blake2b(struct.pack("<qq", viewer, party), digest_size=8, key=self._secret).digest()
            known = self._hashes[viewer, party] = struct.unpack("<q", digest)[0] or 1
        return known

    def channel_named(self, name: str) -> Channel | None:
        """Return the channel with this title or username (with or without `@`)."""
        party = self.usernames.get(name.removeprefix("@").lower())
        if isinstance(party, Channel):
            return party
        return next((channel for channel in self.channels.values() if channel.title == name), None)

    def push(self, receivers: Collection[int], build: Callable[[Account], Any]) -> None:
        """Put updates into the outbox."""
        self.outbox.append(Push(receivers, build))

    def drain(self) -> list[Push]:
        """Take what is to be pushed."""
        pushes, self.outbox = self.outbox, []
        return pushes
