"""Requests that are on their way while others leave: parts of files, against a real server."""

from __future__ import annotations

import asyncio

from actors.model.answers import UploadedFile
from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.telegram.client import TelethonClient

from .conftest import Desk, Watcher, online, raised_by, run, until

SAVE = "upload.saveFilePart"
FILE = UploadedFile(5, 4, big=False, name="f")


def pending(client: TelethonClient) -> int:
    """Return how many parts of files Telethon would send again after a reconnect."""
    sender = client.telethon._sender
    states = [*sender._pending_state.values(), *sender._send_queue._deque]
    return sum(type(state.request).__name__ == "SaveFilePartRequest" for state in states)


def test_requests_leave_at_once_and_are_answered_in_any_order(desk: Desk) -> None:
    """Four that take 0.2 s each take 0.2 s together; an awaited one is a plain call."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail(SAVE, account=config.name, delay=0.2, times=4)
        async with online(config) as client, asyncio.timeout(0.7):
            flights = [client.save_part(FILE, part, b"x") for part in range(4)]
            assert not any(flight.future.done() for flight in flights)
            await asyncio.wait([flight.future for flight in flights])
            assert [flight.result() for flight in flights] == [None] * 4
            await client.save_part(FILE, 3, b"y")

    run(test())


def test_the_error_of_one_is_its_own(desk: Desk) -> None:
    """As the library says it."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail(SAVE, account=config.name, error="FLOOD_WAIT_7", times=1)
        async with online(config) as client:
            flood, fine = client.save_part(FILE, 0, b"x"), client.save_part(FILE, 1, b"x")
            await asyncio.wait([flood.future, fine.future])
            assert fine.result() is None
            error = await raised_by(flood)
            assert isinstance(error, FloodWait)
            assert (error.retry_after, error.method) == (7, SAVE)

    run(test())


def test_a_flood_wait_is_told_when_it_comes_whether_anybody_reads_it_or_not(desk: Desk) -> None:
    """Once: whoever sends the next request must know of it."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        desk.telegram.fail(SAVE, account=config.name, error="FLOOD_WAIT_7", times=1)
        async with online(config, watcher) as client:
            flood = client.save_part(FILE, 0, b"x")
            await until(lambda: len(watcher.seen) > 1)
            assert watcher.seen == ["up", f"{SAVE} 7"]
            first, second = [await raised_by(flood) for _ in range(2)]
            assert first is second
            assert len(watcher.seen) == 2

    run(test())


def test_what_must_not_leave_yet_fails_without_leaving(desk: Desk) -> None:
    """A flight like another: it is waited for, awaited or dropped."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        async with online(config, watcher) as client:
            desk.telegram.forget_calls(config.name)
            watcher.refused = FloodWait(retry_after=5, method=SAVE, held=True)
            flights = [client.save_part(FILE, part, b"x") for part in range(3)]
            await asyncio.wait([flight.future for flight in flights])
            flights[0].drop()
            assert await raised_by(flights[1]) is watcher.refused
            assert await raised_by(client.resolve("somebody")) is watcher.refused
            assert desk.calls(config) == []
            assert watcher.seen == ["up"]

    run(test())


def test_what_is_dropped_is_gone_and_isn_t_sent_again_after_a_reconnect(desk: Desk) -> None:
    """Whether it has been sent or not; a cancelled await drops as well."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail(SAVE, account=config.name, silence=True)
        async with online(config) as client:
            sent = client.save_part(FILE, 0, b"x")
            await until(lambda: desk.calls(config).count(SAVE) == 1)
            unsent = client.save_part(FILE, 1, b"x")
            assert pending(client) == 2
            sent.drop()
            unsent.drop()
            assert pending(client) == 0
            try:
                async with asyncio.timeout(0.05):
                    await client.save_part(FILE, 2, b"x")
            except TimeoutError:
                assert pending(client) == 0
            before = desk.calls(config).count(SAVE)
            desk.telegram.heal()
            desk.telegram.disconnect(config.name)
            await client.probe()
            assert desk.calls(config).count(SAVE) == before

    run(test())


def test_a_connection_that_is_closed_is_an_error_of_what_is_in_flight_and_of_what_comes_after(desk: Desk) -> None:
    """Transient, as for every request."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail(SAVE, account=config.name, silence=True)
        async with online(config) as client:
            before = client.save_part(FILE, 0, b"x")
            await client.disconnect()
            after = client.save_part(FILE, 0, b"x")
            for error in (await raised_by(before), await raised_by(after)):
                assert isinstance(error, TelegramError)
                assert (error.verdict, error.name, error.method) == (Verdict.TRANSIENT, "CONNECTION_LOST", SAVE)

    run(test())
