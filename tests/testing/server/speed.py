"""How fast the loopback is: `python -m tests.testing.server.speed [--sessions 2000] [--json FILE]`.

Not a timed test: it prints ratios of two things measured in one run on one machine. Client and server are separate
processes, so two processor cores are used; with fewer, or busier ones, the ratio is lower than the server deserves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from telethon.sessions import StringSession
from telethon.tl import functions, types

from actors.model.config import SessionConfig
from actors.testing import Loopback, loopback
from tests.testing.server.clients import connected
from tests.testing.server.raw import Raw

__all__ = ["history", "memory", "rates", "sessions"]

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])


def memory(telegram: Loopback) -> int:
    """Return the server's resident memory in KiB (Linux)."""
    lines = Path(f"/proc/{telegram.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def _salt(config: SessionConfig) -> int:
    async with connected(config) as client:
        await client(GET_ME)
        salt: int = client._sender._state.salt
        return salt


async def _telethon(config: SessionConfig, count: int) -> float:
    """Return the requests a second that one Telethon client makes, 100 at once."""
    async with connected(config) as client:
        started = time.perf_counter()
        for _ in range(count // 100):
            await asyncio.gather(*[client(GET_ME) for _ in range(100)])
        return count / (time.perf_counter() - started)


async def _raw(host: str, port: int, clients: list[Raw]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*[client.run(host, port) for client in clients])
    return sum(client.count for client in clients) / (time.perf_counter() - started)


def _telethon_process(config: SessionConfig, count: int) -> float:
    return asyncio.run(_telethon(config, count))


def rates(telegram: Loopback, *, clients: int, count: int, rounds: int) -> dict[str, float]:
    """Return requests a second: of one Telethon client, and of the server with several raw clients, best of rounds."""
    config = telegram.add_session("telethon")
    configs = [telegram.add_session(f"raw-{number}") for number in range(clients)]
    salts = [asyncio.run(_salt(one)) for one in configs]
    keys = [StringSession(one.session).auth_key.key for one in configs]
    by_telethon, by_server = 0.0, 0.0
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # a fresh interpreter: nothing of this one slows it down
        for _ in range(rounds):
            by_telethon = max(by_telethon, pool.apply(_telethon_process, (config, count)))
            raws = [Raw(key, salt, bytes(GET_ME), count) for key, salt in zip(keys, salts, strict=True)]
            by_server = max(by_server, asyncio.run(_raw(telegram.address.host, telegram.address.port, raws)))
    return {"telethon": by_telethon, "server": by_server, "ratio": by_server / by_telethon}


async def _connect_all(telegram: Loopback, configs: list[SessionConfig], empty: int) -> dict[str, float]:
    before = memory(telegram)
    async with AsyncExitStack() as stack:
        started = time.perf_counter()
        clients: list[Any] = []
        for place in range(0, len(configs), 100):
            batch = [stack.enter_async_context(connected(config)) for config in configs[place : place + 100]]
            clients += await asyncio.gather(*batch)
        took = time.perf_counter() - started
        await asyncio.gather(*[client(GET_ME) for client in clients])
        live = sum(telegram.connections(config.name) for config in configs)
        grown = memory(telegram) - before
    whole = before + grown - empty
    return {"sessions": live, "seconds": took, "KiB each": grown / live, "KiB each with account and key": whole / live}


def sessions(telegram: Loopback, count: int) -> dict[str, float]:
    """Connect so many Telethon clients; return how many are, how long it took, and the server's memory for each."""
    empty = memory(telegram)
    configs = [telegram.add_session(f"session-{number}") for number in range(count)]
    return asyncio.run(_connect_all(telegram, configs, empty))


async def _pages(config: SessionConfig, length: int) -> dict[str, float]:
    async with connected(config) as client:
        peer = await client.get_input_entity("@archive")
        times: dict[str, list[float]] = {"newest": [], "middle": [], "oldest": []}
        offsets = {"newest": 0, "middle": length // 2, "oldest": 101}
        for _ in range(50):
            for where, offset in offsets.items():
                started = time.perf_counter()
                page = await client(functions.messages.GetHistoryRequest(peer, offset, None, 0, 100, 0, 0, 0))
                times[where].append((time.perf_counter() - started) * 1000)
                assert len(page.messages) == 100
        started = time.perf_counter()
        read = [message.id async for message in client.iter_messages(peer, limit=None, wait_time=0)]
        assert read == list(range(length, 0, -1))
        rate = length / (time.perf_counter() - started)
    found = {f"{where} page, ms": statistics.median(all_) for where, all_ in times.items()}
    return {**found, "messages a second": rate, "oldest by newest": found["oldest page, ms"] / found["newest page, ms"]}


def history(telegram: Loopback, length: int) -> dict[str, float]:
    """Read a history of so many messages; return milliseconds a page at both ends and in the middle."""
    telegram.add_channel("archive", members=["reader"], messages=length)
    return asyncio.run(_pages(telegram.add_session("reader-1", account="reader"), length))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.testing.server.speed", description=__doc__)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    with loopback() as telegram:
        found["rates, requests a second"] = rates(telegram, clients=4, count=options.requests, rounds=3)
    with loopback() as telegram:
        found["connected sessions"] = sessions(telegram, options.sessions)
    with loopback() as telegram:
        found[f"a history of {options.messages}"] = history(telegram, options.messages)
    for title, figures in found.items():
        print(f"{title}: " + ", ".join(f"{name} {figure:,.2f}" for name, figure in figures.items()))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
