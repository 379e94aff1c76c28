"""Fetching the file of a message, part by part. Each part is a checkpoint, and none is fetched twice.

This module asks the narrow client for bytes and doesn't know how Telegram moves them. The bytes go to `<path>.part` in
worker threads, and get their name when the file is whole. Users send `DownloadFile` to a session.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from actors.model.checks import HIGHEST_ID, check_count
from actors.model.client import Client, RemoteFile
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.model.policies import SCRAPING
from actors.model.results import DownloadedFile
from actors.operations.disk import PART, begin, checked_path, finish, in_thread, write_at
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer, check_resume

__all__ = ["DownloadFile", "DownloadPosition"]


@dataclass(frozen=True, slots=True)
class DownloadPosition:
    """How far a download is: the first `offset` bytes of the file are on the disk.

    kept: the finished file, once it is whole and in its place.
    """

    message_id: int
    file_id: int
    offset: int = 0
    kept: DownloadedFile | None = None


@dataclass(frozen=True, slots=True)
class DownloadFile(ResumableOperation[DownloadedFile]):
    """Fetch the file of a message in parts of 512 KiB and keep it at the path `to`; answered with a `DownloadedFile`.

    The file is a photo in its largest size, or a document; videos and voice notes are documents. Until it is whole it
    is kept at `to` with `.part` behind it. Then it gets its name in one step, and replaces a file that had that name.
    `resume` takes the checkpoint of an interrupted download of the same message to the same path, also in another
    process, and goes on in the `.part` file. Two downloads to one path at the same time spoil each other.
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

    def __post_init__(self) -> None:
        """Refuse what can't be fetched, as far as that shows without a look at the disk."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        check_count("message_id", self.message_id, least=1, most=HIGHEST_ID)
        object.__setattr__(self, "to", checked_path("to", self.to))
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
        if position.file_id != file.id:
            raise InvalidInput(field="message_id", problem="holds another file than when the download began")
        position = replace(position, offset=await in_thread(begin, str(self.to), position.offset, PART))
        if before is None:
            yield _downloaded(position, file)
        while position.kept is None:
            data = await self._part(client, context, file, position.offset)
            position = await self._keep(file, position, data)
            yield _downloaded(position, file)

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> DownloadedFile:  # noqa: ARG002  as for SendFile
        """Return the finished file."""
        kept: DownloadedFile = last.position.kept
        return kept

    async def _find(self, client: Client, context: OperationContext) -> RemoteFile:
        """Return the file. Its message is looked at once, for as long as the reference in it is valid."""
        file: RemoteFile | None = context.metadata.get("file")
        if file is None:
            file = await client.file_of(await client.resolve(self.peer), self.message_id)
            context.metadata["file"] = file
        return file

    async def _part(self, client: Client, context: OperationContext, file: RemoteFile, offset: int) -> bytes:
        try:
            data = await client.file_part(file, offset=offset, limit=PART)
        except TelegramError as error:
            if error.verdict is Verdict.REFRESH_INPUT:
                context.metadata.pop("file", None)  # the session tries again at once, and then looks at the message
            raise
        if file.kind == "document" and len(data) < min(PART, file.size - offset):
            raise TelegramError(verdict=Verdict.TRANSIENT, name="FILE_CUT_SHORT", method="upload.getFile")
        return data

    async def _keep(self, file: RemoteFile, position: DownloadPosition, data: bytes) -> DownloadPosition:
        """Write a part; the last one makes the file whole. A photo may be smaller than it was said to be."""
        to, end = str(self.to), position.offset + len(data)
        await in_thread(write_at, to, position.offset, data)
        if len(data) == PART and end < file.size:
            return replace(position, offset=end)
        await in_thread(finish, to, end)
        return replace(position, offset=end, kept=DownloadedFile(to, end, file.name, file.mime_type))


def _downloaded(position: DownloadPosition, file: RemoteFile) -> Checkpoint:
    total = file.size if position.kept is None else position.offset
    return Checkpoint(position, done=position.offset, total=total)
