"""A file of 50 MB up and down, beside plain Telethon with parts of the same size: over a slow line, and over none.

Both sides read the file from the disk, and write it to the disk and wait until it is there (fsync). Telethon's side has
a client and an account of its own on the same server, and the same account's data center holds the file.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from telethon import TelegramClient
from telethon.sessions import StringSession

import actors
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import Row, compare

__all__ = ["rows"]

SIZE = 50_000_000
PART_KIB = 512
ROUND_TRIP = 0.05
LONG = 3600.0


class Race:
    """Both ways of moving a file; each returns MB a second."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, alice: actors.AsyncSessionRef, telethon: TelegramClient, folder: Path
    ) -> None:
        self._loop = loop
        self._alice = alice
        self._telethon = telethon
        self._source = folder / "source"
        self._copy = folder / "copy"
        self._sent = 0
        self._theirs: Any = None

    def up_by_the_actor(self) -> float:
        """Send it."""
        return self._speed(self._send())

    def up_by_telethon(self) -> float:
        """Send it with upload_file and send_file."""
        return self._speed(self._upload())

    def down_by_the_actor(self) -> float:
        """Fetch it."""
        return self._speed(self._fetch())

    def down_by_telethon(self) -> float:
        """Fetch it with iter_download."""
        return self._speed(self._download())

    def _speed(self, moving: Coroutine[Any, Any, None]) -> float:
        begun = time.perf_counter()
        self._loop.run_until_complete(moving)
        return SIZE / 1e6 / (time.perf_counter() - begun)

    async def _send(self) -> None:
        self._sent = (await self._alice.ask(actors.SendFile("me", self._source).with_(run_timeout=LONG))).id

    async def _upload(self) -> None:
        handle = await self._telethon.upload_file(self._source, part_size_kb=PART_KIB)
        self._theirs = await self._telethon.send_file("me", handle, force_document=True)

    async def _fetch(self) -> None:
        await self._alice.ask(actors.DownloadFile("me", self._sent, self._copy).with_(run_timeout=LONG))
        self._check()

    async def _download(self) -> None:
        with self._copy.open("wb") as file:
            async for piece in self._telethon.iter_download(self._theirs.media, request_size=PART_KIB * 1024):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self._check()

    def _check(self) -> None:
        """Look at the size alone: the tests compare bytes."""
        if self._copy.stat().st_size != SIZE:
            raise AssertionError("the copy has another size")
        self._copy.unlink()


Measure = Callable[[], float]


def _rows(race: Race, *, where: str, bar: float, rounds: int) -> Iterator[Row]:
    ways: list[tuple[str, str, Measure, Measure]] = [
        ("up", "upload_file", race.up_by_the_actor, race.up_by_telethon),
        ("down", "iter_download", race.down_by_the_actor, race.down_by_telethon),
    ]
    for way, beside, ours, theirs in ways:
        yield compare(f"50 MB {way}, {where}", beside, "MB/s", ours, theirs, bar=bar, rounds=rounds)


def _all(loop: asyncio.AbstractEventLoop, telegram: Loopback, folder: Path) -> Iterator[Row]:
    (folder / "source").write_bytes(Random(0).randbytes(SIZE))  # noqa: S311  noise for a benchmark
    opener = actors.open_system()
    system = loop.run_until_complete(opener.__aenter__())
    config = telegram.add_session("bob")
    telethon = TelegramClient(StringSession(config.session), config.api_id, config.api_hash, flood_sleep_threshold=0)
    try:
        alice = loop.run_until_complete(system.start_session(telegram.add_session("alice")))
        loop.run_until_complete(telethon.connect())
        race = Race(loop, alice, telethon, folder)
        yield from _rows(race, where="no delay", bar=1.0, rounds=7)
        telegram.fail("upload.*", delay=ROUND_TRIP)
        yield from _rows(race, where="50 ms a round trip", bar=5.0, rounds=3)
    finally:
        loop.run_until_complete(_leave(telethon))
        loop.run_until_complete(opener.__aexit__(None, None, None))


async def _leave(telethon: TelegramClient) -> None:
    await telethon.disconnect()


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with loopback() as telegram, asyncio.Runner() as runner, TemporaryDirectory() as folder:
        yield from _all(runner.get_loop(), telegram, Path(folder))
