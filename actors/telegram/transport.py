"""The connection of a client to a server: packets out and in, without a task or a queue of its own.

`DirectConnection` is the one class that all clients get as Telethon's `connection=`. It writes a packet when Telethon
sends one, and hands over each that arrives when Telethon asks for it (telethon.network.connection.Connection puts two
tasks and two queues between). It tells its client's `Transport` when the account's main connection is up and when it
is gone, and why, of which Telethon itself says nothing.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any
from zlib import crc32

from telethon.errors import InvalidBufferError, InvalidChecksumError
from telethon.network import Connection

from actors.model.client import ConnectionWatcher
from actors.telegram.server_key import ServerKey

__all__ = ["DirectConnection", "Transport"]

TRANSPORT = "actors.transport"
"""Under this name a client's loggers, which Telethon hands to each of its connections, have its `Transport`."""

AHEAD = 1 << 20
"""Bytes that may have arrived before anybody asked for them; then the server has to wait."""

_HEAD = struct.Struct("<ii")
_CHECK = struct.Struct("<I")
_FRAME = _HEAD.size + _CHECK.size


class Transport:
    """What is known of one client's main connection: whether it is up, and the last error that kept it down.

    server_key: what every server must prove that this client connects to; None for Telegram's own keys. last_byte: when
    the last byte came from the server, by `time.monotonic`.
    """

    def __init__(self, watcher: ConnectionWatcher, session: Any, server_key: ServerKey | None = None) -> None:
        self.server_key = server_key
        self.is_up = False
        self.reason: OSError | None = None
        self.pause = 0.0
        self.losses = 0
        self.last_byte = 0.0
        self._watcher = watcher
        self._session = session

    def watch(self, client: Any) -> None:
        """Hear of the connections that a TelegramClient makes."""
        client._log[TRANSPORT] = self

    def is_main(self, dc_id: int) -> bool:
        """Say whether a connection to this data center is the account's own, and not one for files."""
        return bool(dc_id == self._session.dc_id)

    def came_up(self) -> None:
        """Tell the watcher that the connection is up, once."""
        if not self.is_up:
            self.is_up, self.reason, self.last_byte = True, None, monotonic()
            self._watcher.connection_up()

    def went_down(self) -> None:
        """Tell the watcher that the connection is gone, once, and keep the pause that it asks for."""
        if self.is_up:
            self.is_up = False
            self.losses += 1
            self.pause = self._watcher.connection_lost()

    async def wait(self) -> None:
        """Wait for the pause that the watcher asked for when the connection was lost."""
        pause, self.pause = self.pause, 0.0
        if pause:
            await asyncio.sleep(pause)


