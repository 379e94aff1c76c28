"""Sending a file, a window of parts at once. Each part is a checkpoint: a cut costs the parts in flight at most.

The disk is touched in worker threads alone (`operations/disk.py`), and the narrow client knows how Telegram takes the
parts. Users send `SendFile` to a session.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from actors.model.answers import UploadedFile
from actors.model.checks import HIGHEST_ID, HIGHEST_LONG, check_count, check_kind, check_text
from actors.model.client import Client, Flight
from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput, TelegramError
from actors.model.policies import SENDING, Overrides
from actors.model.results import SentMessage
from actors.operations.disk import LocalFile, checked_path, checksum, in_thread, look_at, read_at
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer, check_resume
from actors.operations.parts import NO_PARTS, PART, Parts, bytes_in, count_parts
from actors.operations.random_ids import find_sent, new_random_id, send_once
from actors.operations.transfer import Transfer, window_of
from actors.operations.window import MOST

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SendFile", "UploadPosition"]

MOST_PARTS = 4000
"""Parts of a file at most, 2,097,152,000 bytes (core.telegram.org/api/config, upload_max_fileparts_default)."""

BIG = 10 * 1024 * 1024
"""Bytes beyond which parts go by upload.saveBigFilePart (core.telegram.org/api/files)."""

LONGEST_CAPTION = 1024
"""Characters of a caption that every account may send (core.telegram.org/api/config, caption_length_max)."""

UNSEEN = "unseen parts"
"""Where the notes of an operation have parts that were acknowledged just when an attempt was cut short."""

FILE_TIME = 300.0
"""Seconds that a file may take to be sent, unless it is told otherwise: the 60 s of other sends are for texts."""


@dataclass(frozen=True, slots=True)
class UploadPosition:
    """How far an upload is: the server has acknowledged `parts` of the file under `file_id`.

    - local: the file as it was when the upload began.
    - rewound: whether the server had lost the parts, so that they are sent anew.
    - sent: the message, once it is sent with `random_id`.
    """

    chat: Peer
    file_id: int
    random_id: int
    local: LocalFile
    parts: Parts = NO_PARTS
    rewound: bool = False
    sent: SentMessage | None = None

    def plus(self, *parts: int) -> UploadPosition:
        """Return the position after so many more parts."""
        return replace(self, parts=self.parts.plus(*parts))


@dataclass(frozen=True, slots=True)
class SendFile(ResumableOperation[SentMessage]):
    """Send the file at `path` to a peer in parts of 512 KiB, then as a message; answered with a `SentMessage`.

    - path: a file of 1 to 2,097,152,000 bytes. It must not change on the way.
    - caption: up to 1,024 characters.
    - as_photo: send it as a photo, which Telegram scales and compresses (JPEG or PNG of up to 10 MB). Otherwise it
      arrives as a document, byte by byte as it is.
    - reply_to, silent, random_id: as for `SendMessage`.
    - window: how many parts may be in flight at once, 1 to 16. By default it begins with 4, grows with the answers and
      shrinks when Telegram refuses. Either way no more is in flight than the line carries in 3 s, so that a request
      behind a file isn't late: on a slow line the parts go one by one.
    - resume: the checkpoint of an interrupted upload of the same file to the same chat. With it, the same message isn't
      sent twice either.

    All parts and all attempts together may take 300 s, whatever the policy says of texts; `with_(run_timeout=...)`
    allows more. (upload.saveFilePart or upload.saveBigFilePart, messages.sendMedia)

    Raises InvalidInput for a file that can't be sent and `FileFailed` when the disk fails, besides what sends raise.
    """

    operation_type: ClassVar[str] = SENDING
    methods: ClassVar[frozenset[str]] = frozenset(
        {"messages.sendMedia", "upload.saveBigFilePart", "upload.saveFilePart"}
    )
    writes: ClassVar[bool] = True

    peer: str | int | Peer
    path: str | os.PathLike[str]
    caption: str = field(default="", repr=False)
    as_photo: bool = field(default=False, kw_only=True)
    reply_to: int | None = field(default=None, kw_only=True)
    silent: bool = field(default=False, kw_only=True)
    random_id: int = field(default=0, kw_only=True)
    window: int | None = field(default=None, kw_only=True)
    overrides: Overrides = field(default=Overrides(run_timeout=FILE_TIME), kw_only=True, repr=False)
    file_id: int = field(default=0, init=False, repr=False)
    is_repeat: bool = field(default=False, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what can't be sent, as far as that shows without a look at the disk."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        object.__setattr__(self, "path", checked_path("path", self.path))
        check_text("path", Path(self.path).name, or_empty=True)
        check_text("caption", self.caption, most=LONGEST_CAPTION, or_empty=True)
        check_kind("as_photo", self.as_photo, bool)
        check_count("reply_to", self.reply_to, least=1, most=HIGHEST_ID, or_none=True)
        check_kind("silent", self.silent, bool)
        check_count("random_id", self.random_id, least=-HIGHEST_LONG - 1, most=HIGHEST_LONG)
        check_count("window", self.window, least=1, most=MOST, or_none=True)
        check_resume(self.resume, UploadPosition)

    def accepted(self) -> Self:
        """Fix the random_id and the file's id. An upload that goes on keeps its own; a new one draws them."""
        before = self.resume.position if self.resume is not None else None
        random_id = self.random_id or (before.random_id if before is not None else new_random_id())
        return self._copy(
            random_id=random_id,
            file_id=before.file_id if before is not None else new_random_id(),
            is_repeat=bool(self.random_id) or before is not None,
        )

    def repeat_id(self) -> int:
        """Return the random_id. The server carries out each one once."""
        return self.random_id

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each part, and one for the message. Checkpoints count bytes."""
        before = self.start(context)
        if before is not None and before.position.sent is not None:
            return
        chat, local = await client.resolve(self.peer, to_write=True), await self._look()
        position = before.position if before is not None else UploadPosition(chat, self.file_id, self.random_id, local)
        self._check(position, chat, local)
        if before is None:
            yield _uploaded(position)
        while position.sent is None:
            position = position.plus(*context.metadata.pop(UNSEEN, ()))
            launch = partial(self._launch, client, local)
            wanted = position.parts.missing(local.size)
            moving = Transfer(wanted, local.size, launch, context, window_of(context, self.window))
            try:
                while (landed := await moving.next()) is not None:
                    position = position.plus(landed.part)
                    yield _uploaded(position, settled=moving.is_settled)
            finally:
                context.metadata[UNSEEN] = moving.end()
            position = await self._send(client, context, position)
            yield _uploaded(position)

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> SentMessage:  # noqa: ARG002  the position has it all
        """Return the sent message."""
        sent: SentMessage = last.position.sent
        return sent

    async def _look(self) -> LocalFile:
        local = await in_thread(look_at, str(self.path))
        if not 0 < local.size <= MOST_PARTS * PART:
            problem = f"has {local.size} bytes; Telegram takes 1 to {MOST_PARTS * PART}"
            raise InvalidInput(field="path", problem=problem)
        return local

    def _check(self, position: UploadPosition, chat: Peer, local: LocalFile) -> None:
        """Refuse to mix two files, and to take an upload for one to another chat."""
        if (position.chat.kind, position.chat.id) != (chat.kind, chat.id):
            raise InvalidInput(field="resume", problem="is of an upload to another chat")
        if position.local != local:
            raise InvalidInput(field="path", problem="has changed since its upload began; send it anew")

    def _file(self, local: LocalFile, md5: str = "") -> UploadedFile:
        name = Path(self.path).name
        return UploadedFile(self.file_id, count_parts(local.size), local.size > BIG, name, local.mime_type, md5)

    async def _launch(self, client: Client, local: LocalFile, part: int) -> Flight[None]:
        data = await in_thread(read_at, str(self.path), part * PART, PART)
        if len(data) != bytes_in(part, local.size):
            raise InvalidInput(field="path", problem="has changed since its upload began; send it anew")
        return client.save_part(self._file(local), part, data)

    async def _send(self, client: Client, context: OperationContext, position: UploadPosition) -> UploadPosition:
        """Send the message. An upload that the server has forgotten, as it does after a while, begins anew once."""
        self._check(position, position.chat, await self._look())
        md5 = "" if position.local.size > BIG else await in_thread(checksum, str(self.path))

        def send() -> Awaitable[SentMessage]:
            return client.send_file(
                position.chat,
                self._file(position.local, md5),
                random_id=self.random_id,
                caption=self.caption,
                as_photo=self.as_photo,
                reply_to=self.reply_to,
                silent=self.silent,
                leaving=context.leaving,
            )

        def find(since: datetime) -> Awaitable[SentMessage | None]:
            is_mine = partial(self._is_mine, local=position.local)
            chat, random_id, reply_to = position.chat, self.random_id, self.reply_to
            return find_sent(client, chat, random_id=random_id, since=since, reply_to=reply_to, matches=is_mine)

        try:
            sent = await send_once(context, send, find, random_id=self.random_id, is_repeat=self.is_repeat)
        except TelegramError as error:
            if not error.name.startswith("FILE_PART_") or not error.name.endswith("_MISSING") or position.rewound:
                raise
            context.may_have_left = False  # the server has said that it sent nothing
            return replace(position, parts=NO_PARTS, rewound=True)
        return replace(position, sent=sent)

    def _is_mine(self, message: Message, *, local: LocalFile) -> bool:
        """Say whether a message has what this operation sends. A photo has another size at Telegram."""
        media = message.media
        if media is None:
            return False
        is_it = (
            media.kind == "photo" if self.as_photo else (media.size, media.name) == (local.size, Path(self.path).name)
        )
        return is_it and message.text.strip() == self.caption.strip()


def _uploaded(position: UploadPosition, *, settled: bool = True) -> Checkpoint:
    size = position.local.size
    return Checkpoint(position, done=position.parts.done(size), total=size, settled=settled)
