"""Pictures for tests, made of noise: no image library is needed."""

from __future__ import annotations

import io
import struct
import zlib
from random import Random

__all__ = ["named", "png"]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """A PNG of noise: https://www.w3.org/TR/png/."""
    noise = Random(width * height)  # noqa: S311  noise for a test
    rows = b"".join(b"\0" + noise.randbytes(width * 3) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")


def named(data: bytes, name: str) -> io.BytesIO:
    """Bytes as a file with a name, as Telethon likes them."""
    file = io.BytesIO(data)
    file.name = name
    return file
