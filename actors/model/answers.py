"""What a client answers with, as frozen data: pages of histories, chats and members, files, how it stands to a chat.

They are not what operations reply with (`results.py`): that is made of many of these. `telegram/` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from actors.model.content import Dialog, Message, Participant
from actors.model.snapshot import Snapshot

__all__ = ["ChatAccess", "DialogsPage", "HistoryPage", "ParticipantsPage", "RemoteFile", "UploadedFile"]


@dataclass(frozen=True, slots=True)
class HistoryPage(Snapshot):
    """One answer of messages.getHistory or messages.search, newest first.

    Telegram leaves rows out of pages: one that is shorter than asked, or even shows nothing, need not be the last.

    - total: how many messages the server says there are, whatever the page's bounds.
    - last: there are no older ones beyond this page: the server gave all it has, or counts no more, or showed nothing
      and said nothing of more.
    - first: likewise, there are no newer ones.
    """

    messages: tuple[Message, ...]
    total: int
    last: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class DialogsPage(Snapshot):
    """One answer of messages.getDialogs, pinned chats first, then the newest.

    - total: how many chats the server says there are.
    - last: there are no more beyond this page: the server gave all it has, or none.
    """

    dialogs: tuple[Dialog, ...]
    total: int
    last: bool


@dataclass(frozen=True, slots=True)
class ParticipantsPage(Snapshot):
    """One answer of channels.getParticipants; `total` is what the server says the chat holds."""

    participants: tuple[Participant, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a message, as one account may fetch it (Telegram's `document`, or the largest size of a `photo`).

    - kind: `document` or `photo`.
    - id: the file's id at Telegram. Another id means another file.
    - size: bytes. The size of a document is exact; a photo may turn out smaller.
    - name, mime_type: as the sender said. A photo has no name and is `image/jpeg`.
    - access_hash, reference: what lets this account fetch the file. A reference expires; the message then has a new
      one.
    - size_type: the letter of a photo's size; empty for a document.
    - content: the file itself, where it came with the message, as that of a photo with a cached size alone does; it
      needn't be fetched.
    """

    kind: str
    id: int
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
    access_hash: int = field(default=0, repr=False)
    reference: bytes = field(default=b"", repr=False)
    size_type: str = ""
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file whose parts are at the server, or are on their way to it.

    - file_id: the sender's own number for the file, signed 64 bits.
    - parts: how many parts there are, numbered from 0.
    - big: whether the file has more than 10 MiB, so that its parts go by upload.saveBigFilePart.
    - name, mime_type: as the receiver is to see them.
    - md5: the checksum of the whole file, in hexadecimal; empty for a big file.
    """

    file_id: int
    parts: int
    big: bool
    name: str = field(repr=False)
    mime_type: str = "application/octet-stream"
    md5: str = ""


@dataclass(frozen=True, slots=True)
class ChatAccess(Snapshot):
    """How an account stands to a chat.

    - newest: the id of its newest message, 0 in an empty chat; None when that isn't known, as to a bot.
    - unheard: why Telegram doesn't tell the account what happens there; empty when it does.
    - pollable: whether the account may ask for that again and again instead.
    """

    newest: int | None = None
    unheard: str = ""
    pollable: bool = False
