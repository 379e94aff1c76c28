"""Which formats there are, and what each one offers.

A format's module is loaded when it is first needed, because one of them needs a library of its own.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput

__all__ = ["End", "Format", "checked_format", "format_of", "make_private"]

MODULES = {
    ".jsonl": "actors.operations.formats.jsonl",
    ".db": "actors.operations.formats.sqlite",
    ".sqlite": "actors.operations.formats.sqlite",
    ".sqlite3": "actors.operations.formats.sqlite",
}
NEEDS = {"actors.operations.formats.sqlite": "sqlite_utils"}
"""Packages that the extra `export` brings."""

PRIVATE = 0o600
"""The mode of new files: they hold what people wrote."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a file ends: the id of its newest message (0: it has none), and its size in bytes where that matters."""

    last_id: int
    size: int = 0


class Format(Protocol):
    """What the module of a format offers.

    A file that can't be read or written raises OSError or `FileFailed`.
    """

    def find_end(self, path: str, chat: Peer) -> End:
        """Make the file ready to go on with, as a new one if need be, and return where it ends.

        Raises InvalidInput when the file is something else.
        """

    def append(self, path: str, chat: Peer, messages: Sequence[Message], end: End) -> End:
        """Add messages, oldest first, and return the new end once they are on the disk.

        Messages that are there already are left out.
        """


def checked_format(path: str) -> str:
    """Return the name of the module for a path's format, without looking at the disk.

    Raises InvalidInput when the suffix stands for no format.
    """
    module = MODULES.get(Path(path).suffix.lower())
    if module is None:
        raise InvalidInput(field="path", problem=f"must end in one of {', '.join(sorted(MODULES))}")
    return module


def format_of(path: str) -> Format:
    """Return the format of a path, and load its module. Raises InvalidInput when its library isn't installed."""
    module = checked_format(path)
    if module in NEEDS and importlib.util.find_spec(NEEDS[module]) is None:
        raise InvalidInput(field="path", problem="needs the extra of SQLite files: pip install telegram-actors[export]")
    return cast("Format", import_module(module))


def make_private(path: str) -> None:
    """Make an empty file that only its owner may read. An existing file stays as it is.

    Raises InvalidInput when there can't be a file at `path`.
    """
    if Path(path).is_dir():
        raise InvalidInput(field="path", problem="is a folder; it must name the file")
    if not Path(path).absolute().parent.is_dir():
        raise InvalidInput(field="path", problem="there is no such folder")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, PRIVATE))
