"""What a client says of its line: when it was heard, whether it lives; and how it leaves one."""

from __future__ import annotations

import asyncio
import time

import pytest

from .conftest import Desk, Watcher, messages_of, new_client, online, run, until


def test_every_byte_is_noted(desk: Desk) -> None:
    """Of an answer as well as of an update."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        name = desk.channel(config.name, bob.name)
        async with online(config) as client:
            await client.probe()
            answered = client.last_byte
            assert abs(time.monotonic() - answered) < 1
            messages = messages_of(client)
            desk.telegram.post(name, "news", author=bob.name)
            await until(lambda: messages)
            assert client.last_byte > answered

    run(test())


def test_a_line_that_lives_proves_it_at_once_and_leaves_nothing_behind(desk: Desk) -> None:
    """By a ping, which the server sees no call in."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            before, begun = desk.calls(config), time.monotonic()
            assert await client.proves_alive(5.0)
            assert await client.proves_alive(5.0, by_answer=True)
            assert time.monotonic() - begun < 1
            assert desk.calls(config) == before
            assert not client.telethon._sender._pending_state

    run(test())


@pytest.mark.parametrize("what", ["all", "requests", "answers"])
def test_a_line_that_swallows_proves_nothing(desk: Desk, what: str) -> None:
    """In the time that it has, and nothing of the question is sent again on another line."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            desk.telegram.swallow(config.name, what=what)  # type: ignore[arg-type]
            begun = time.monotonic()
            assert not await client.proves_alive(0.3)
            assert 0.25 < time.monotonic() - begun < 3
            assert not client.telethon._sender._pending_state

    run(test())


def test_any_byte_proves_a_line_but_for_who_wants_an_answer(desk: Desk) -> None:
    """News come on a line that is dead the other way."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        name = desk.channel(config.name, bob.name)
        async with online(config) as client:
            desk.telegram.swallow(config.name, what="requests")
            for by_answer in (False, True):
                asked = asyncio.create_task(client.proves_alive(0.5, by_answer=by_answer))
                await asyncio.sleep(0)
                desk.telegram.post(name, "news", author=bob.name)
                assert await asked is not by_answer

    run(test())


def test_a_client_that_is_not_connected_proves_nothing(desk: Desk) -> None:
    """Neither before, nor after."""

    async def test() -> None:
        client = new_client(desk.config())
        assert not await client.proves_alive(5.0)
        await client.connect()
        await client.disconnect()
        assert not await client.proves_alive(5.0)

    run(test())


def test_a_client_leaves_its_line_and_sends_again_what_had_no_answer(desk: Desk) -> None:
    """The caller that waits hears nothing of that."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher()
        async with online(config, watcher) as client:
            desk.telegram.swallow(config.name, what="answers")
            asked = asyncio.create_task(client.probe())
            await asyncio.sleep(0)
            client.reconnect()
            client.reconnect()
            await asked
            assert watcher.seen == ["up", "lost", "up"]

    run(test())
