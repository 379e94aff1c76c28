"""The transport layer of one connection: packets in, packets out. It has no socket and encrypts nothing.

The `mtproto` package opens and closes packets (TcpFull, abridged, intermediate), and packets.py cuts them. Both have
several ways to say that a stranger sends nonsense; this module turns them into one exception. The connection uses it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mtproto.enums import ConnectionRole
from mtproto.transport.connection import Connection
from mtproto.transport.packets.error_packet import ErrorPacket
from mtproto.transport.packets.message_packet import EncryptedMessagePacket, UnencryptedMessagePacket
from mtproto.transport.transports.base_transport import BaseTransport

from actors.testing.server.wire.packets import BrokenFrame, Cutter

__all__ = ["BrokenFrame", "Encrypted", "Framing", "Plain"]

Encrypted = EncryptedMessagePacket
Plain = UnencryptedMessagePacket


class Framing:
    """One connection's packets. The first bytes tell the transport, as at Telegram."""

    __slots__ = ("_cutter", "_transport")

    def __init__(self) -> None:
        self._cutter = Cutter()
        self._transport: Connection[BaseTransport] = Connection(role=ConnectionRole.SERVER)

    def feed(self, data: bytes) -> Iterator[Encrypted | Plain]:
        """Take bytes and yield the whole packets in them. They are good even if a later one raises BrokenFrame."""
        for packet in self._cutter.feed(data):
            yield self._opened(packet)

    def _opened(self, data: bytes) -> Encrypted | Plain:
        try:
            self._transport.data_received(data)
            packet = self._transport.next_event() if self._transport.has_packet() else None
        except Exception as error:  # hostile contents make the package's readers fail in ways of their own
            raise BrokenFrame from error
        if not isinstance(packet, Encrypted | Plain):
            raise BrokenFrame  # None: bad checksum or sequence number; else: no packet of a client's
        return packet

    def plain(self, message_id: int, body: bytes) -> bytes:
        """Return an unencrypted message in a packet, as the key exchange sends them."""
        return bytes(self._transport.send(Plain(message_id, body)))

    def encrypted(self, key_id: int, msg_key: bytes, data: bytes) -> bytes:
        """Return an encrypted message in a packet."""
        return bytes(self._transport.send(Encrypted(key_id, msg_key, data)))

    def error(self, code: int) -> bytes:
        """Return a packet with a transport error, such as 404 for an unknown key."""
        return bytes(self._transport.send(ErrorPacket(code)))
