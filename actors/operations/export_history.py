"""Writing a chat's history to a file. An export can go on at any time, because the file itself says where it ends.

What a file looks like is up to `operations/formats/`, and the disk is touched in worker threads alone. Users send
`ExportHistory` to a session.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, TypeVar

from actors.model.checks import check_kind
from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.errors import FileFailed
from actors.model.policies import SCRAPING
from actors.model.results import ExportedHistory
from actors.operations.disk import checked_path
from actors.operations.formats import End, checked_format, format_of
from actors.operations.history_pages import HistoryOrder, HistoryPosition, Pages, Wanted, what_is_left_out
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer
from actors.operations.scrape_history import check_order

__all__ = ["ExportHistory"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ExportHistory(ResumableOperation[ExportedHistory]):
    """Write all messages of a chat to the file at `path`, oldest first; answered with an `ExportedHistory`.

    The path's suffix chooses the format: `.jsonl` is JSON Lines, with a message a line; `.sqlite`, `.sqlite3` or `.db`
    is a table `messages` in SQLite, which needs the extra `export`. An export to a file that exists adds what is newer
    than the file's newest message of the chat. So the file holds each message once, however often and wherever an
    export was stopped. New files have the mode 0600. Two exports to one file at the same time spoil each other. With
    `prefetch` the next page is asked for while one is written, as for `ScrapeHistory`.
    (messages.getHistory)

    Raises InvalidInput for a path where no export can be, and `FileFailed` when the disk fails. `resume` only makes the
    count go on; the file knows where it ends.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getHistory"})

    peer: str | int | Peer
    path: str | os.PathLike[str]
    prefetch: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be exported, as far as that shows without a look at the disk."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        object.__setattr__(self, "path", checked_path("path", self.path))
        checked_format(str(self.path))
        check_kind("prefetch", self.prefetch, bool)
        check_order(self.resume, HistoryOrder.OLDEST_FIRST)

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page that has been written to the disk."""
        chat = await client.resolve(self.peer)
        written: list[int] = context.metadata.setdefault("written", [0 if self.resume is None else self.resume.done])
        end = await _to_its_end(partial(_find_end, str(self.path), chat))
        position = HistoryPosition(chat, HistoryOrder.OLDEST_FIRST, end.last_id)
        pages = Pages(client, Wanted(HistoryOrder.OLDEST_FIRST))
        yield Checkpoint(position, done=sum(written))
        try:
            while not position.last and not pages.are_left_out:
                position, messages, total = await pages.turn(position, None)
                if self.prefetch and not position.last and not pages.are_left_out:
                    pages.look_ahead(position, None)
                if messages:
                    end = await _to_its_end(partial(_append, str(self.path), chat, messages, end, written))
                yield Checkpoint(position, done=sum(written), total=total)
        finally:
            pages.end()

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ExportedHistory:  # noqa: ARG002  they are in the file
        """Return what was exported, and where."""
        position = last.position
        reason = "" if position.last else what_is_left_out(last.total)
        return ExportedHistory(
            position.chat, str(self.path), last.done, position.mark, complete=not reason, reason=reason
        )


def _find_end(path: str, chat: Peer) -> End:
    return format_of(path).find_end(path, chat)


def _append(path: str, chat: Peer, messages: tuple[Message, ...], end: End, written: list[int]) -> End:
    """Write a page and count it, both in the worker thread: the operation may have ended by then."""
    after = format_of(path).append(path, chat, messages, end)
    written[0] += len(messages)
    return after


async def _to_its_end(work: Callable[[], T]) -> T:
    """Run blocking work in a worker thread, and wait for its end even when the operation is cancelled.

    A thread can't be cancelled, and whoever goes on with the file must not meet a thread that still writes to it.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait({future})
        raise
    except OSError as error:
        raise FileFailed(reason=error.strerror or type(error).__name__) from error
