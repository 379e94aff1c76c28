"""What one MTProto session sends: message ids, sequence numbers, and several messages as one container.

It has no socket and encrypts nothing: the connection encrypts what `take` returns.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from actors.testing.server.clock import clock
from actors.testing.server.tl import CONTAINER

__all__ = ["Outgoing", "Parcel", "ids"]

INNER = struct.Struct("<qii")
CONTAINER_HEAD = struct.Struct("<Ii")
# Telethon copies the rest of a container for every result in it: small ones stay cheap.
CONTAINER_LENGTH, CONTAINER_BYTES = 50, 16 * 1024
REPLY, NOTICE = (
    1,
    3,
)  # a server's ids modulo 4 (https://core.telegram.org/mtproto/description#message-identifier-msg-id)


class Parcel(NamedTuple):
    """One message that is ready to be encrypted."""

    id: int
    sequence: int
    body: bytes
    alone: bool = False


class _Ids:
    """The message ids of the whole server: unique, rising, and close to the clock."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = 0

    def next(self, kind: int) -> int:
        """Return an id of the kind REPLY or NOTICE."""
        now = clock.nanoseconds()
        stamp = (now // 1_000_000_000 << 32) | (now % 1_000_000_000 << 2)
        self._last = max(self._last + 4, stamp)
        return self._last + kind

    def start_over(self) -> None:
        """Follow a clock that was set back."""
        self._last = 0


ids = _Ids()


class Outgoing:
    """The messages that wait to be sent in one session."""

    __slots__ = ("_content", "_waiting")

    def __init__(self) -> None:
        self._content = 0
        self._waiting: list[Parcel] = []

    def add(self, body: bytes, *, kind: int = REPLY, content: bool = True, alone: bool = False) -> None:
        """Queue a message. content: the client must acknowledge it. alone: it never goes into a container."""
        sequence = self._content * 2 + content
        self._content += content
        self._waiting.append(Parcel(ids.next(kind), sequence, body, alone))

    def take(self) -> Iterator[Parcel]:
        """Take everything that waits, packed into as few messages as is sensible."""
        waiting, self._waiting = self._waiting, []
        batch: list[Parcel] = []
        size = 0
        for parcel in waiting:
            full = size + len(parcel.body) > CONTAINER_BYTES or len(batch) == CONTAINER_LENGTH
            if batch and (full or parcel.alone or batch[-1].alone):
                yield self._pack(batch)
                batch, size = [], 0
            batch.append(parcel)
            size += len(parcel.body)
        if batch:
            yield self._pack(batch)

    def _pack(self, batch: list[Parcel]) -> Parcel:
        if len(batch) == 1:
            return batch[0]
        parts = [CONTAINER_HEAD.pack(CONTAINER, len(batch))]
        for parcel in batch:
            parts += (INNER.pack(parcel.id, parcel.sequence, len(parcel.body)), parcel.body)
        return Parcel(ids.next(REPLY), self._content * 2, b"".join(parts))
