"""The size of a picture, read from its first bytes: PNG, JPEG, GIF. It decodes no picture. methods/media.py uses it."""

from __future__ import annotations

import struct

__all__ = ["picture_size"]

PNG, GIF, JPEG = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a"), b"\xff\xd8"
# Start-of-frame markers hold the size (ITU T.81, table B.1); C4, C8 and CC share their range and are none.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset(range(0xD0, 0xDA)) | {0x01}  # markers without a length
FRAME_SIZE = struct.Struct(">HBHH")  # length, precision, height, width


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height of the picture that begins with these bytes; None when they begin no picture."""
    try:
        return _size(head)
    except (struct.error, IndexError):
        return None


def _size(head: bytes) -> tuple[int, int] | None:
    if head.startswith(PNG):
        width, height = struct.unpack_from(">II", head, 16)
    elif head.startswith(GIF):
        width, height = struct.unpack_from("<HH", head, 6)
    elif head.startswith(JPEG):
        width, height = _jpeg(head)
    else:
        return None
    return (width, height) if width and height else None


def _jpeg(head: bytes) -> tuple[int, int]:
    """Return the size, from the first frame. Each step over the segments goes forward, so the walk ends."""
    place = 2
    while True:
        while head[place] != 0xFF:  # noqa: PLR2004  every marker begins with it
            place += 1
        marker = head[place + 1]
        if marker in FRAMES:
            _, _, height, width = FRAME_SIZE.unpack_from(head, place + 2)
            return width, height
        if marker == 0xFF or marker in BARE:  # noqa: PLR2004  fill bytes
            place += 1 if marker == 0xFF else 2  # noqa: PLR2004
        else:
            place += 2 + max(2, struct.unpack_from(">H", head, place + 2)[0])
