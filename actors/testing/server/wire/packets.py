"""Finds where one packet ends and the next begins, on each transport. It opens no packet: framing.py, its user, does.

The `mtproto` package decides from what has come so far. That fails on intermediate packets that come in pieces (0.3.1:
a length whose low byte is over 127 counts as whole). It also runs unknown first bytes through a slow cipher in search
of an obfuscated transport. So it gets only whole packets, and only those of transports that the server speaks.
https://core.telegram.org/mtproto/mtproto-transports
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum

__all__ = ["PACKET_LIMIT", "BrokenFrame", "Cutter"]

PACKET_LIMIT = 1024 * 1024  # bytes: what `mtproto` takes at most, and Telegram's clients keep below
LONG = 0x7F  # abridged: three bytes of length follow
LENGTH, NO_ACK = struct.Struct("<I"), 0x7FFFFFFF  # the top bit asks for a quick ack, which the loopback never gives
FULL_HEAD, FULL_OVERHEAD = struct.Struct("<II"), 12  # length and sequence number; with the checksum


class BrokenFrame(Exception):
    """The bytes are no packet of a known transport. The connection can only be closed."""


class Transport(Enum):
    """How packets are framed. The value is what a client sends first."""

    ABRIDGED = b"\xef"
    INTERMEDIATE = b"\xee" * 4
    PADDED = b"\xdd" * 4
    FULL = b""


class Cutter:
    """One connection's bytes, cut into packets. It holds no more than a packet and what came with the packet's end."""

    __slots__ = ("_buffer", "_tag", "_transport")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._tag = b""  # goes out in front of the first packet
        self._transport: Transport | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes and yield each whole packet with its length. Raises BrokenFrame, also for a hostile length."""
        self._buffer += data
        transport = self._transport or self._recognized()
        if transport is None:
            return
        while (length := self._length(transport)) is not None and len(self._buffer) >= length:
            packet = self._tag + self._buffer[:length]
            del self._buffer[:length]
            self._tag = b""
            yield packet

    def _recognized(self) -> Transport | None:
        """Tell the transport from the first bytes, once there are enough."""
        start = bytes(self._buffer[: FULL_HEAD.size])
        for transport in (Transport.ABRIDGED, Transport.INTERMEDIATE, Transport.PADDED):
            if start.startswith(transport.value):
                self._tag = transport.value
                del self._buffer[: len(transport.value)]
                self._transport = transport
                return transport
        if len(start) >= LENGTH.size:
            self._full_length()  # raises for what can't be one
        if len(start) == FULL_HEAD.size:
            if FULL_HEAD.unpack(start)[1] != 0:
                raise BrokenFrame
            self._transport = Transport.FULL
        return self._transport

    def _length(self, transport: Transport) -> int | None:
        """Return the length of the packet at the front, its length field included; None when it isn't known yet."""
        if transport is Transport.ABRIDGED:
            return self._abridged_length()
        if len(self._buffer) < LENGTH.size:
            return None
        if transport is Transport.FULL:
            return self._full_length()
        length = LENGTH.unpack_from(self._buffer)[0] & NO_ACK
        return _bounded(length) + LENGTH.size

    def _full_length(self) -> int:
        length: int = LENGTH.unpack_from(self._buffer)[0]
        if length <= FULL_OVERHEAD or length % 4:
            raise BrokenFrame
        return _bounded(length)

    def _abridged_length(self) -> int | None:
        if not self._buffer:
            return None
        words = self._buffer[0] & LONG
        if words != LONG:
            return _bounded(words * 4) + 1
        if len(self._buffer) < LENGTH.size:
            return None
        return _bounded(int.from_bytes(self._buffer[1:4], "little") * 4) + 4


def _bounded(length: int) -> int:
    if not 4 <= length <= PACKET_LIMIT:  # noqa: PLR2004  the shortest packet is a transport error, which clients may send
        raise BrokenFrame
    return length
