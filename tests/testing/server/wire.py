"""A client by hand, for what Telethon won't send: TcpFull frames, encrypted by Telethon's own MTProtoState."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from telethon.crypto import AuthKey
from telethon.extensions import BinaryReader
from telethon.network.mtprotostate import MTProtoState
from telethon.sessions import StringSession

from actors.model.config import ServerAddress, SessionConfig

__all__ = ["NoLog", "Wire", "hung_up", "open_wire", "parsed"]


class NoLog:
    """Telethon wants a logger; this is none."""

    def __getitem__(self, name: str) -> None:
        return None


class Wire:
    """One connection of a session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes) -> None:
        self.reader, self.writer = reader, writer
        self.state = MTProtoState(AuthKey(key), loggers=NoLog())
        self._count = 0

    def send_frame(self, payload: bytes) -> None:
        """Send a TcpFull frame."""
        frame = struct.pack("<ii", len(payload) + 12, self._count) + payload
        self._count += 1
        self.writer.write(frame + struct.pack("<I", crc32(frame)))

    def part(self, body: bytes, *, content: bool = True) -> tuple[int, bytes]:
        """Return (message id, message) for a body, content-related or not, uncompressed."""
        message_id = self.state._get_new_msg_id()
        sequence = self.state._get_seq_no(content_related=content)
        return message_id, struct.pack("<qii", message_id, sequence, len(body)) + body

    def send_message(self, message_id: int, sequence: int, body: bytes) -> None:
        """Send a message under an id and sequence number of the test's choice."""
        self.send_frame(self.state.encrypt_message_data(struct.pack("<qii", message_id, sequence, len(body)) + body))

    def send(self, *bodies: bytes) -> list[int]:
        """Send bodies as one message, in a container if there are several; return their message ids."""
        parts = [self.part(body) for body in bodies]
        packed = b"".join(part for _, part in parts)
        if len(parts) > 1:
            _, packed = self.part(struct.pack("<Ii", 0x73F1F8DC, len(parts)) + packed, content=False)
        self.send_frame(self.state.encrypt_message_data(packed))
        return [message_id for message_id, _ in parts]

    async def receive(self) -> list[Any]:
        """Return the objects of the next message, containers opened."""
        length, _ = struct.unpack("<ii", await self.reader.readexactly(8))
        payload = (await self.reader.readexactly(length - 8))[:-4]
        message = self.state.decrypt_message_data(payload)
        return [inner.obj for inner in getattr(message.obj, "messages", [message])]

    async def settle(self, body: bytes) -> None:
        """Send a harmless request until the salt is right, and swallow what comes."""
        self.send(body)
        for notice in await self.receive():
            self.state.salt = getattr(notice, "new_server_salt", self.state.salt)
        self.send(body)
        while not any(type(thing).__name__ == "RpcResult" for thing in await self.receive()):
            pass


def parsed(data: bytes) -> Any:
    """Return the TL object in some bytes."""
    return BinaryReader(data).tgread_object()


@asynccontextmanager
async def open_wire(address: ServerAddress, config: SessionConfig | None = None) -> AsyncIterator[Wire]:
    """A raw connection, with the key of a session if one is given."""
    key = StringSession(config.session).auth_key.key if config is not None else bytes(range(256))
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        yield Wire(reader, writer, key)
    finally:
        writer.transport.abort()


async def hung_up(wire: Wire) -> bool:
    """Wait until the server has closed the connection, without a byte."""
    try:
        return await asyncio.wait_for(wire.reader.read(), 5) == b""
    except ConnectionResetError:
        return True
