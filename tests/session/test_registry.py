"""The registry tells the truth: it and `asyncio.all_tasks()` tell the same story at every look."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

import actors
from actors.runtime.tasks import TaskRegistry
from actors.telegram.updates import UpdateFeed
from actors.testing import Loopback, loopback
from tests.support import quick_system

PACKAGE = str(Path(actors.__file__).parent)
OF_TELETHON = UpdateFeed._hand_over.__code__
"""Telethon has a task for each update, and what that runs is ours from the first step; it never waits."""


def own_tasks() -> set[asyncio.Task[Any]]:
    """Return the live tasks whose coroutine is code of the library."""
    found = set()
    for task in asyncio.all_tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None and code.co_filename.startswith(PACKAGE) and code is not OF_TELETHON:
            found.add(task)
    return found


def registry_of(system: actors.AsyncSystem) -> TaskRegistry:
    """Return the registry itself: a status would be a message, and the tasks another moment's by then."""
    supervisor = system.supervisor._actor_weakref()
    assert supervisor is not None
    registry: TaskRegistry = supervisor._registry
    return registry


def compare(registry: TaskRegistry) -> None:
    """Hold the two against each other, here and now."""
    assert {entry.task for entry in registry.live()} == own_tasks()


async def look_often(registry: TaskRegistry, busy: asyncio.Future[Any]) -> int:
    """Compare at every turn of the loop while something is going on; return how often."""
    looks = 0
    while not busy.done():
        compare(registry)
        looks += 1
        await asyncio.sleep(0)
    return looks


async def keep_busy(telegram: Loopback, system: actors.AsyncSystem) -> None:
    """Start and stop sessions, send, scrape, monitor, time out, cancel, restart."""
    names = ["alice", "bob", "carol"]
    for name in names:
        telegram.add_account(name)
    telegram.add_channel("news", messages=300, members=names)

    async def start(name: str) -> actors.AsyncSessionRef:
        return await system.start_session(telegram.add_session(name))

    sessions = await asyncio.gather(*map(start, names))

    async def never(client: actors.Client) -> None:
        del client
        await asyncio.Event().wait()

    asked: list[actors.ActorFuture[Any]] = []
    for session in sessions:
        asked.append(session.ask(actors.ScrapeHistory("news", limit=300)))
        asked.append(session.ask(actors.Call("never", never).with_(run_timeout=0.1)))
        asked += [session.ask(actors.SendMessage("alice", f"hello {number}")) for number in range(20)]
        cancelled = session.ask(actors.Call("never", never))
        cancelled.cancel()
        asked.append(cancelled)
    for future in asked:
        with contextlib.suppress(actors.OperationTimeout, actors.OperationCancelled):
            await future
    await system.restart_session("bob")
    await system.stop_session("carol")


def test_the_registry_equals_the_tasks_of_the_library_at_every_turn_of_a_busy_run() -> None:
    """Hundreds of looks, and nothing left at the end."""

    async def main(telegram: Loopback) -> None:
        async with actors.open_system() as system:
            registry = registry_of(system)
            busy = asyncio.ensure_future(keep_busy(telegram, system))
            looks = await look_often(registry, busy)
            await busy
            assert looks > 200
            compare(registry)
            assert {entry.session_name for entry in registry.live()} == {"alice", "bob"}
        assert registry.live() == ()
        assert own_tasks() == set()

    with loopback() as telegram:
        asyncio.run(main(telegram))


@pytest.mark.parametrize("how", ["crash", "timeout", "cut"])
def test_nothing_is_left_within_five_seconds_of_a_stop(how: str) -> None:
    """Also after the client crashed, after a timeout, and after a cut connection."""

    async def stubborn(client: actors.Client) -> None:
        del client
        await asyncio.Event().wait()

    async def crash(client: actors.Client) -> None:
        await client.telethon.disconnect()

    async def main(telegram: Loopback) -> None:
        async with actors.open_system() as system:
            alice = await system.start_session(telegram.add_session("alice"))
            if how == "crash":
                await alice.ask(actors.Call("crash", crash))
            elif how == "timeout":
                with pytest.raises(actors.OperationTimeout):
                    await alice.ask(actors.Call("stubborn", stubborn).with_(run_timeout=0.1))
            else:
                telegram.disconnect("alice")
            async with asyncio.timeout(5):
                await system.stop_session("alice", drain=0.5)
            compare(registry_of(system))
            assert (await system.status()).tasks == ()
        foreign = asyncio.all_tasks() - {asyncio.current_task()}
        assert foreign == set(), "no task of Telethon is left either"

    with loopback() as telegram:
        asyncio.run(main(telegram))


def test_a_task_that_ignores_its_cancellation_is_abandoned_and_its_client_replaced() -> None:
    """It stays in the registry, marked, until it really ends; the session goes on with a new client."""

    async def main(telegram: Loopback) -> None:
        release = asyncio.Event()
        clients = []

        async def deaf(client: actors.Client) -> None:
            clients.append(client.telethon)
            while not release.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await release.wait()

        async def who(client: actors.Client) -> Any:
            return client.telethon

        async with quick_system() as system, contextlib.AsyncExitStack() as stack:
            stack.callback(release.set)
            alice = await system.start_session(telegram.add_session("alice"))
            with pytest.raises(actors.OperationTimeout):
                await alice.ask(actors.Call("deaf", deaf).with_(run_timeout=0.1))
            after = await alice.ask(actors.Call("who", who))
            assert after is not clients[0]
            assert not clients[0].is_connected()
            status = await system.status()
            assert [task.task_type for task in status.tasks if task.abandoned] == ["deaf"]
            assert status.sessions["alice"].restarts == 1
            release.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert [task for task in (await system.status()).tasks if task.abandoned] == []

    with loopback() as telegram:
        asyncio.run(main(telegram))
