"""What the rows stand on: a server, a loop and a system; sessions of ours, and plain clients as a user would make them.

A plain client is Telethon's own, with the default connection and nothing of this library.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from telethon import TelegramClient
from telethon.sessions import StringSession
from telethon.tl.types import InputPeerUser

import actors
from actors.testing import Loopback, loopback

__all__ = ["AT_ONCE", "SIZES", "Stage", "all_at_once", "connect", "connected", "hang_up", "staged"]

T = TypeVar("T")

AT_ONCE = 50
"""Sessions that connect at once, and clients."""


@dataclass
class Sizes:
    """What the command line sets. sessions: of a fleet; before: a checkout of an earlier state, to compare with."""

    sessions: int = 1000
    before: Path | None = None


SIZES = Sizes()


def plain_client(config: actors.SessionConfig) -> Any:
    """Return a client of Telethon's for this login; it isn't connected."""
    return TelegramClient(StringSession(config.session), config.api_id, config.api_hash)


async def all_at_once(work: Iterable[Callable[[], Awaitable[T]]], *, most: int = AT_ONCE) -> list[T]:
    """Do all of it, at most so many at once, and return the results in order."""
    places = asyncio.Semaphore(most)

    async def one(todo: Callable[[], Awaitable[T]]) -> T:
        async with places:
            return await todo()

    return await asyncio.gather(*(one(todo) for todo in work))


async def connect(config: actors.SessionConfig) -> Any:
    """Return a plain client that is connected."""
    client = plain_client(config)
    await client.connect()
    return client


@asynccontextmanager
async def connected(configs: Iterable[actors.SessionConfig]) -> AsyncGenerator[list[Any], None]:
    """Yield plain clients that are connected."""
    clients = await all_at_once([partial(connect, config) for config in configs])
    try:
        yield clients
    finally:
        await hang_up(clients)


async def hang_up(clients: Iterable[Any]) -> None:
    """Disconnect plain clients, all at once."""
    await asyncio.gather(*(client.disconnect() for client in clients))


class Stage:
    """A server, a loop, and a system on it. Everything on it runs by `run`."""

    def __init__(self, telegram: Loopback, loop: asyncio.AbstractEventLoop, system: actors.AsyncSystem) -> None:
        self.telegram = telegram
        self.system = system
        self._loop = loop
        self._clients: list[Any] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the loop until this is done, and return the result."""
        return self._loop.run_until_complete(work)

    def ask(self, session: actors.AsyncSessionRef, operation: actors.Operation[T]) -> T:
        """Ask a session on the loop, and return the answer."""
        return self.run(_answer(session, operation))

    def session(self, name: str, **settings: Any) -> actors.AsyncSessionRef:
        """Return a session that is online."""
        return self.run(self.system.start_session(self.telegram.add_session(name).with_(**settings)))

    def sessions(self, names: Iterable[str]) -> list[actors.AsyncSessionRef]:
        """Return sessions that are online."""
        configs = [self.telegram.add_session(name) for name in names]
        return self.run(all_at_once([partial(self.system.start_session, config) for config in configs]))

    def client(self, name: str) -> Any:
        """Return a plain client that is connected until the end."""
        return self.clients([name])[0]

    def clients(self, names: Iterable[str]) -> list[Any]:
        """Return plain clients that are connected until the end."""
        configs = [self.telegram.add_session(name) for name in names]
        made = self.run(all_at_once([partial(connect, config) for config in configs]))
        self._clients += made
        return made

    def peer(self, client: Any, username: str) -> Any:
        """Return how a client names an account, learned from the server once."""
        found = self.run(client.get_input_entity(username))
        return InputPeerUser(found.user_id, found.access_hash)

    def close(self) -> None:
        """Disconnect the plain clients."""
        self.run(hang_up(self._clients))


async def _answer(session: actors.AsyncSessionRef, operation: actors.Operation[T]) -> T:
    return await session.ask(operation)


@contextmanager
def staged(**limits: Any) -> Iterator[Stage]:
    """Open a stage for as long as the block lasts; limits are those of `open_system`."""
    with loopback() as telegram, asyncio.Runner() as runner:
        loop = runner.get_loop()
        opener = actors.open_system(**limits)
        stage = Stage(telegram, loop, loop.run_until_complete(opener.__aenter__()))
        try:
            yield stage
        finally:
            stage.close()
            loop.run_until_complete(opener.__aexit__(None, None, None))
