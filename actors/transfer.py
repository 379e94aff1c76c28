"""Files on their way: one that Telegram holds, one that was sent up in parts, one that was fetched. Not their bytes.

Operations carry these between the narrow client and a disk; `Media` of content.py is what a message tells of its file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from actors.plain import Snapshot

__all__ = ["DownloadedFile", "RemoteFile", "UploadedFile"]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a message, as one account may fetch it (Telegram's `document`, or the largest size of a `photo`).

    - kind: `document` or `photo`.
    - id: the file's id at Telegram: another one means another file.
    - size: bytes; of a document exactly.
    - name, mime_type: as its sender said; a photo has no name and is `image/jpeg`.
    - access_hash, reference: what lets this account fetch it; a reference expires, and the message has a new one then.
    - size_type: the letter of a photo's size, empty for a document.
    """

    kind: str
    id: int
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
    access_hash: int = field(default=0, repr=False)
    reference: bytes = field(default=b"", repr=False)
    size_type: str = ""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file whose parts the server has, or is to get.

    - file_id: the sender's own number for it, signed 64 bits.
    - parts: how many there are, numbered from 0.
    - big: it has more than 10 MiB: its parts go by upload.saveBigFilePart.
    - name, mime_type: as the receiver is to see them.
    - md5: of the whole file, in hexadecimal; a big one has none.
    """

    file_id: int
    parts: int
    big: bool
    name: str = field(repr=False)
    mime_type: str = "application/octet-stream"
    md5: str = ""


@dataclass(frozen=True, slots=True)
class DownloadedFile(Snapshot):
    """A file that was fetched whole: where it lies now, its size in bytes, and what its sender called it.

    A photo has no name.
    """

    path: str
    size: int
    name: str | None = field(default=None, repr=False)
    mime_type: str = ""
