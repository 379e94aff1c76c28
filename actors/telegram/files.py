"""Files over Telethon, part by part: the raw requests behind `SendFile` and `DownloadFile`. No disk is touched here.

Telethon's own upload_file and download_media are not used: they read and write files on the event loop, and can't go on
where they stopped. `TelethonClient` has this module mixed in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from telethon import functions, types

from actors.model.answers import RemoteFile, UploadedFile
from actors.model.client import Flight
from actors.model.content import Peer
from actors.model.errors import InvalidInput, Verdict
from actors.model.results import SentMessage
from actors.telegram import convert
from actors.telegram.convert_message import is_message
from actors.telegram.flight import Ready, Request
from actors.telegram.peers import PeerDirectory
from actors.telegram.requests import Requests
from actors.telegram.translate import TO_A_SENDER
from actors.telegram.updates import UpdateFeed

__all__ = ["FileRequests", "remote_file"]

T = TypeVar("T")

_SIZES = (types.PhotoSize, types.PhotoSizeProgressive, types.PhotoCachedSize)
"""The sizes of a photo that are pictures. The others are a blur, or an outline."""


class FileRequests(Requests):
    """The part of the narrow client that moves files."""

    _directory: PeerDirectory
    _feed: UpdateFeed

    def save_part(self, file: UploadedFile, part: int, data: bytes) -> Request[None]:
        """Put a part on the server: upload.saveBigFilePart for a big file, upload.saveFilePart for a small one."""
        request = (
            functions.upload.SaveBigFilePartRequest(file.file_id, part, file.parts, data)
            if file.big
            else functions.upload.SaveFilePartRequest(file.file_id, part, data)
        )
        return self._launch(request, self._check_saved)

    def _check_saved(self, saved: bool) -> None:
        if not saved:
            raise self._error(Verdict.TRANSIENT, "PART_NOT_SAVED", "upload.saveFilePart")

    async def send_file(
        self,
        peer: Peer,
        file: UploadedFile,
        *,
        random_id: int,
        caption: str = "",
        as_photo: bool = False,
        reply_to: int | None = None,
        silent: bool = False,
        leaving: Callable[[], None] | None = None,
    ) -> SentMessage:
        """Send a file whose parts the server has (messages.sendMedia). The same `random_id` gives the same message.

        leaving: called when the request is written.
        """
        peer = self._directory.refreshed(peer)
        request = functions.messages.SendMediaRequest(
            peer=convert.to_input_peer(peer),
            media=_input_media(file, as_photo=as_photo),
            message=caption,
            random_id=random_id,
            silent=silent or None,
            reply_to=None if reply_to is None else types.InputReplyToMessage(reply_to),
        )
        answer = await self._invoke(request, peer, means=TO_A_SENDER, leaving=leaving)
        sent = convert.to_sent_message(answer, peer, random_id=random_id)
        if sent is None:
            raise self._error(Verdict.UNKNOWN, "NO_MESSAGE_ID", "messages.sendMedia")
        self._feed.remember_sent(peer, sent.id)
        return sent

    async def file_of(self, peer: Peer, message_id: int) -> RemoteFile:
        """Return the file of a message (channels.getMessages for a channel, else messages.getMessages).

        Raises InvalidInput when there is no such message in that chat, or no file on it.
        """
        ids = [types.InputMessageID(message_id)]
        request = (
            functions.channels.GetMessagesRequest(convert.to_input_channel(self._directory.refreshed(peer)), ids)
            if peer.kind == "channel"
            else functions.messages.GetMessagesRequest(ids)
        )
        answer = await self._invoke(request, peer)
        return self._read(request, partial(self._file_of, peer=peer, message_id=message_id), answer)

    def _file_of(self, answer: Any, *, peer: Peer, message_id: int) -> RemoteFile:
        found = [each for each in answer.messages if is_message(each) and self._is_in(each, peer)]
        if not found:
            raise InvalidInput(field="message_id", problem=f"there is no message {message_id} in that chat")
        file = remote_file(found[0])
        if file is None:
            raise InvalidInput(field="message_id", problem=f"message {message_id} has no file")
        return file

    def _is_in(self, message: Any, peer: Peer) -> bool:
        """Say whether a message is in a chat: outside channels its id belongs to the account, not to the chat."""
        chat = self._directory.by_key(message.peer_id)
        return (chat.kind, chat.id) == (peer.kind, peer.id)

    def file_part(self, file: RemoteFile, *, offset: int, limit: int) -> Flight[bytes]:
        """Ask for up to `limit` bytes of a file (upload.getFile), unless they came with its message.

        It raises a TelegramError: with REFRESH_INPUT for a stale reference, and named FILE_MIGRATE for a file of
        another data center, because this client has a connection to its own alone. FILE_CUT_SHORT is a document's part
        that has fewer bytes than the document's size promises.
        """
        if file.content is not None:
            return Ready(file.content[offset : offset + limit])
        expected = min(limit, file.size - offset) if file.kind == "document" else 0

        def read(answer: Any) -> bytes:
            data: bytes = answer.bytes
            if len(data) < expected:
                raise self._error(Verdict.TRANSIENT, "FILE_CUT_SHORT", "upload.getFile")
            return data

        return self._launch(functions.upload.GetFileRequest(_location(file), offset, limit), read)


def _input_media(file: UploadedFile, *, as_photo: bool) -> Any:
    """Return what messages.sendMedia takes for an uploaded file."""
    handle = (
        types.InputFileBig(file.file_id, file.parts, file.name)
        if file.big
        else types.InputFile(file.file_id, file.parts, file.name, file.md5)
    )
    if as_photo:
        return types.InputMediaUploadedPhoto(handle)
    attributes = [types.DocumentAttributeFilename(file.name)]
    return types.InputMediaUploadedDocument(handle, file.mime_type, attributes, force_file=True)


def remote_file(message: Any) -> RemoteFile | None:
    """Return the file of a TL message: its document, or its photo in the largest size; None for anything else."""
    media = getattr(message, "media", None)
    if isinstance(media, types.MessageMediaWebPage):
        media = media.webpage  # its preview has a document or a photo, too
    document, photo = getattr(media, "document", None), getattr(media, "photo", None)
    if isinstance(document, types.Document):
        return _document(document)
    return _largest(photo) if isinstance(photo, types.Photo) else None


def _document(document: Any) -> RemoteFile:
    names = [each.file_name for each in document.attributes if isinstance(each, types.DocumentAttributeFilename)]
    return RemoteFile(
        "document",
        document.id,
        document.size,
        names[0] if names else None,
        document.mime_type,
        document.access_hash,
        document.file_reference,
    )


def _largest(photo: Any) -> RemoteFile | None:
    sizes = [each for each in photo.sizes if isinstance(each, _SIZES)]
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: (size.w * size.h, _bytes(size)))
    return RemoteFile(
        "photo",
        photo.id,
        _bytes(largest),
        mime_type="image/jpeg",
        access_hash=photo.access_hash,
        reference=photo.file_reference,
        size_type=largest.type,
        content=bytes(largest.bytes) if isinstance(largest, types.PhotoCachedSize) else None,
    )


def _bytes(size: Any) -> int:
    """Return the bytes of a photo's size. A progressive photo gives them for each step of its quality."""
    match size:
        case types.PhotoSizeProgressive():
            return max(size.sizes, default=0)
        case types.PhotoCachedSize():
            return len(size.bytes)
        case _:
            return int(size.size)


def _location(file: RemoteFile) -> Any:
    place = types.InputPhotoFileLocation if file.kind == "photo" else types.InputDocumentFileLocation
    return place(file.id, file.access_hash, file.reference, file.size_type)
