"""The disk's side of sending and fetching files: plain functions that block, to be run in worker threads.

Nothing here knows Telegram. Each function opens the file, does one thing and closes it, so that no file stays open
wherever an operation is interrupted. A thread can't be interrupted: once its operation has ended, the most that it
still does is to write the same bytes again. `SendFile` and `DownloadFile` use them.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401  asyncio would load it with the first thread, from the disk, on the loop
import mimetypes
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from actors.model.errors import FileFailed, InvalidInput

__all__ = [
    "LocalFile",
    "begin",
    "checked_path",
    "checksum",
    "finish",
    "in_thread",
    "look_at",
    "read_at",
    "write_at",
]

P = ParamSpec("P")
T = TypeVar("T")

SEAL = 16
"""Bytes of a seal: as random as a UUID."""

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """What a local file looked like: its bytes, its last change (ns since 1970), and the type that its name tells."""

    size: int
    changed: int
    mime_type: str


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function of this module in a worker thread. An OSError becomes `FileFailed`."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except OSError as error:
        raise FileFailed(reason=error.strerror or type(error).__name__) from error


def checked_path(field: str, value: Any) -> str:
    """Return a path as a string, without looking at the disk. Raises InvalidInput when it can't be a path."""
    try:
        path = os.fspath(value)
        os.fsencode(path)
    except (TypeError, UnicodeEncodeError):
        path = b""
    if not isinstance(path, str) or not path or "\0" in path:
        raise InvalidInput(field=field, problem="must be the path of a file, as a str or a pathlib.Path")
    return path


def look_at(path: str) -> LocalFile:
    """Return what is known of a file that is to be sent. Raises InvalidInput when there is no such file."""
    try:
        found = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInput(field="path", problem="there is no such file") from None
    if not stat.S_ISREG(found.st_mode):
        raise InvalidInput(field="path", problem="is not a file")
    return LocalFile(found.st_size, found.st_mtime_ns, mimetypes.guess_type(path)[0] or UNKNOWN_TYPE)


def read_at(path: str, offset: int, limit: int) -> bytes:
    """Return up to `limit` bytes of a file, from byte `offset` on."""
    with Path(path).open("rb") as file:
        file.seek(offset)
        return file.read(limit)


def checksum(path: str) -> str:
    """Return the MD5 of a whole file, in hexadecimal, as Telegram takes it."""
    with Path(path).open("rb") as file:
        return md5(file.read(), usedforsecurity=False).hexdigest()


def part_path(path: str) -> str:
    """Return the path where a file is kept until it is whole."""
    return path + ".part"


def begin(path: str, room: int, seal: bytes) -> bytes:
    """Make the unfinished file ready for `room` bytes, and return its seal.

    A seal is behind the room, and says whose file it is. If it is `seal`, the file has all that was written to it under
    that seal. Otherwise it is a new one, and the file has nothing. The length of a file could not tell: its parts are
    written in any order, so that there may be holes in a file that was deleted and begun anew. Raises InvalidInput when
    there can't be a file at `path`.
    """
    if Path(path).is_dir():
        raise InvalidInput(field="to", problem="is a folder; it must name the file")
    if not Path(path).absolute().parent.is_dir():
        raise InvalidInput(field="to", problem="there is no such folder")
    if seal and _seal_of(path, room) == seal:
        return seal
    seal = secrets.token_bytes(SEAL)
    with Path(part_path(path)).open("wb") as file:
        file.seek(room)
        file.write(seal)
    return seal


def _seal_of(path: str, room: int) -> bytes:
    try:
        return read_at(part_path(path), room, SEAL + 1)
    except FileNotFoundError:
        return b""


def write_at(path: str, offset: int, data: bytes) -> None:
    """Write a part into the unfinished file, at byte `offset`."""
    with Path(part_path(path)).open("r+b") as file:
        file.seek(offset)
        file.write(data)


def finish(path: str, size: int) -> None:
    """Give the whole file its name in one step, once its bytes are on the disk. A file of that name is replaced."""
    with Path(part_path(path)).open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())
    Path(part_path(path)).replace(path)
