"""The transport of one client, watched: it tells when it is up and when it is gone, and remembers why.

It is neither a retry loop nor a session. Telethon says neither of the two, and hides the reason behind 'Connection to
Telegram failed 1 time(s)'. Besides, Telethon's Connection can be connected again while loops and packets of the time
before are still there; this one waits for the loops to end, and starts with empty queues.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from telethon.network import ConnectionTcpFull

from actors.model.client import ConnectionWatcher

__all__ = ["Transport", "WatchedConnection", "watched"]


class Transport:
    """What is known of one client's main connection: whether it is up, and the last error that kept it down."""

    def __init__(self, watcher: ConnectionWatcher, session: Any) -> None:
        self.is_up = False
        self.reason: OSError | None = None
        self.pause = 0.0
        self.losses = 0
        self._watcher = watcher
        self._session = session

    def is_main(self, dc_id: int) -> bool:
        """Say whether a connection to this data center is the account's own, and not one for files."""
        return bool(dc_id == self._session.dc_id)

    def came_up(self) -> None:
        """Tell the watcher that the connection is up, once."""
        if not self.is_up:
            self.is_up, self.reason = True, None
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


class WatchedConnection(ConnectionTcpFull):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's TCP connection, which reports to a `Transport`."""

    transport: ClassVar[Transport]

    async def connect(self, timeout: float | None = None, ssl: Any = None) -> None:  # noqa: ASYNC109  Telethon's hook
        """Connect, once the connection before has ended (telethon Connection.connect)."""
        await self._ended()
        self._send_queue: asyncio.Queue[Any] = asyncio.Queue(1)
        self._recv_queue: asyncio.Queue[Any] = asyncio.Queue(1)
        main = self.transport.is_main(self._dc_id)
        if main:
            await self.transport.wait()
        try:
            await super().connect(timeout=timeout, ssl=ssl)
        except OSError as error:
            if main:
                self.transport.reason = error
            raise
        if main:
            self.transport.came_up()

    async def _ended(self) -> None:
        loops = {task for task in (self._send_task, self._recv_task) if task is not None and not task.done()}
        if loops and not self._connected:
            await asyncio.wait(loops)

    async def disconnect(self) -> None:
        """Close at once, without waiting for a peer that takes no more bytes (telethon Connection.disconnect)."""
        if self._connected:
            for task in {self._send_task, self._recv_task} - {asyncio.current_task()}:
                task.cancel()  # first, or it would report that the server has closed the connection
            self._writer.transport.abort()
            if self._recv_queue.empty():  # who waits for a packet would wait on: a failed write ends the reading loop
                self._recv_queue.put_nowait((None, ConnectionError("the connection is closed")))
            if self.transport.is_main(self._dc_id):
                self.transport.went_down()
        await super().disconnect()


def watched(transport: Transport) -> type[WatchedConnection]:
    """Return the class that Telethon makes the connections of one client from."""
    return type("WatchedConnection", (WatchedConnection,), {"transport": transport})
