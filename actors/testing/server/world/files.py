"""Files: uploads in parts, stored photos and documents, and the references that lead to them. No TL and no clock.

A file's bytes stay in the parts that they came in: nothing is joined, and all holders of the file share the parts.
methods/upload.py and methods/media.py fill it, and media.py shows it. https://core.telegram.org/api/files
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from itertools import accumulate
from typing import Any

__all__ = ["DC", "Blob", "File", "Files", "Kind", "Upload"]

DC = 2  # the one data centre there is, for files too
FIRST_FILE_ID = 5_000_000_001  # apart from users and channels, so that a mix-up shows
REFERENCE_BYTES = 16
UPLOADS = 64  # remembered per account, the oldest forgotten first: Telegram keeps them for less than a day


class Blob:
    """The bytes of a file, in parts. `read` copies no more than what is asked for."""

    __slots__ = ("_ends", "parts", "size")

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self.parts = parts
        self._ends = list(accumulate(len(part) for part in parts))
        self.size = self._ends[-1] if parts else 0

    def read(self, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from `offset`; none behind the end."""
        found: list[bytes | memoryview] = []
        place = bisect_right(self._ends, offset)
        while limit > 0 and place < len(self.parts):
            part = self.parts[place]
            start = offset - (self._ends[place] - len(part))
            piece = part if start == 0 and len(part) <= limit else memoryview(part)[start : start + limit]
            found.append(piece)
            offset, limit, place = offset + len(piece), limit - len(piece), place + 1
        return found[0] if len(found) == 1 and isinstance(found[0], bytes) else b"".join(found)


@dataclass(slots=True, eq=False)
class Upload:
    """A file on its way in, by part number. total: the number of parts, as a big file's parts announce it."""

    parts: dict[int, bytes] = field(default_factory=dict, repr=False)
    total: int | None = None

    def missing(self, count: int) -> int | None:
        """Return the number of the first part of `count` that is missing; None when all are there."""
        return next((number for number in range(count) if number not in self.parts), None)

    def blob(self, count: int) -> Blob:
        """Return the first `count` parts as a file's bytes."""
        return Blob(tuple(self.parts[number] for number in range(count)))


class Kind(Enum):
    """What a file is to Telegram: a photo or a document."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(slots=True, eq=False)
class File:
    """A stored file. `attributes` are TL DocumentAttributes as the sender gave them. A photo has width and height."""

    id: int
    access_hash: int = field(repr=False)
    kind: Kind
    blob: Blob = field(repr=False)
    date: int
    mime_type: str
    attributes: list[Any] = field(default_factory=list, repr=False)
    width: int = 0
    height: int = 0
    thumb: Blob | None = field(default=None, repr=False)
    cached: bool = False  # a photo that comes with its message, in one size, and in no other
    reference: bytes = field(default_factory=lambda: secrets.token_bytes(REFERENCE_BYTES), repr=False)
    expired: set[bytes] = field(default_factory=set, repr=False)  # references that once led here

    def expire(self) -> None:
        """Give the file a new reference. Who has the old one must look at the message again."""
        self.expired.add(self.reference)
        self.reference = secrets.token_bytes(REFERENCE_BYTES)


class Files:
    """All files and unfinished uploads of a server."""

    def __init__(self) -> None:
        self.by_id: dict[int, File] = {}
        self.caches_photos = False  # those that are stored from now on
        self._uploads: dict[int, dict[int, Upload]] = {}  # by account, then by the client's file id

    def upload(self, owner: int, file_id: int) -> Upload:
        """Return an account's upload with this id, which is a new one if need be."""
        mine = self._uploads.setdefault(owner, {})
        if file_id not in mine:
            if len(mine) >= UPLOADS:
                del mine[next(iter(mine))]
            mine[file_id] = Upload()
        return mine[file_id]

    def uploaded(self, owner: int, file_id: int) -> Upload | None:
        """Return an account's upload with this id, or None."""
        return self._uploads.get(owner, {}).get(file_id)

    def add(self, kind: Kind, blob: Blob, *, date: int, mime_type: str, **details: Any) -> File:
        """Store a file."""
        file_id = FIRST_FILE_ID + len(self.by_id)
        file = File(file_id, secrets.randbits(62) + 1, kind, blob, date, mime_type, **details)
        self.by_id[file_id] = file
        return file

    def expire_references(self) -> int:
        """Expire every file's reference and return how many files there are."""
        for file in self.by_id.values():
            file.expire()
        return len(self.by_id)
