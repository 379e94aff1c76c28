"""A message's body taken apart: containers opened. Parses nothing: each part is parsed by itself (connection.py).

So a part that doesn't parse spoils no other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from actors.loopback.cipher import CannotDecrypt
from actors.loopback.tl import CONTAINER

__all__ = ["unpack"]

INNER = struct.Struct("<qii")
HEAD = 8  # constructor and count
LENGTH = 1024  # messages in a container (https://core.telegram.org/mtproto/service_messages#containers says 1020)


def unpack(message_id: int, body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (message id, body) for each message in a body that may be a container. Raises CannotDecrypt if it lies."""
    if len(body) < HEAD or int.from_bytes(body[:4], "little") != CONTAINER:
        yield message_id, body
        return
    count = int.from_bytes(body[4:HEAD], "little")
    place = HEAD
    if count > LENGTH:
        raise CannotDecrypt
    for _ in range(count):
        if place + INNER.size > len(body):
            raise CannotDecrypt
        inner_id, _, length = INNER.unpack_from(body, place)
        place += INNER.size
        if length < 0 or place + length > len(body):
            raise CannotDecrypt
        yield inner_id, body[place : place + length]
        place += length
