"""What is attached to a message, as TL: photos with their sizes, and documents. It changes nothing.

The loopback scales no pictures: every size of a photo is announced with its own measures and has the original's bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.files import DC, File, Kind

__all__ = ["Attached", "document_view", "media_view", "photo_view"]

# A photo's sizes by letter, with the side of the square they fit in (https://core.telegram.org/api/files#image-thumbnail-types).
BOXES = (("s", 100), ("m", 320), ("x", 800), ("y", 1280), ("w", 2560))
THUMB = ("m", 320)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file on a message. ttl: seconds that it stays once seen, which the loopback tells and doesn't enforce."""

    file: File = field(repr=False)
    spoiler: bool = False
    ttl: int | None = None


def media_view(media: Any) -> Any:
    """Return what is attached to a message as a TL MessageMedia; None for nothing."""
    if not isinstance(media, Attached):
        return media  # it is TL already: a contact, a place, a die
    file, spoiler = media.file, media.spoiler or None
    if file.kind is Kind.PHOTO:
        return types.MessageMediaPhoto(photo=photo_view(file), spoiler=spoiler, ttl_seconds=media.ttl)
    video = _attribute(file, types.DocumentAttributeVideo)
    audio = _attribute(file, types.DocumentAttributeAudio)
    return types.MessageMediaDocument(
        document=document_view(file),
        spoiler=spoiler,
        ttl_seconds=media.ttl,
        video=video is not None or None,
        round=getattr(video, "round_message", None),
        voice=getattr(audio, "voice", None),
    )


def _attribute(file: File, kind: type) -> Any:
    return next((attribute for attribute in file.attributes if isinstance(attribute, kind)), None)


def _fit(file: File, letter: str, side: int) -> Any:
    scale = min(1.0, side / max(file.width, file.height))
    width, height = max(1, round(file.width * scale)), max(1, round(file.height * scale))
    return types.PhotoSize(letter, width, height, file.blob.size)


def photo_view(file: File) -> Any:
    """Return a photo as a TL Photo, with its sizes up to the first one that holds it whole."""
    if file.cached:
        cached = types.PhotoCachedSize("s", file.width, file.height, file.blob.read(0, file.blob.size))
        return types.Photo(file.id, file.access_hash, file.reference, file.date, [cached], DC)
    whole = max(file.width, file.height)
    upto = next((place for place, (_, side) in enumerate(BOXES) if side >= whole), len(BOXES) - 1)
    sizes = [_fit(file, letter, side) for letter, side in BOXES[: upto + 1]]
    return types.Photo(file.id, file.access_hash, file.reference, file.date, sizes, DC)


def document_view(file: File) -> Any:
    """Return a document as a TL Document."""
    thumbs = [types.PhotoSize(*THUMB[:1], THUMB[1], THUMB[1], file.thumb.size)] if file.thumb is not None else None
    return types.Document(
        id=file.id,
        access_hash=file.access_hash,
        file_reference=file.reference,
        date=file.date,
        mime_type=file.mime_type,
        size=file.blob.size,
        dc_id=DC,
        attributes=file.attributes,
        thumbs=thumbs,
    )
