"""The disk's side of moving files: plain functions that block, for worker threads. Nothing of Telegram's is here.

Each opens the file, does one thing and closes it, so that nothing is left open wherever an operation is interrupted.
A thread can't be interrupted: what it still does once its operation has ended is to write the same bytes again.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401  asyncio would load it with the first thread, from the disk, on the loop
import contextlib
import mimetypes
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from actors.model.errors import FileFailed, InvalidInput

__all__ = [
    "PART",
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

PART = 512 * 1024
"""Bytes of a part: the most that upload.saveFilePart takes, and a divisor of what upload.getFile gives at most."""

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """What a file looked like: bytes, when it was last changed (ns since 1970), and the type that its name tells."""

    size: int
    changed: int
    mime_type: str


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function of this module off the loop; what the disk says becomes `FileFailed`."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except OSError as error:
        raise FileFailed(reason=error.strerror or type(error).__name__) from error


def checked_path(field: str, value: Any) -> str:
    """Return a path as a string, without a look at the disk. Raises InvalidInput."""
    try:
        path = os.fspath(value)
    except TypeError:
        path = b""
    if not isinstance(path, str) or not path or "\0" in path:
        raise InvalidInput(field=field, problem="must be the path of a file, as a str or a pathlib.Path")
    return path


def look_at(path: str) -> LocalFile:
    """Return what is known of the file that is to be sent. Raises InvalidInput when there is no such file."""
    try:
        found = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInput(field="path", problem="there is no such file") from None
    if not stat.S_ISREG(found.st_mode):
        raise InvalidInput(field="path", problem="is not a file")
    return LocalFile(found.st_size, found.st_mtime_ns, mimetypes.guess_type(path)[0] or UNKNOWN_TYPE)


def read_at(path: str, offset: int, limit: int) -> bytes:
    """Return up to `limit` bytes from `offset`."""
    with Path(path).open("rb") as file:
        file.seek(offset)
        return file.read(limit)


def checksum(path: str) -> str:
    """Return the MD5 of a whole file, as Telegram takes it."""
    with Path(path).open("rb") as file:
        return md5(file.read(), usedforsecurity=False).hexdigest()


def part_path(path: str) -> str:
    """Return where a file is kept until it is whole."""
    return path + ".part"


def begin(path: str, offset: int, unit: int) -> int:
    """Make the unfinished file ready; return from where to go on: `offset`, or less (in units) when it holds less.

    Raises InvalidInput when no file can be there.
    """
    if Path(path).is_dir():
        raise InvalidInput(field="to", problem="is a folder; it must name the file")
    if not Path(path).absolute().parent.is_dir():
        raise InvalidInput(field="to", problem="there is no such folder")
    there = 0
    if offset:
        with contextlib.suppress(FileNotFoundError):
            there = Path(part_path(path)).stat().st_size
    start = min(offset, there - there % unit) if there < offset else offset
    with Path(part_path(path)).open("r+b" if start else "wb") as file:
        file.truncate(start)
    return start


def write_at(path: str, offset: int, data: bytes) -> None:
    """Write a part into the unfinished file."""
    with Path(part_path(path)).open("r+b") as file:
        file.seek(offset)
        file.write(data)


def finish(path: str, size: int) -> None:
    """Give the whole file its name in one step, once its bytes are on the disk; a file of that name is replaced."""
    with Path(part_path(path)).open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())
    Path(part_path(path)).replace(path)
