"""The server's state: accounts, groups, channels, names, and what is to be pushed. It is pure: no sockets, no clock.

The methods (methods/) and the control channel (control/) change it. The server drains `outbox` after each change.
"""

from __future__ import annotations

import re
import secrets
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Any

from actors.testing.server.world.files import Files
from actors.testing.server.world.left_out import LeftOut
from actors.testing.server.world.logins import Logins
from actors.testing.server.world.messages import Kind
from actors.testing.server.world.parties import Account, Channel, Group, Party, kind_of

__all__ = ["Due", "Push", "Veil", "World", "username_of"]

POLL_TIMEOUT = 10  # seconds after which a channel's difference is to be asked for again; Telegram publishes none
FIRST_USER_ID = 1_000_001
FIRST_GROUP_ID = 500_000_001  # apart from user ids, so that one dictionary can hold chats of both kinds
FIRST_CHANNEL_ID = 2_000_000_001


class Veil(Enum):
    """What an account sees of a party that comes along with something: a `min` one, or one without its hash."""

    MIN = "min"
    NO_HASH = "no hash"


@dataclass(frozen=True, slots=True)
class Push:
    """Updates for some accounts. `build` makes them as one account sees them, and is called only for those online.

    echo: whether the session whose request brought it about gets it too.
    """

    receivers: Collection[int]
    build: Callable[[Account], Any]
    echo: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A scheduled message's time (Unix), its owner, its chat, and its id among the scheduled ones."""

    at: int
    account: int
    party: int
    message: int


def username_of(name: str) -> str | None:
    """Return the username that goes with a name: `bob-2` gives `bob_2`; None when nothing valid is left of it."""
    username = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return username if re.fullmatch(r"[A-Za-z]\w{2,31}", username, flags=re.ASCII) else None


class World:
    """Everything that the server knows about people and chats, and the updates that wait to be pushed."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.groups: dict[int, Group] = {}
        self.channels: dict[int, Channel] = {}
        self.by_name: dict[str, Account] = {}
        self.by_phone: dict[str, Account] = {}
        self.usernames: dict[str, Account | Channel] = {}
        self.invites: dict[str, Group | Channel] = {}  # by hash
        self.logins = Logins()
        self.files = Files()
        self.left_out = LeftOut()
        self.poll_timeout = POLL_TIMEOUT  # seconds
        self.agenda: list[Due] = []  # a heap (scheduled.py)
        self.outbox: list[Push] = []
        self.views: dict[tuple[int, Kind, int], tuple[int, Any]] = {}  # (viewer, party) -> (version, TL bytes)
        self.veils: dict[tuple[int, Kind, int], Veil] = {}  # (viewer, party) -> what lacks when it comes along
        self._secret = secrets.token_bytes(32)
        self._hashes: dict[tuple[int, Kind, int, int], int] = {}
        self._turns: dict[int, int] = {}  # viewer -> how often its hashes were rotated

    def add_account(self, name: str, *, phone: str | None = None, token: str | None = None) -> Account:
        """Create an account, or a bot if it has a token. Raises ValueError when name, username or phone is taken."""
        username = username_of(name)
        if name in self.by_name:
            raise ValueError(f"there is an account {name!r} already")
        if phone is not None and phone in self.by_phone:
            raise ValueError("that phone number is taken")
        account = Account(FIRST_USER_ID + len(self.accounts), name, username, phone, token)
        self._claim(username, account)
        self.accounts[account.id] = self.by_name[name] = account
        if phone is not None:
            self.by_phone[phone] = account
        return account

    def add_channel(
        self,
        title: str,
        *,
        creator: Account,
        broadcast: bool,
        username: str | None,
        now: int,
        number: int | None = None,
    ) -> Channel:
        """Create a channel or supergroup with its creator as first member. Raises ValueError for what is taken.

        number: its id, which may be an account's: they are numbered apart.
        """
        channel_id = FIRST_CHANNEL_ID + len(self.channels) if number is None else number
        if channel_id in self.channels:
            raise ValueError(f"there is a channel {channel_id} already")
        channel = Channel(
            id=channel_id, title=title, username=username, broadcast=broadcast, creator=creator.id, date=now
        )
        self._claim(username, channel)
        self.channels[channel.id] = channel
        channel.members[creator.id] = now
        creator.channels[channel.id] = 0
        return channel

    def add_group(self, title: str, *, creator: Account, now: int) -> Group:
        """Create a basic group with its creator as first member."""
        group = Group(id=FIRST_GROUP_ID + len(self.groups), title=title, creator=creator.id, date=now)
        self.groups[group.id] = group
        group.members[creator.id] = now
        creator.groups[group.id] = None
        return group

    def rename(self, party: Account | Channel, username: str | None) -> None:
        """Give an account or a channel another username, None for none. Raises ValueError when somebody else has it."""
        self._claim(username, party)
        if party.username is not None and party.username.lower() != (username or "").lower():
            self.usernames.pop(party.username.lower(), None)
        party.username = username
        party.version += 1

    def _claim(self, username: str | None, party: Account | Channel) -> None:
        if username is not None and self.usernames.setdefault(username.lower(), party) is not party:
            raise ValueError(f"the username {username!r} is taken")

    def party(self, kind: Kind, party_id: int) -> Party:
        """Return the party of that kind and id. Raises KeyError."""
        if kind is Kind.CHANNEL:
            return self.channels[party_id]
        return self.groups[party_id] if kind is Kind.GROUP else self.accounts[party_id]

    def access_hash(self, viewer: int, party: Party, *, salt: int = 0) -> int:
        """Return the 64-bit hash that one account must show to reach another party. Never 0.

        salt: any other number gives a hash that is none.
        """
        key = (viewer, kind_of(party), party.id, salt or self._turns.get(viewer, 0))
        known = self._hashes.get(key)
        if known is None:
            named = key[1].value.encode() + struct.pack("<qqq", viewer, party.id, key[3])
            digest = blake2b(named, digest_size=8, key=self._secret).digest()
            known = self._hashes[key] = struct.unpack("<q", digest)[0] or 1
        return known

    def rotate_hashes(self, viewer: int) -> None:
        """Make every access hash useless that an account has, and have it see new ones from now on."""
        self._turns[viewer] = self._turns.get(viewer, 0) + 1
        self._hashes.clear()
        self.views.clear()

    def chat_named(self, name: str) -> Group | Channel | None:
        """Return the channel or group with this title or username (with or without `@`), channels first."""
        party = self.usernames.get(name.removeprefix("@").lower())
        if isinstance(party, Channel):
            return party
        chats: tuple[Group | Channel, ...] = (*self.channels.values(), *self.groups.values())
        return next((chat for chat in chats if chat.title == name), None)

    def push(self, receivers: Collection[int], build: Callable[[Account], Any], *, echo: bool = False) -> None:
        """Put updates into the outbox."""
        self.outbox.append(Push(receivers, build, echo))

    def drain(self) -> list[Push]:
        """Take what is to be pushed."""
        pushes, self.outbox = self.outbox, []
        return pushes
