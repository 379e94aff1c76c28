"""Accounts and channels: who there is. No behaviour beyond looking after their own state; no TL.

Made by World (world.py), changed by posting.py and membership.py.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from actors.loopback.world.log import UpdateLog
from actors.loopback.world.messages import History, Message

__all__ = ["Account", "Channel", "Party"]


@dataclass(slots=True, eq=False)
class Account:
    """A user and its message box: private chats (by the other account's id), message ids, update log."""

    id: int
    name: str
    username: str | None
    phone: str | None = field(default=None, repr=False)
    chats: defaultdict[int, History] = field(default_factory=lambda: defaultdict(History), repr=False)
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    channels: dict[int, int] = field(default_factory=dict)  # channel id -> read up to
    sent: dict[int, Any] = field(default_factory=dict, repr=False)  # random_id -> Posted (posting.py)
    log: UpdateLog = field(default_factory=UpdateLog, repr=False)
    last_id: int = 0

    def next_id(self) -> int:
        """Return a new message id of this box."""
        self.last_id += 1
        return self.last_id


@dataclass(slots=True, eq=False)
class Channel:
    """A supergroup, or with `broadcast` a channel that only its creator writes to. One history for all its members."""

    id: int
    title: str
    username: str | None
    broadcast: bool
    creator: int
    date: int
    members: dict[int, int] = field(default_factory=dict, repr=False)  # account id -> joined at
    history: History = field(default_factory=History, repr=False)
    log: UpdateLog = field(default_factory=UpdateLog, repr=False)
    last_id: int = 0
    version: int = 0  # grows with every change of title or membership; views are cached by it

    def next_id(self) -> int:
        """Return a new message id of this channel."""
        self.last_id += 1
        return self.last_id


Party = Account | Channel
