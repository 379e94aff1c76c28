"""Packets in, packets out: the transport layer of one connection. Not encryption, and no socket.

The `mtproto` package does the work (TcpFull, abridged, intermediate); this module turns its ways of saying "this
stranger talks nonsense" into one exception. Used by connection.py.
"""

from __future__ import annotations

from mtproto.enums import ConnectionRole
from mtproto.transport.connection import Connection
from mtproto.transport.packets.error_packet import ErrorPacket
from mtproto.transport.packets.message_packet import EncryptedMessagePacket, UnencryptedMessagePacket
from mtproto.transport.transports.base_transport import BaseTransport

__all__ = ["BrokenFrame", "Encrypted", "Framing", "Plain"]

Encrypted = EncryptedMessagePacket
Plain = UnencryptedMessagePacket


class BrokenFrame(Exception):
    """What came is no packet of a known transport: the connection can only be closed."""


class Framing:
    """One connection's packets. The transport is told from the first bytes, as Telegram does."""

    __slots__ = ("_transport",)

    def __init__(self) -> None:
        self._transport: Connection[BaseTransport] = Connection(role=ConnectionRole.SERVER)

    def feed(self, data: bytes) -> list[Encrypted | Plain]:
        """Take bytes and return the whole packets in them. Raises BrokenFrame."""
        try:
            return self._feed(data)
        except BrokenFrame:
            raise
        except Exception as error:  # hostile lengths make the package's readers fail in ways of their own
            raise BrokenFrame from error

    def _feed(self, data: bytes) -> list[Encrypted | Plain]:
        self._transport.data_received(data)
        packets: list[Encrypted | Plain] = []
        while self._transport.has_packet():
            packet = self._transport.next_event()
            if not isinstance(packet, Encrypted | Plain):
                # None: bad checksum or sequence number; DISCONNECT: too long; else: no packet of a client's
                raise BrokenFrame
            packets.append(packet)
        return packets

    def plain(self, message_id: int, body: bytes) -> bytes:
        """Return an unencrypted message, as the key exchange sends them."""
        return bytes(self._transport.send(Plain(message_id, body)))

    def encrypted(self, key_id: int, msg_key: bytes, data: bytes) -> bytes:
        """Return an encrypted message."""
        return bytes(self._transport.send(Encrypted(key_id, msg_key, data)))

    def error(self, code: int) -> bytes:
        """Return a transport error, such as 404 for an unknown key."""
        return bytes(self._transport.send(ErrorPacket(code)))
