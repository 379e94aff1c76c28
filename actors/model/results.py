"""What operations are answered with, as frozen, picklable snapshots.

Operations make them; users get them as replies. The messages, chats and members inside are those of `model/content.py`.
"""

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

    - chat: the chat that was read.
    - messages: the messages that were read. Those that went to an actor page by page, or were read before a resume, are
      not among them.
    - complete: whether the server has no more in the range that was asked for.
    - count: how many messages were read, including all of those.
    - reason: why there may be more; empty when it is complete.
    """

    chat: Peer
    messages: tuple[Message, ...]
    complete: bool
    count: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScrapedParticipants(Snapshot):
    """The members of a chat that the server was ready to list.

    - chat: the chat that was read.
    - participants: the members that were read. Those that were read before a resume are not among them.
    - total: how many members there are, by the server's own count.
    - complete: whether these are all members.
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

    - dialogs: the chats that were read. Those that were read before a resume are not among them.
    - total: how many chats there are, by the server's own count.
    - complete: whether these are all chats.
    - reason: why they aren't; empty when they are.
    """

    dialogs: tuple[Dialog, ...]
    total: int
    complete: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExportedHistory(Snapshot):
    """The history of a chat after its export to a file.

    - chat: the chat that was exported.
    - path: the path of the file.
    - count: how many messages this export added to the file.
    - last_id: the id of the newest message in the file; 0 when there is none.
    - complete: whether the server has no more.
    - reason: why there may be more; empty when it is complete.
    """

    chat: Peer
    path: str
    count: int
    last_id: int
    complete: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SentMessage(Snapshot):
    """What the server made of a sent message: its id in the chat, its date, and the random_id that it was sent with."""

    id: int
    chat: Peer
    date: datetime
    random_id: int


@dataclass(frozen=True, slots=True)
class DownloadedFile(Snapshot):
    """A file that was fetched whole: its path, its size in bytes, and the name and type that its sender gave.

    A photo has no name.
    """

    path: str
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