class DirectConnection(Connection, asyncio.Protocol):  # type: ignore[misc]  # Telethon is untyped
    """A TCP connection in full transport mode (core.telegram.org/mtproto/mtproto-transports, Full)."""

    def __init__(
        self, ip: str, port: int, dc_id: int, *, loggers: Mapping[str, Any], proxy: Any = None, local_addr: Any = None
    ) -> None:
        self._ip = ip
        self._port = port
        self._dc_id = dc_id
        self._proxy = proxy
        self._local_addr = local_addr
        self._connected = False
        watching: Transport | None = loggers.get(TRANSPORT)
        self._watching = watching if watching is not None and watching.is_main(dc_id) else None
        self.server_key = None if watching is None else watching.server_key
        self._wire: asyncio.Transport | None = None
        self._forget()

    def _forget(self) -> None:
        """Begin anew: nothing was sent, and nothing has arrived."""
        self._sent = 0
        self._rest = b""
        self._arrived: list[bytes | Exception] = []
        self._ahead = 0
        self._reader: asyncio.Future[None] | None = None
        self._writers: asyncio.Future[None] | None = None

    # What Telethon calls.

    async def connect(self, timeout: float | None = None, ssl: Any = None) -> None:  # noqa: ASYNC109  Telethon's hook
        """Connect, after the pause that is asked for; raises OSError."""
        if self._watching is not None:
            await self._watching.wait()
        try:
            async with asyncio.timeout(timeout):
                await self._open(timeout, ssl)
        except OSError as error:
            if self._watching is not None:
                self._watching.reason = error
            raise
        if self._watching is not None:
            self._watching.came_up()

    async def _open(self, timeout: float | None, ssl: Any) -> None:  # noqa: ASYNC109  for the proxy
        loop = asyncio.get_running_loop()
        self._forget()
        if self._proxy:
            sock = await self._proxy_connect(timeout=timeout, local_addr=self._local_addr)
            host = self._ip if ssl else None
            wire, _ = await loop.create_connection(lambda: self, sock=sock, ssl=ssl, server_hostname=host)
        else:
            local = (self._local_addr, 0) if isinstance(self._local_addr, str) else self._local_addr
            wire, _ = await loop.create_connection(lambda: self, self._ip, self._port, ssl=ssl, local_addr=local)
        self._wire = wire
        self._connected = True

    async def disconnect(self) -> None:
        """Close at once, without waiting for a peer that takes no more bytes."""
        self._end(ConnectionError("the connection is closed"))

    async def send(self, data: bytes) -> None:
        """Write a packet: length, number and checksum around it. Waits while the peer takes no more bytes."""
        if not self._connected or self._wire is None:
            raise ConnectionError("Not connected")
        packet = _HEAD.pack(len(data) + _FRAME, self._sent) + data
        self._sent += 1
        self._wire.write(packet + _CHECK.pack(crc32(packet)))
        if self._writers is not None:
            await asyncio.shield(self._writers)

    @property
    def unsent(self) -> int:
        """How many bytes wait to leave: here, and on Linux also those that the other end has yet to acknowledge."""
        if self._wire is None:
            return 0
        return self._wire.get_write_buffer_size() + _in_the_kernel(self._wire.get_extra_info("socket").fileno())

    async def recv(self) -> bytes:
        """Return the next packet that has arrived; raises ConnectionError when there will be none."""
        while not self._arrived:
            if not self._connected:
                raise ConnectionError("Not connected")
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            except asyncio.CancelledError:  # Telethon closes before it cancels: this is the end of the loop
                self._end(ConnectionError("nobody reads any more"))
                raise
            finally:
                self._reader = None
        packet = self._arrived.pop(0)
        if isinstance(packet, Exception):
            raise packet
        ahead, self._ahead = self._ahead, self._ahead - len(packet)
        if ahead > AHEAD >= self._ahead and self._wire is not None:
            self._wire.resume_reading()
        return packet

    # What the loop calls (asyncio.Protocol).

    def data_received(self, data: bytes) -> None:
        """Cut what has arrived into packets."""
        if self._watching is not None:
            self._watching.last_byte = monotonic()
        data = self._rest + data if self._rest else data
        at, size = 0, len(data)
        while size - at >= _HEAD.size:
            length, number = _HEAD.unpack_from(data, at)
            if length < 0 and number < 0:  # an error of the server's, and its code once more
                if size - at < _FRAME:
                    break
                self._arrive(InvalidBufferError(data[at + _HEAD.size : at + _FRAME]))
                at += _FRAME
                continue
            if length < _FRAME:
                self._end(InvalidBufferError(data[at : at + _HEAD.size]))
                return
            if size - at < length:
                break
            self._arrive(_unpacked(data[at : at + length]))
            at += length
        self._rest = data[at:]

    def eof_received(self) -> None:
        """Hand over what is left: a server that refuses a key says so in four bytes, and closes."""
        if 0 < len(self._rest) < _HEAD.size:
            self._arrive(self._rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever reads or writes."""
        self._end(exc if isinstance(exc, OSError) else ConnectionError("the server closed the connection"))

    def pause_writing(self) -> None:
        """Have senders wait."""
        self._writers = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let senders go on."""
        writers, self._writers = self._writers, None
        if writers is not None and not writers.done():
            writers.set_result(None)

    def _arrive(self, packet: bytes | Exception) -> None:
        self._arrived.append(packet)
        if not isinstance(packet, Exception):
            before, self._ahead = self._ahead, self._ahead + len(packet)
            if before <= AHEAD < self._ahead and self._wire is not None:
                self._wire.pause_reading()
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _end(self, error: Exception) -> None:
        """Be closed, for this reason: for who reads after what has arrived, for who writes at once."""
        if not self._connected:
            return
        self._connected = False
        if self._wire is not None:
            self._wire.abort()
            self._wire = None
        self._arrive(error)
        self.resume_writing()
        if self._watching is not None:
            self._watching.went_down()


def _unpacked(packet: bytes) -> bytes | InvalidChecksumError:
    """Return the body of a packet, or that it was damaged on its way."""
    (said,) = _CHECK.unpack_from(packet, len(packet) - _CHECK.size)
    counted = crc32(memoryview(packet)[: -_CHECK.size])
    return packet[_HEAD.size : -_CHECK.size] if said == counted else InvalidChecksumError(said, counted)


if sys.platform == "linux":
    from fcntl import ioctl
    from termios import TIOCOUTQ

    def _in_the_kernel(socket: int) -> int:
        """Return the bytes of a socket that wait for the other end to acknowledge them (tcp(7), SIOCOUTQ)."""
        waiting = ioctl(socket, TIOCOUTQ, bytes(4))
        return int.from_bytes(waiting, sys.byteorder)
else:

    def _in_the_kernel(_: int) -> int:
        """Return 0: no other system says it in one way for all sockets."""
        return 0
