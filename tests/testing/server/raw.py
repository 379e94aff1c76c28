"""A client that costs next to nothing: requests encrypted beforehand, answers counted and thrown away. For speed.py."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Iterator
from hashlib import sha256

import cryptg
from telethon.crypto import AuthKey
from telethon.network.mtprotostate import MTProtoState

from tests.testing.server.frames import FRAMES
from tests.testing.server.wire import NoLog

__all__ = ["Raw"]

CONTAINER, RESULT = 0x73F1F8DC, 0xF35C6D01
INNER, HEAD = struct.Struct("<qii"), struct.Struct("<qqqii")
BATCH = 100  # requests in a container, as Telethon packs them


class Raw:
    """One connection of one session, with so many requests ready to be sent."""

    def __init__(self, key: bytes, salt: int, body: bytes, count: int) -> None:
        self._key = AuthKey(key)
        self.count = count
        self._packets = list(self._sealed(salt, body))

    def _sealed(self, salt: int, body: bytes) -> Iterator[bytes]:
        """Yield the requests as containers, encrypted and framed."""
        state = MTProtoState(self._key, loggers=NoLog())
        state.salt = salt
        message_id = int(time.time()) << 32
        for place in range(0, self.count, BATCH):
            parts = []
            for number in range(place, min(place + BATCH, self.count)):
                message_id += 4
                parts.append(INNER.pack(message_id, number * 2 + 1, len(body)) + body)
            message_id += 4
            packed = struct.pack("<Ii", CONTAINER, len(parts)) + b"".join(parts)
            head = INNER.pack(message_id, (place + len(parts)) * 2, len(packed))
            yield FRAMES["full"](state.encrypt_message_data(head + packed), place // BATCH)

    async def run(self, host: str, port: int) -> None:
        """Send everything, a few containers ahead of the answers, and return when all are answered."""
        reader, writer = await asyncio.open_connection(host, port)
        answered, sent = 0, 0
        try:
            while answered < self.count:
                while sent < len(self._packets) and sent * BATCH - answered < 4 * BATCH:
                    writer.write(self._packets[sent])
                    sent += 1
                length = struct.unpack("<i", await reader.readexactly(4))[0]
                packet = await reader.readexactly(length - 4)
                answered += self._answers(packet[4:-4])
        finally:
            writer.transport.abort()

    def _answers(self, packet: bytes) -> int:
        """Return how many RPC results are in a packet."""
        key, msg_key = self._key.key, packet[8:24]
        a, b = sha256(msg_key + key[8:44]).digest(), sha256(key[48:84] + msg_key).digest()
        plain = cryptg.decrypt_ige(packet[24:], a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32])
        body = plain[HEAD.size :]
        constructor, count = struct.unpack_from("<Ii", body)
        if constructor != CONTAINER:
            return int(constructor == RESULT)
        place, found = 8, 0
        for _ in range(count):
            length = INNER.unpack_from(body, place)[2]
            place += INNER.size
            found += struct.unpack_from("<I", body, place)[0] == RESULT
            place += length
        return found
