"""JSON Lines: one line for each message, as its `to_dict()` has it, oldest first. A file holds one chat.

A page is one write at the end of the file. A crash leaves whole lines, which count, and at most one broken line, which
is dropped. So the id in the last line says where to go on. Only `ExportHistory` uses it, by way of `format_of`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from actors.model.content import Message, Peer
from actors.model.errors import FileFailed, InvalidInput
from actors.operations.formats.formats import End, make_private

__all__ = ["append", "find_end"]

BLOCK = 64 * 1024
"""Bytes that are looked at at once, from the end on."""

BEGINNING = b'{"id": '
"""How each line of ours begins."""


def find_end(path: str, chat: Peer) -> End:
    """Drop a broken last line, and return where the file ends. A file that isn't of this chat isn't changed."""
    make_private(path)
    with Path(path).open("r+b") as file:
        line, end, rest = _last_line(file)
        if rest and not (rest.startswith(BEGINNING) or BEGINNING.startswith(rest)):
            raise InvalidInput(field="path", problem="ends in something that is no export")
        last_id = _id(line, chat) if line else 0
        file.truncate(end)
    return End(last_id, end)


def append(path: str, chat: Peer, messages: Sequence[Message], end: End) -> End:
    """Write a page at `end`, where the file must still end. Raises FileFailed when somebody else has written to it."""
    del chat
    news = [message for message in messages if message.id > end.last_id]
    data = b"".join(json.dumps(message.to_dict(), ensure_ascii=False).encode() + b"\n" for message in news)
    with Path(path).open("r+b") as file:
        if file.seek(0, os.SEEK_END) != end.size:
            raise FileFailed(reason="somebody else has written to it")
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return End(news[-1].id if news else end.last_id, end.size + len(data))


def _last_line(file: IO[bytes]) -> tuple[bytes, int, bytes]:
    """Return the last whole line, the byte where it ends, and the first bytes behind it."""
    start = file.seek(0, os.SEEK_END)
    tail = b""
    while start and tail.count(b"\n") < 2:  # noqa: PLR2004  the end of the last line, and of the one before
        step = min(BLOCK, start)
        start = file.seek(start - step)
        tail = file.read(step) + tail
    lines = tail.split(b"\n")
    rest = lines.pop()
    return (lines[-1] if lines else b""), start + len(tail) - len(rest), rest[: len(BEGINNING)]


def _id(line: bytes, chat: Peer) -> int:
    """Return the id in a line that an export wrote. Raises InvalidInput for any other line."""
    try:
        record: dict[str, Any] = json.loads(line)
        message_id, of_chat = record["id"], (record["chat"]["kind"], record["chat"]["id"])
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(field="path", problem="ends in something that is no export") from None
    if of_chat != (chat.kind, chat.id) or not isinstance(message_id, int):
        raise InvalidInput(field="path", problem="holds another chat")
    return message_id
