"""What the tests of this folder need around a client."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from actors.model.config import SessionConfig
from actors.model.content import Message
from actors.model.errors import FloodWait, TelegramError
from actors.model.updates import NewMessage, Update
from actors.telegram.client import TelethonClient
from actors.telegram.factory import telethon_factory
from actors.testing import Loopback

_NUMBERS = itertools.count(1)
DEADLINE = 5.0
"""Seconds that anything may take here before the test fails."""


@dataclass
class Watcher:
    """Owns a client: writes down what it says, and refuses all that it asks for, or nothing.

    pause: seconds before it may connect again.
    """

    seen: list[str] = field(default_factory=list)
    refused: FloodWait | None = None
    pause: float = 0.0

    def connection_up(self) -> None:
        """It is up."""
        self.seen.append("up")

    def connection_lost(self) -> float:
        """It is gone."""
        self.seen.append("lost")
        return self.pause

    @property
    def holds(self) -> tuple[str, ...]:
        """Nothing, or everything."""
        return () if self.refused is None else ("everything",)

    def refusal(self, method: str, chat: str) -> FloodWait | None:
        """Refuse it, or let it leave."""
        del method, chat
        return self.refused

    def flooded(self, error: FloodWait) -> None:
        """Telegram asks for a pause."""
        self.seen.append(f"{error.method} {error.retry_after:g}")

    def logged_out(self, error: TelegramError) -> None:
        """The login is over."""
        self.seen.append(error.name)


@dataclass
class Desk:
    """A server, and fresh names on it, so that tests don't see one another's accounts."""

    telegram: Loopback

    def name(self, base: str) -> str:
        """Return a name that no test has used."""
        return f"{base}{next(_NUMBERS)}"

    def config(self, base: str = "alice") -> SessionConfig:
        """Return the config of a new account."""
        return self.telegram.add_session(self.name(base))

    def channel(self, *members: str, messages: int = 0) -> str:
        """Add a supergroup and return its name."""
        name = self.name("channel")
        self.telegram.add_channel(name, members=members, messages=messages)
        return name

    def calls(self, config: SessionConfig) -> list[str]:
        """Return the methods that an account has called."""
        return [str(call) for call in self.telegram.calls(config.name)]


@pytest.fixture
def desk(telegram: Loopback) -> Desk:
    """Lend the server."""
    return Desk(telegram)


@asynccontextmanager
async def online(config: SessionConfig, watcher: Watcher | None = None) -> AsyncIterator[TelethonClient]:
    """Give a connected client, and leave nothing of it behind."""
    client = new_client(config, watcher)
    await client.connect()
    try:
        await until(lambda: is_caught_up(client))  # what comes meanwhile may come as a gap
        yield client
    finally:
        await client.disconnect()


def new_client(config: SessionConfig, watcher: Watcher | None = None) -> TelethonClient:
    """Return an unconnected client."""
    client = telethon_factory(config)(watcher or Watcher())
    assert isinstance(client, TelethonClient)
    return client


def is_caught_up(client: TelethonClient) -> bool:
    """Say whether Telethon asks for no difference: it does so whenever it has connected."""
    telethon = client.telethon
    return telethon._updates_queue.empty() and not telethon._message_box.getting_diff_for


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, at most DEADLINE seconds."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110  the condition is the server's, there is nothing to be told by
            await asyncio.sleep(0.005)


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine; fail it when it leaves a task behind, or takes too long."""

    async def main() -> None:
        async with asyncio.timeout(4 * DEADLINE):
            await test
        assert other_tasks() == set()

    asyncio.run(main())


def other_tasks() -> set[asyncio.Task[Any]]:
    """Return the tasks that run besides the test's own."""
    return asyncio.all_tasks() - {asyncio.current_task()}


def updates_of(client: TelethonClient) -> list[Update]:
    """Return the list that a client's updates go to from now on."""
    heard: list[Update] = []
    client.on_update(heard.append)
    return heard


def messages_of(client: TelethonClient) -> list[Message]:
    """Return the list that a client's new messages go to from now on."""
    heard: list[Message] = []

    def hear(update: Update) -> None:
        if isinstance(update, NewMessage):
            heard.append(update.message)

    client.on_update(hear)
    return heard


async def raised_by(call: Awaitable[object]) -> Exception:
    """Return the exception that a call ends with."""
    try:
        await call
    except Exception as error:  # noqa: BLE001  the tests look at it
        return error
    raise AssertionError("nothing was raised")
