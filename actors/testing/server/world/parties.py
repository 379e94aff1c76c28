"""Accounts, basic groups and channels. They look after their own state and have no other behaviour; they know no TL.

World (world.py) makes them, and the other modules of world/ change them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from actors.testing.server.world.log import UpdateLog
from actors.testing.server.world.messages import History, Kind, Message
from actors.testing.server.world.passwords import Password

__all__ = ["Account", "Admin", "Ban", "Channel", "Chat", "Group", "Party", "kind_of"]

UNPINNABLE = frozenset({"change_info", "pin_messages"})  # what members of a new supergroup may not do


@dataclass(slots=True, eq=False)
class Account:
    """A user or bot, and its message box: chats (by the other account's or the group's id), message ids, update log."""

    id: int
    name: str
    username: str | None
    phone: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)  # a bot's
    password: Password | None = field(default=None, repr=False)
    deleted: bool = False
    chats: defaultdict[int, History] = field(default_factory=lambda: defaultdict(History), repr=False)
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    channels: dict[int, int] = field(default_factory=dict)  # channel id -> read up to
    groups: dict[int, None] = field(default_factory=dict)
    sent: dict[int, Any] = field(default_factory=dict, repr=False)  # random_id -> Posted (posting.py)
    scheduled: defaultdict[int, History] = field(default_factory=lambda: defaultdict(History), repr=False)
    folders: dict[int, int] = field(default_factory=dict)  # chat id -> folder, for those in one
    pinned: list[int] = field(default_factory=list)  # chat ids, first one on top
    moved: dict[int, int] = field(default_factory=dict)  # channel id -> when one's standing in it last changed
    mentions: dict[int, set[int]] = field(default_factory=dict)  # chat id -> unread messages that mention the account
    min_reactions: bool = False  # whether it is told of reactions without its own
    log: UpdateLog = field(default_factory=UpdateLog, repr=False)
    last_id: int = 0
    last_scheduled: int = 0
    version: int = 0  # grows with every change that others see; views are cached by it

    @property
    def bot(self) -> bool:
        """Tell whether it is a bot."""
        return self.token is not None

    def next_id(self) -> int:
        """Return a new message id of this box."""
        self.last_id += 1
        return self.last_id


@dataclass(frozen=True, slots=True)
class Admin:
    """An administrator: rights by Telegram's names (ChatAdminRights)."""

    rights: frozenset[str]
    by: int
    date: int
    rank: str = ""


@dataclass(frozen=True, slots=True)
class Ban:
    """What somebody may not do, by Telegram's names (ChatBannedRights). until: Unix time, 0 for ever."""

    forbidden: frozenset[str]
    by: int
    date: int
    until: int = 0

    @property
    def kicked(self) -> bool:
        """Tell whether the ban takes even reading away."""
        return "view_messages" in self.forbidden


@dataclass(slots=True, eq=False, kw_only=True)
class Chat:
    """What basic groups and channels have in common: title, creator, members, administrators, invite links."""

    id: int
    title: str
    creator: int
    date: int
    about: str = ""
    members: dict[int, int] = field(default_factory=dict, repr=False)  # account id -> joined at
    inviters: dict[int, int] = field(default_factory=dict, repr=False)  # account id -> whose doing that was
    admins: dict[int, Admin] = field(default_factory=dict, repr=False)
    forbidden: frozenset[str] = frozenset()  # to everybody who is no administrator
    invites: dict[str, Any] = field(default_factory=dict, repr=False)  # hash -> Invite (invites.py)
    requests: dict[int, str] = field(default_factory=dict, repr=False)  # account id -> hash of the invite it came by
    closed: bool = False  # deleted by its creator
    version: int = 0  # grows with every change of title, membership or roles; views are cached by it


@dataclass(slots=True, eq=False, kw_only=True)
class Group(Chat):
    """A basic group. It has no history of its own: each member's box has a copy of every message.

    migrated_to: the channel that it has become.
    """

    migrated_to: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Channel(Chat):
    """A supergroup, or with `broadcast` a channel that only administrators write to. All members share one history."""

    username: str | None
    broadcast: bool
    bans: dict[int, Ban] = field(default_factory=dict, repr=False)
    outbox: dict[int, int] = field(default_factory=dict, repr=False)  # account id -> own messages read up to
    viewers: dict[int, int] = field(default_factory=dict, repr=False)  # who polls it, though no member -> until when
    history: History = field(default_factory=History, repr=False)
    log: UpdateLog = field(default_factory=UpdateLog, repr=False)
    topics: dict[int, str] | None = None  # of a forum: title by id, which is that of the topic's first message
    last_id: int = 0

    def __post_init__(self) -> None:
        self.forbidden = frozenset() if self.broadcast else UNPINNABLE

    def listeners(self, now: int) -> dict[int, int]:
        """Return the accounts that are told of it, by id: its members, and those who poll it."""
        self.viewers = {viewer: until for viewer, until in self.viewers.items() if until >= now}
        return {**self.members, **self.viewers} if self.viewers else self.members

    def next_id(self) -> int:
        """Return a new message id of this channel."""
        self.last_id += 1
        return self.last_id


Party = Account | Group | Channel


def kind_of(party: Party) -> Kind:
    """Return the kind of chat that one has with a party."""
    if isinstance(party, Channel):
        return Kind.CHANNEL
    return Kind.GROUP if isinstance(party, Group) else Kind.PRIVATE
