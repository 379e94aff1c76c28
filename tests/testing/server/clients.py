"""Telethon clients for the tests, and a way to wait for a condition instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from telethon import TelegramClient, events
from telethon.crypto import rsa
from telethon.sessions import StringSession

from actors.model.config import ServerAddress, SessionConfig

__all__ = ["connected", "eventually", "heard", "stranger", "told"]

PATIENCE = 10.0


@asynccontextmanager
async def connected(config: SessionConfig, **options: Any) -> AsyncIterator[Any]:
    """A connected client of a session, that reports errors rather than retry by itself."""
    defaults = {"request_retries": 1, "raise_last_call_error": True, "flood_sleep_threshold": 0, "retry_delay": 0.05}
    client = TelegramClient(StringSession(config.session), config.api_id, config.api_hash, **{**defaults, **options})
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


@asynccontextmanager
async def stranger(address: ServerAddress, **options: Any) -> AsyncIterator[Any]:
    """A client without a key: connecting makes it exchange one."""
    rsa.add_key(address.public_key, old=False)
    client = TelegramClient(StringSession(), 1, "hash", request_retries=1, raise_last_call_error=True, **options)
    client.session.set_dc(2, address.host, address.port)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


def heard(client: Any) -> list[str]:
    """The texts of the new messages that a client is told of from now on, in order."""
    texts: list[str] = []

    async def hear(event: Any) -> None:
        texts.append(event.raw_text)

    client.add_event_handler(hear, events.NewMessage(incoming=True))
    return texts


async def eventually(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until a condition holds; fail when it doesn't within so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.005)


def told(client: Any, *kinds: type) -> list[Any]:
    """The raw updates of these kinds that a client is told of from now on, in order; all kinds if none is named."""
    updates: list[Any] = []

    async def note(update: Any) -> None:
        updates.append(update)

    client.add_event_handler(note, events.Raw(list(kinds) or None))
    return updates
