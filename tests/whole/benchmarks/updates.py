"""Posts told to actors by monitors, beside bare handlers of Telethon's: CPU of this process, for one update.

Each side has a channel of its own with as many members, and posts come in bursts, so that neither waits for the other.
Both sides are told of the same things: who, where, and the text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from telethon import events

import actors
from actors.runtime import LoopHost, hosted
from tests.whole.benchmarks.counts import counts_of_updates
from tests.whole.benchmarks.measure import Row, compare, cpu_of
from tests.whole.benchmarks.stage import Stage, staged

__all__ = ["rows"]

SESSIONS = 50
POSTS = 20
BURST = 20
ROUNDS = 25
AUTHOR = "author"


class Tally:
    """Counts what has been heard, and says when it is all there."""

    def __init__(self) -> None:
        self._missing = 0
        self._letters = 0
        self._done = asyncio.Event()

    def expect(self, number: int) -> None:
        """Begin anew."""
        self._missing = number
        self._done.clear()

    def heard(self, text: str, author: int | None, chat: int) -> None:
        """Take in a message as a user would: read its text, author and chat."""
        self._letters += len(text) + (author is not None) + (chat != 0)
        self._missing -= 1
        if not self._missing:
            self._done.set()

    async def all_heard(self) -> None:
        """Wait for the last of them."""
        async with asyncio.timeout(120):
            await self._done.wait()


class Reader(actors.AsyncioActor):
    """Takes the messages that monitors tell it of."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally

    def on_receive(self, event: Any) -> None:
        """Read a message."""
        if isinstance(event, actors.MessageReceived):
            message = event.message
            self._tally.heard(message.text, message.sender_id, message.chat.id)


async def monitor(sessions: list[actors.AsyncSessionRef], chat: str, tally: Tally) -> None:
    """Have each session tell an actor of its own of a chat's messages."""
    with hosted(LoopHost.on_running_loop()):
        readers = [Reader.start(tally) for _ in sessions]
    asked = [
        session.ask(actors.Monitor([f"@{chat}"], to=reader, lifetime=None))
        for session, reader in zip(sessions, readers, strict=True)
    ]
    for one in asked:
        await one


async def handle(clients: list[Any], chat: str, tally: Tally) -> None:
    """Give each plain client a handler for a chat's messages."""

    async def handler(event: Any) -> None:
        tally.heard(event.raw_text, event.sender_id, event.chat_id)

    for client in clients:
        entity = await client.get_input_entity(chat)
        client.add_event_handler(handler, events.NewMessage(chats=[entity]))


class Race:
    """Both ways of hearing, each in its own channel of one server."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._tally = Tally()
        ours, theirs = ([f"{side}-{number}" for number in range(SESSIONS)] for side in ("ours", "plain"))
        sessions, clients = stage.sessions(ours), stage.clients(theirs)
        stage.telegram.add_channel("square", members=[AUTHOR, *ours])
        stage.telegram.add_channel("circle", members=[AUTHOR, *theirs])
        stage.run(monitor(sessions, "square", self._tally))
        stage.run(handle(clients, "circle", self._tally))

    def by_monitors(self) -> float:
        """Return CPU seconds an update."""
        return self._cpu("square")

    def by_handlers(self) -> float:
        """Return CPU seconds an update."""
        return self._cpu("circle")

    def _cpu(self, chat: str) -> float:
        return self._stage.run(cpu_of(lambda: self._hear(chat))) / (POSTS * SESSIONS)

    async def _hear(self, chat: str) -> None:
        texts = [f"post {number}" for number in range(BURST)]
        for _ in range(POSTS // BURST):
            self._tally.expect(BURST * SESSIONS)
            self._stage.telegram.post_many(chat, texts, author=AUTHOR)
            await self._tally.all_heard()


def rows() -> Iterator[Row]:
    """Yield the row of this file."""
    with staged(drain=0.0) as stage:
        race = Race(stage)
        race.by_handlers()
        race.by_monitors()
        row = compare(
            f"updates: {SESSIONS} monitors, {POSTS} posts at once (2,000 cost as much each), CPU of one",
            "NewMessage handlers of plain clients",
            "s",
            race.by_monitors,
            race.by_handlers,
            bar=1.05,
            higher_is_better=False,
            rounds=ROUNDS,
        )
    with staged(drain=0.0) as stage:
        counts = counts_of_updates(stage)
    yield row.with_calls(counts["update"].total, counts["plain update"].total)
