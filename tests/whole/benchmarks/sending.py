"""A send through a session actor, one at a time, beside the identical raw request on the same client."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from typing import Any

from telethon.tl.functions.messages import SendMessageRequest
from telethon.tl.types import InputPeerUser

import actors
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import Row, compare

__all__ = ["rows"]

SENDS = 300


class Race:
    """Both ways of sending, on one session of one server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, alice: actors.AsyncSessionRef, raw: Any, bob: Any) -> None:
        self._loop = loop
        self._alice = alice
        self._raw = raw
        self._bob = bob

    def through_the_actor(self) -> float:
        """Return sends a second."""
        return self._loop.run_until_complete(self._through_the_actor())

    def by_the_client(self) -> float:
        """Return requests a second."""
        return self._loop.run_until_complete(self._by_the_client())

    async def _through_the_actor(self) -> float:
        begun = time.perf_counter()
        for number in range(SENDS):
            await self._alice.ask(actors.SendMessage("bob", f"message {number}"))
        return SENDS / (time.perf_counter() - begun)

    async def _by_the_client(self) -> float:
        begun = time.perf_counter()
        for number in range(SENDS):
            await self._raw(SendMessageRequest(self._bob, f"message {number}", random_id=secrets.randbits(63)))
        return SENDS / (time.perf_counter() - begun)


async def _client_and_peer(client: actors.Client) -> tuple[Any, Any]:
    peer = await client.resolve("bob")
    return client.telethon, InputPeerUser(peer.id, peer.access_hash)


async def _ask(alice: actors.AsyncSessionRef, operation: actors.Operation[Any]) -> Any:
    return await alice.ask(operation)


def _row(loop: asyncio.AbstractEventLoop, telegram: Loopback) -> Row:
    opener = actors.open_system()
    system = loop.run_until_complete(opener.__aenter__())
    try:
        telegram.add_session("bob")
        alice = loop.run_until_complete(system.start_session(telegram.add_session("alice")))
        telethon, bob = loop.run_until_complete(_ask(alice, actors.Call("peer", _client_and_peer)))
        race = Race(loop, alice, telethon, bob)
        race.by_the_client()
        return compare(
            "a send through a session actor, one at a time",
            "the raw request",
            "1/s",
            race.through_the_actor,
            race.by_the_client,
            bar=0.95,
            rounds=11,
        )
    finally:
        loop.run_until_complete(opener.__aexit__(None, None, None))


def rows() -> Iterator[Row]:
    """Yield the row of this file."""
    with loopback() as telegram, asyncio.Runner() as runner:
        yield _row(runner.get_loop(), telegram)
