"""What operations are answered with: frozen, picklable snapshots. What is in them is content.py's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from actors.model.content import Dialog, Message, Participant, Peer
from actors.model.snapshot import Snapshot

__all__ = [
    "DownloadedFile",
    "ExportedHistory",
    "ScrapedDialogs",
    "ScrapedMessages",
    "ScrapedParticipants",
    "SentMessage",
]


@dataclass(frozen=True, slots=True)
class ScrapedMessages(Snapshot):
    """A scraped history, in the order that was asked for.

    - chat: whose it is.
    - messages: what was read; none of those that went to an actor page by page, or were read before a resume.
    - complete: the server has no more in the range that was asked for.
    - count: how many were read, all of those included.
    """

    chat: Peer
    messages: tuple[Message, ...]
    complete: bool
    count: int


@dataclass(frozen=True, slots=True)
class ScrapedParticipants(Snapshot):
    """The members that the server was ready to list.

    - chat: where they are.
    - participants: what was read; none of those that were read before a resume.
    - total: how many there are, by the server's own count.
    - complete: they are all of them.
    - reason: why they aren't; empty when they are.
    """

    chat: Peer
    participants: tuple[Participant, ...]
    total: int
    complete: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScrapedDialogs(Snapshot):
    """An account's chats, pinned ones first, then the newest.

    - dialogs: what was read; none of those that were read before a resume.
    - total: how many there are, by the server's own count.
    - complete: they are all of them.
    - reason: why they aren't; empty when they are.
    """

    dialogs: tuple[Dialog, ...]
    total: int
    complete: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExportedHistory(Snapshot):
    """A history that is in a file now.

    - chat: whose it is.
    - path: the file.
    - count: how many messages were added to it.
    - last_id: the id of the newest message in it, 0 when it has none.
    """

    chat: Peer
    path: str
    count: int
    last_id: int


@dataclass(frozen=True, slots=True)
class SentMessage(Snapshot):
    """What the server made of a sent message: its id in the chat, and the random_id that it was sent with."""

    id: int
    chat: Peer
    date: datetime
    random_id: int


@dataclass(frozen=True, slots=True)
class DownloadedFile(Snapshot):
    """A file that was fetched whole: where it lies now, its size in bytes, and what its sender called it.

    A photo has no name.
    """

    path: str
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
