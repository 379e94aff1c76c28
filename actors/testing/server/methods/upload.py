"""upload.*: files on their way in and out, part by part. What they become is decided in media.py.

Limits and errors: https://core.telegram.org/api/files and https://core.telegram.org/method/upload.getFile.
"""

from __future__ import annotations

from hashlib import md5
from typing import Any

from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.files import Blob, File, Kind

__all__ = ["assemble", "checked_reference"]

KIB = 1024
PART_LIMIT = 512 * KIB  # bytes
PARTS_LIMIT = 8000  # of a premium account, whose files may have 4 GB
DOWNLOAD_LIMIT = 1024 * KIB
UNIT, PRECISE_UNIT = 4 * KIB, KIB  # what offsets and limits must be multiples of
FILE_TYPES = {
    "image/jpeg": types.storage.FileJpeg,
    "image/png": types.storage.FilePng,
    "image/gif": types.storage.FileGif,
    "application/pdf": types.storage.FilePdf,
    "audio/mpeg": types.storage.FileMp3,
    "video/mp4": types.storage.FileMp4,
    "video/quicktime": types.storage.FileMov,
    "image/webp": types.storage.FileWebp,
}


def _check_part(number: int, data: bytes) -> None:
    if not 0 <= number < PARTS_LIMIT:
        raise RpcFailure("FILE_PART_INVALID")
    if not data:
        raise RpcFailure("FILE_PART_EMPTY")
    if len(data) > PART_LIMIT:
        raise RpcFailure("FILE_PART_TOO_BIG")


@method(functions.upload.SaveFilePartRequest)
def save_file_part(call: Call, request: Any) -> bool:
    """Keep a part of a small file. A part sent again replaces the first one."""
    _check_part(request.file_part, request.bytes)
    call.world.files.upload(call.account.id, request.file_id).parts[request.file_part] = request.bytes
    return True


@method(functions.upload.SaveBigFilePartRequest)
def save_big_file_part(call: Call, request: Any) -> bool:
    """Keep a part of a big file. All parts but the last have one size, which divides 512 KiB."""
    number, total, data = request.file_part, request.file_total_parts, request.bytes
    _check_part(number, data)
    if total != -1 and not number < total <= PARTS_LIMIT:  # -1: a stream whose length nobody knows yet
        raise RpcFailure("FILE_PARTS_INVALID")
    upload = call.world.files.upload(call.account.id, request.file_id)
    if number != total - 1:
        if len(data) % KIB or PART_LIMIT % len(data):
            raise RpcFailure("FILE_PART_SIZE_INVALID")
        if any(len(data) != len(part) for other, part in upload.parts.items() if other < number):
            raise RpcFailure("FILE_PART_SIZE_CHANGED")
    upload.parts[number], upload.total = data, total
    return True


def assemble(call: Call, handle: Any) -> Blob:
    """Return the bytes that an InputFile or InputFileBig means. Raises RpcFailure unless every part is there."""
    if not isinstance(handle, types.InputFile | types.InputFileBig):
        raise RpcFailure("MEDIA_INVALID")
    if not 0 < handle.parts <= PARTS_LIMIT:
        raise RpcFailure("FILE_PARTS_INVALID")
    upload = call.world.files.uploaded(call.account.id, handle.id)
    missing = 0 if upload is None else upload.missing(handle.parts)
    if upload is None or missing is not None:
        raise RpcFailure(f"FILE_PART_{missing}_MISSING")
    if upload.total is not None and upload.total not in (-1, handle.parts):
        raise RpcFailure("FILE_PARTS_INVALID")
    blob = upload.blob(handle.parts)
    checksum = getattr(handle, "md5_checksum", "")
    if checksum and checksum != _md5(blob):
        raise RpcFailure("MD5_CHECKSUM_INVALID")
    return blob


def _md5(blob: Blob) -> str:
    digest = md5(usedforsecurity=False)
    for part in blob.parts:
        digest.update(part)
    return digest.hexdigest()


def checked_reference(call: Call, handle: Any, kind: Kind, *, error: str) -> File:
    """Return the file that an id, access hash and file reference lead to. Raises RpcFailure for none."""
    file = call.world.files.by_id.get(handle.id)
    if file is None or file.access_hash != handle.access_hash or file.kind is not kind:
        raise RpcFailure(error)
    if handle.file_reference == file.reference:
        return file
    if not handle.file_reference:
        raise RpcFailure("FILE_REFERENCE_EMPTY")
    raise RpcFailure("FILE_REFERENCE_EXPIRED" if handle.file_reference in file.expired else "FILE_REFERENCE_INVALID")


def _located(call: Call, location: Any) -> tuple[File, Blob]:
    if isinstance(location, types.InputPhotoFileLocation):
        file = checked_reference(call, location, Kind.PHOTO, error="LOCATION_INVALID")
        return file, file.blob
    if isinstance(location, types.InputDocumentFileLocation):
        file = checked_reference(call, location, Kind.DOCUMENT, error="LOCATION_INVALID")
        if not location.thumb_size:
            return file, file.blob
        if file.thumb is not None:
            return file, file.thumb
    raise RpcFailure("LOCATION_INVALID")


@method(functions.upload.GetFileRequest)
def get_file(call: Call, request: Any) -> Any:
    """Answer with a piece of a file: aligned, at most 1 MiB, and within one MiB of the file unless `precise`."""
    offset, limit = request.offset, request.limit
    unit = PRECISE_UNIT if request.precise else UNIT
    if offset < 0 or offset % unit:
        raise RpcFailure("OFFSET_INVALID")
    crosses = offset // DOWNLOAD_LIMIT != (offset + limit - 1) // DOWNLOAD_LIMIT and not request.precise
    if not 0 < limit <= DOWNLOAD_LIMIT or limit % unit or crosses:
        raise RpcFailure("LIMIT_INVALID")
    call.account  # noqa: B018  refuses those who are not logged in
    file, blob = _located(call, request.location)
    kind = FILE_TYPES.get(file.mime_type, types.storage.FileUnknown)
    return types.upload.File(kind(), file.date, blob.read(offset, limit))
