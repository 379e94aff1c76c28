"""SQLite: one row for each message in the table `messages`, by the library sqlite-utils. A file may hold many chats.

This module is the sole owner of that library. A page is one transaction, so a crash leaves all of it or nothing. Only
`ExportHistory` uses it, by way of `format_of`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlite_utils

from actors.model.content import Message, Peer
from actors.model.errors import FileFailed, InvalidInput
from actors.operations.formats.formats import End, make_private

__all__ = ["append", "find_end"]

TABLE = "messages"
KEY = ("chat_kind", "chat_id", "id")
COLUMNS: dict[str, type] = {
    "chat_kind": str,
    "chat_id": int,
    "id": int,
    "date": str,
    "sender_id": int,
    "text": str,
    "reply_to": int,
    "thread_id": int,
    "out": int,
    "edit_date": str,
    "service": str,
    "json": str,
}
"""What one may want to ask by; `json` has the whole of `Message.to_dict()`."""


def find_end(path: str, chat: Peer) -> End:
    """Make the table if there is none, and return the id of this chat's newest message."""
    make_private(path)
    with _opened(path) as database:
        table = database.table(TABLE)
        if not table.exists():
            table.create(COLUMNS, pk=KEY)
        if not set(COLUMNS) <= set(table.columns_dict) or tuple(table.pks) != KEY:
            raise InvalidInput(field="path", problem=f"has a table {TABLE!r} that is no export")
        return End(_last_id(database, chat))


def append(path: str, chat: Peer, messages: Sequence[Message], end: End) -> End:
    """Insert a page. Rows that exist already stay as they are."""
    del end
    with _opened(path) as database:
        with database.atomic():
            database.table(TABLE).insert_all([_row(message) for message in messages], pk=KEY, ignore=True)
        return End(_last_id(database, chat))


@contextmanager
def _opened(path: str) -> Iterator[sqlite_utils.Database]:
    """Open the file for a moment. An error of SQLite becomes `FileFailed`."""
    try:
        database = sqlite_utils.Database(path)
        try:
            yield database
        finally:
            database.close()
    except sqlite3.Error as error:
        raise FileFailed(reason=str(error)) from error


def _last_id(database: sqlite_utils.Database, chat: Peer) -> int:
    where = f"select max(id) from {TABLE} where chat_kind = ? and chat_id = ?"  # noqa: S608  a constant
    (last_id,) = database.execute(where, (chat.kind, chat.id)).fetchone()
    return last_id or 0


def _row(message: Message) -> dict[str, Any]:
    whole = message.to_dict()
    row = {name: whole[name] for name in COLUMNS if name in whole}
    return row | {
        "chat_kind": message.chat.kind,
        "chat_id": message.chat.id,
        "json": json.dumps(whole, ensure_ascii=False),
    }
