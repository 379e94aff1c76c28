"""Fetching the file of a message, a window of parts at once. Each is a checkpoint, and none is fetched again after it.

This module asks the narrow client for bytes and doesn't know how Telegram moves them. The bytes go to `<path>.part` in
worker threads, and get their name when the file is whole. Users send `DownloadFile` to a session.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

from actors.model.answers import RemoteFile
from actors.model.checks import HIGHEST_ID, check_count
from actors.model.client import Client, Flight
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.model.policies import SCRAPING
from actors.model.results import DownloadedFile
from actors.operations.disk import begin, checked_path, finish, in_thread, write_at
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer, check_resume
from actors.operations.parts import NO_PARTS, PART, Parts, bytes_in, count_parts
from actors.operations.transfer import Landed, Transfer, window_of
from actors.operations.window import MOST

__all__ = ["DownloadFile", "DownloadPosition"]


@dataclass(frozen=True, slots=True)
class DownloadPosition:
    """How far a download is: `parts` of the file are on the disk.

    - seal: what the unfinished file ends with, so that no other is taken for it.
    - end: where the file ends, once a part has shown it: a photo may be smaller than it was said to be.
    - kept: the finished file, once it is whole and in its place.
    """

    message_id: int
    file_id: int
    parts: Parts = NO_PARTS
    seal: bytes = field(default=b"", repr=False)
    end: int | None = None
    kept: DownloadedFile | None = None


@dataclass(frozen=True, slots=True)
class DownloadFile(ResumableOperation[DownloadedFile]):
    """Fetch the file of a message in parts of 512 KiB and keep it at the path `to`; answered with a `DownloadedFile`.

    The file is a photo in its largest size, or a document; videos and voice notes are documents. Until it is whole it
    is kept at `to` with `.part` behind it, at its full length and with holes. Then it gets its name in one step, and
    replaces a file that had that name. `resume` takes the checkpoint of an interrupted download of the same message to
    the same path, also in another process, and goes on in the `.part` file; if that is another's by now, it begins
    anew. Two downloads to one path at the same time spoil each other. `window` is as for `SendFile`.
    (messages.getMessages or channels.getMessages, upload.getFile)

    Raises InvalidInput for a message without a file and for a path where no file can be, `FileFailed` when the disk
    fails, and `TelegramError`s. FILE_MIGRATE is the error for a file of another data center, which can't be fetched
    yet.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"upload.getFile"})

    peer: str | int | Peer
    message_id: int
    to: str | os.PathLike[str]
    window: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be fetched, as far as that shows without a look at the disk."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        check_count("message_id", self.message_id, least=1, most=HIGHEST_ID)
        object.__setattr__(self, "to", checked_path("to", self.to))
        check_count("window", self.window, least=1, most=MOST, or_none=True)
        check_resume(self.resume, DownloadPosition)
        if self.resume is not None and self.resume.position.message_id != self.message_id:
            raise InvalidInput(field="resume", problem="is of the file of another message")

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each part. Checkpoints count bytes."""
        before = self.start(context)
        if before is not None and before.position.kept is not None:
            return
        file = await self._find(client, context)
        position = before.position if before is not None else DownloadPosition(self.message_id, file.id)
        _check_same(position, file)
        seal = await in_thread(begin, str(self.to), _room(file), position.seal)
        if seal != position.seal:
            position = DownloadPosition(self.message_id, file.id, seal=seal)
            yield _downloaded(position, file)  # before a part is written: older checkpoints speak of another file
        has_looked_again = False
        while position.kept is None:
            size = _size(position, file)
            launch = partial(self._launch, client, file)
            moving = Transfer(position.parts.missing(size), size, launch, context, window_of(context, self.window))
            try:
                while position.kept is None and (landed := await moving.next()) is not None:
                    position, has_looked_again = await self._keep(file, position, landed), False
                    yield _downloaded(position, file, settled=moving.is_settled)
                if position.kept is None:
                    position = await self._finish(file, position)
                    yield _downloaded(position, file)
            except TelegramError as error:
                if error.verdict is not Verdict.REFRESH_INPUT:
                    raise
                context.metadata.pop("file", None)
                if has_looked_again:
                    raise
                file, has_looked_again = await self._find(client, context), True
                _check_same(position, file)
            finally:
                moving.end()

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> DownloadedFile:  # noqa: ARG002  as for SendFile
        """Return the finished file."""
        kept: DownloadedFile = last.position.kept
        return kept

    async def _find(self, client: Client, context: OperationContext) -> RemoteFile:
        """Return the file. Its message is looked at once, for as long as the reference in it is valid.

        A reference that has expired is no failure, however many there were before: the message has a new one.
        """
        file: RemoteFile | None = context.metadata.get("file")
        if file is None:
            file = await client.file_of(await client.resolve(self.peer), self.message_id)
            context.metadata["file"] = file
        return file

    async def _launch(self, client: Client, file: RemoteFile, part: int) -> Flight[bytes]:
        return client.file_part(file, offset=part * PART, limit=PART)

    async def _keep(self, file: RemoteFile, position: DownloadPosition, landed: Landed[bytes]) -> DownloadPosition:
        """Write a part; the last one to come makes the file whole."""
        part, data = landed
        size, offset = _size(position, file), part * PART
        if offset >= size:
            return position  # a photo has turned out to end before it
        if data:
            await in_thread(write_at, str(self.to), offset, data)
            position = replace(position, parts=position.parts.plus(part))
        if len(data) < bytes_in(part, size) or part == count_parts(size) - 1:
            position = replace(position, end=offset + len(data))
        is_whole = next(position.parts.missing(_size(position, file)), None) is None
        return await self._finish(file, position) if is_whole else position

    async def _finish(self, file: RemoteFile, position: DownloadPosition) -> DownloadPosition:
        to, size = str(self.to), _size(position, file)
        await in_thread(finish, to, size)
        return replace(position, kept=DownloadedFile(to, size, file.name, file.mime_type))


def _check_same(position: DownloadPosition, file: RemoteFile) -> None:
    """Refuse to mix two files: a message that was edited may hold another."""
    if position.file_id != file.id:
        raise InvalidInput(field="message_id", problem="holds another file than when the download began")


def _size(position: DownloadPosition, file: RemoteFile) -> int:
    """Return the bytes of a file as far as they are known: at least one, so that a photo of no size is asked for."""
    return max(file.size, 1) if position.end is None else position.end


def _room(file: RemoteFile) -> int:
    """Return how much room the unfinished file has for parts."""
    return PART * count_parts(max(file.size, 1))


def _downloaded(position: DownloadPosition, file: RemoteFile, *, settled: bool = True) -> Checkpoint:
    size = _size(position, file)
    return Checkpoint(position, done=position.parts.done(size), total=size, settled=settled)
