"""A client's packets, framed by hand for each transport: payload and number of the packet in, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from zlib import crc32

__all__ = ["FRAMES", "TAGS"]

LONG = 0x7F  # abridged: from here on the length has three bytes more
TAGS = {"full": b"", "abridged": b"\xef", "intermediate": b"\xee" * 4, "padded": b"\xdd" * 4}


def _full(payload: bytes, number: int) -> bytes:
    frame = struct.pack("<II", len(payload) + 12, number) + payload
    return frame + struct.pack("<I", crc32(frame))


def _abridged(payload: bytes, number: int) -> bytes:
    words = len(payload) // 4
    head = bytes([words]) if words < LONG else bytes([LONG]) + words.to_bytes(3, "little")
    return (b"" if number else TAGS["abridged"]) + head + payload


def _intermediate(payload: bytes, number: int) -> bytes:
    return (b"" if number else TAGS["intermediate"]) + struct.pack("<I", len(payload)) + payload


def _padded(payload: bytes, number: int) -> bytes:
    data = payload + bytes(number % 4)
    return (b"" if number else TAGS["padded"]) + struct.pack("<I", len(data)) + data


FRAMES: dict[str, Callable[[bytes, int], bytes]] = {
    "full": _full,
    "abridged": _abridged,
    "intermediate": _intermediate,
    "padded": _padded,
}
