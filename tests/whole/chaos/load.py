"""The constant load: sends, scrapes, monitors, calls, told operations and cancels, at an even rate over all sessions.

What is asked for is drawn from the seed as well; when exactly each thing happens is up to the machine. Every operation
goes into the journal with its outcome.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pykka

import actors
from tests.whole.chaos.journal import Journal, ToldSend
from tests.whole.chaos.subscribers import Listener

__all__ = ["CHANNEL", "HEALTH", "POLICIES", "RATE", "Load", "stubborn"]

CHANNEL = "square"
"""The one channel, which everybody is a member of."""

RATE = 4.0
"""Operations a second for each session."""

HURRIED: dict[str, dict[str, Any]] = {
    "sending": {"wait_timeout": 5, "run_timeout": 5, "attempt_timeout": 1.0, "retries": 1},
    "scraping": {"wait_timeout": 5, "run_timeout": 6, "attempt_timeout": 1.5},
    "monitoring": {"wait_timeout": 5, "setup_timeout": 4, "attempt_timeout": 1.5},
    "other": {"wait_timeout": 5, "run_timeout": 5},
}
POLICIES = {name: actors.DEFAULT_POLICIES[name].with_(**cells) for name, cells in HURRIED.items()}
"""The table, hurried: every limit is run into within a short run."""

HEALTH = actors.HealthPolicy(proof=0.5)
"""Hurried, too: a line that is dead is one within the run timeout of a send."""

MIX = {
    "send": 44,
    "post": 8,
    "told send": 8,
    "scrape": 8,
    "members": 3,
    "call": 10,
    "slow call": 5,
    "thread": 3,
    "monitor": 3,
    "cancel": 8,
}
"""What is asked for, by weight."""


async def stubborn(client: actors.Client, seconds: float) -> None:
    """Ignore every cancel for so long; the function of a `Call`."""
    del client
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(left)


class Load:
    """The load of one run on all its sessions. `listener` hears what the monitors report."""

    def __init__(
        self,
        journal: Journal,
        refs: Sequence[actors.AsyncSessionRef],
        *,
        seed: int,
        listener: pykka.ActorRef[Listener],
    ) -> None:
        self._journal = journal
        self._refs = list(refs)
        self._dice = Random(f"load {seed}")  # noqa: S311  not a secret
        self._listener = listener
        self._flying: dict[str, list[actors.ActorFuture[Any]]] = {ref.name: [] for ref in refs}

    async def run(self, seconds: float) -> None:
        """Ask at an even rate for so many seconds; late turns are made up for."""
        start = time.monotonic()
        asked = 0
        while (elapsed := time.monotonic() - start) < seconds:
            wanted = int(elapsed * RATE * len(self._refs))
            for _ in range(wanted - asked):
                self.turn()
            asked = wanted
            await asyncio.sleep(0.01)

    def burst(self, count: int) -> None:
        """Ask for many things at once, none of them told."""
        for _ in range(count):
            self.turn(told=False)

    def turn(self, *, told: bool = True) -> None:
        """Ask some session for something."""
        session = self._dice.choice(self._refs)
        other = self._dice.choice(self._refs).name
        what = self._dice.choices(list(MIX), list(MIX.values()))[0]
        chance = self._dice.random()
        match what:
            case "send" | "post":
                self.send(session, what, CHANNEL if what == "post" else other)
            case "told send":
                self._tell(session, other) if told else self.send(session, "send", other)
            case "scrape":
                self._ask(session, what, actors.ScrapeHistory(f"@{CHANNEL}", limit=250))
            case "members":
                self._ask(session, what, actors.ScrapeParticipants(f"@{CHANNEL}"))
            case "call" | "slow call":
                pause = 0.0 if what == "call" else chance
                self._ask(session, what, actors.Call("call", self._alone, session.name, pause))
            case "thread":
                self._ask(session, what, actors.CallInThread("thread", time.sleep, 0.05 * chance))
            case "monitor":
                monitor = actors.Monitor([f"@{CHANNEL}"], to=self._listener, lifetime=0.5 + 4 * chance)
                self._ask(session, what, monitor)
            case _:
                self._cancel(session, chance)

    def send(self, session: actors.AsyncSessionRef, kind: str, chat: str, *, wait_timeout: float | None = None) -> None:
        """Send a text that nothing else in the run has."""
        record = self._journal.open(session.name, kind, chat=chat)
        operation = actors.SendMessage(f"@{chat}", record.text).with_(wait_timeout=wait_timeout)
        self._fly(session, record, operation)

    def stubborn(self, session: actors.AsyncSessionRef, seconds: float) -> None:
        """Have a session run what ignores its cancel."""
        self._ask(session, "stubborn call", actors.Call("stubborn", stubborn, seconds).with_(run_timeout=0.3))

    def monitor(self, session: actors.AsyncSessionRef, to: pykka.ActorRef[Any]) -> None:
        """Have a session report to a subscriber of any kind."""
        self._ask(session, "monitor", actors.Monitor([f"@{CHANNEL}"], to=to, lifetime=None))

    def _ask(self, session: actors.AsyncSessionRef, kind: str, operation: actors.Operation[Any]) -> None:
        self._fly(session, self._journal.open(session.name, kind), operation)

    def _fly(self, session: actors.AsyncSessionRef, record: Any, operation: actors.Operation[Any]) -> None:
        future = session.ask(operation)
        self._journal.follow(record, future)
        if not future.done():
            flying = self._flying[session.name]
            flying.append(future)
            future.add_done_callback(flying.remove)

    def _tell(self, session: actors.AsyncSessionRef, other: str) -> None:
        record = self._journal.open(session.name, "told send", chat=other, told=True)
        try:
            session.tell(ToldSend(f"@{other}", record.text, record=record))
        except (actors.MailboxFull, pykka.ActorDeadError) as error:
            record.fail(error)

    def _cancel(self, session: actors.AsyncSessionRef, chance: float) -> None:
        flying = self._flying[session.name]
        if flying:
            flying[int(chance * len(flying))].cancel()

    async def _alone(self, client: actors.Client, session: str, pause: float) -> None:
        """Ask the server something, and see that nobody else does so on this client meanwhile."""
        end = self._journal.alone(session, client)
        try:
            await asyncio.sleep(pause)
            await client.probe()
        finally:
            end()
