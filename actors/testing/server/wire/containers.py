"""Opens containers: it takes a message's body apart into messages. The connection uses it.

It parses none of them: the connection parses each part by itself, so a part that doesn't parse spoils no other.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from actors.testing.server.tl import CONTAINER

__all__ = ["BadContainer", "Part", "contents"]

INNER = struct.Struct("<qii")
HEAD = 8  # constructor and count
LENGTH = 1024  # messages in a container (https://core.telegram.org/mtproto/service_messages#containers says 1020)


class BadContainer(Exception):
    """The container is longer than allowed, or its lengths don't fit its bytes."""


class Part(NamedTuple):
    """One message of a container: its id, its sequence number, its body."""

    id: int
    sequence: int
    body: bytes


def contents(body: bytes) -> list[Part] | None:
    """Return the messages of a body that is a container; None when it is none. Raises BadContainer."""
    if len(body) < HEAD or int.from_bytes(body[:4], "little") != CONTAINER:
        return None
    count = int.from_bytes(body[4:HEAD], "little")
    if count > LENGTH:
        raise BadContainer
    parts, place = [], HEAD
    for _ in range(count):
        if place + INNER.size > len(body):
            raise BadContainer
        inner_id, sequence, length = INNER.unpack_from(body, place)
        place += INNER.size
        if length < 0 or place + length > len(body):
            raise BadContainer
        parts.append(Part(inner_id, sequence, body[place : place + length]))
        place += length
    return parts
