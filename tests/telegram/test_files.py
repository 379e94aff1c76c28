"""Which file a message has, and how a part of it is had that came along."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from telethon import types

from actors.model.answers import RemoteFile
from actors.telegram.files import remote_file
from actors.telegram.flight import Ready

DATE = datetime(2026, 1, 2, tzinfo=UTC)
CACHED = types.PhotoCachedSize("s", 90, 68, b"abc")
SMALL = types.PhotoSize("m", 320, 240, 5000)
EMPTY = types.PhotoSizeProgressive("y", 800, 600, [])


def photo(*sizes: Any) -> types.Photo:
    """Return a TL photo in these sizes."""
    return types.Photo(1, 2, b"r", DATE, list(sizes), 2)


def file_of(media: Any) -> RemoteFile | None:
    """Return the file of a message with that on it."""
    return remote_file(types.Message(1, types.PeerUser(7), DATE, "", media=media))


@pytest.mark.parametrize(
    ("sizes", "letter", "size", "content"),
    [
        ([CACHED], "s", 3, b"abc"),
        ([CACHED, SMALL], "m", 5000, None),
        ([SMALL, EMPTY], "y", 0, None),
    ],
)
def test_a_photo_is_had_in_its_largest_size(sizes: list[Any], letter: str, size: int, content: bytes | None) -> None:
    """A cached one came with the message; what a progressive one has is seen when it is fetched."""
    file = file_of(types.MessageMediaPhoto(photo=photo(*sizes)))
    assert file is not None
    assert (file.size_type, file.size, file.content) == (letter, size, content)


def test_a_links_preview_has_a_file_too() -> None:
    """Its photo; what has none has no file."""
    page = types.WebPage(1, "https://example.org", "example.org", 0, photo=photo(SMALL))
    file = file_of(types.MessageMediaWebPage(page))
    assert file is not None
    assert file.size == 5000
    assert file_of(types.MessageMediaWebPage(types.WebPageEmpty(3))) is None


def test_a_photo_of_no_size_has_no_file() -> None:
    """A blur is no picture."""
    assert file_of(types.MessageMediaPhoto(photo=photo(types.PhotoStrippedSize("i", b"x")))) is None


def test_what_came_along_has_landed_at_once() -> None:
    """Whoever waits for several parts sees no difference."""

    async def landed() -> tuple[bool, bytes, bytes]:
        flight = Ready(b"abc")
        flight.drop()
        return flight.future.done(), flight.result(), await flight

    assert asyncio.run(landed()) == (True, b"abc", b"abc")
