"""A session's client and its connection: dialled, lost, dialled again, replaced. It runs no operation.

Owned by a session actor and used on its loop alone. What happens in tasks comes back to the session as `News`, with
the generation of the client it is about, so that late news of a replaced client is no news.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from actors.errors import SessionStartFailed, TelegramError, Verdict
from actors.phases import Phase, Signal, step
from actors.ports import Client, ClientFactory
from actors.services import Services
from actors.snapshots import Account, Message

__all__ = ["Connected", "Connection", "ConnectionEnded", "News", "TransportLost", "TransportUp"]

CONNECT_TIMEOUT = 20.0
"""Seconds for one attempt at connecting, handshake and first answer included; Telethon itself waits for ever."""

DISCONNECT_TIMEOUT = 3.0
"""Seconds for a client to close its connection; then it is left behind."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The client is connected and logged in."""

    generation: int
    account: Account


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """The client has given its connection up, or never had one."""

    generation: int
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class TransportLost:
    """The connection is gone; the client tries to get it back."""

    generation: int


@dataclass(frozen=True, slots=True)
class TransportUp:
    """The client got its connection back."""

    generation: int


News = Connected | ConnectionEnded | TransportLost | TransportUp


class _Watcher:
    """Turns what a client's connection says into news."""

    def __init__(self, generation: int, tell: Callable[[News], None]) -> None:
        self._generation = generation
        self._tell = tell

    def connection_up(self) -> None:
        self._tell(TransportUp(self._generation))

    def connection_lost(self) -> None:
        self._tell(TransportLost(self._generation))


class Connection:
    """See the module. `tell` puts news into the session's inbox; `feed` gets every new message of the account."""

    def __init__(
        self,
        name: str,
        factory: ClientFactory,
        services: Services,
        *,
        tell: Callable[[News], None],
        feed: Callable[[Message], None],
    ) -> None:
        self.phase = Phase.OFFLINE
        self.account: Account | None = None
        self.client: Client | None = None
        self.connects = 0
        self.dial_at: float | None = None
        self._name = name
        self._factory = factory
        self._services = services
        self._tell = tell
        self._feed = feed
        self._generation = 0
        self._failures = 0
        self._dialling: asyncio.Task[None] | None = None
        self._retiring: asyncio.Task[None] | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_ready(self) -> bool:
        """Whether operations may run."""
        return self.phase in (Phase.ONLINE, Phase.DRAINING)

    def move(self, signal: Signal) -> None:
        """Take the step that a signal means."""
        self.phase = step(self.phase, signal)

    def dial(self) -> None:
        """Start connecting, with a new client if there is none."""
        self.dial_at = None
        self.move(Signal.DIAL)
        self._dialling = self._spawn(self._dial(self._generation), "connection")
        self._dialling.add_done_callback(partial(self._dialled, self._generation))

    def tick(self, now: float) -> None:
        """Dial when the backoff is over."""
        if self.dial_at is not None and now >= self.dial_at:
            self.dial()

    def hear(self, news: News) -> bool:
        """Take news in; say whether it was about the client in use."""
        if news.generation != self._generation:
            return False
        match news:
            case Connected(account=account):
                self.account = account
                self.connects += 1
                self._failures = 0
                self.move(Signal.CONNECTED)
            case TransportUp():
                if self.phase is Phase.OFFLINE:
                    self.connects += 1
                    self.move(Signal.CONNECTED)
            case TransportLost():
                self.move(Signal.LOST)
            case ConnectionEnded(error=error):
                self.move(Signal.LOST)
                if self.connects == 0:
                    self._answer(error or ConnectionError())
        if self.phase is Phase.ONLINE:
            self._answer(None)
        return True

    def back_off(self, delay: float | None = None) -> None:
        """Dial again after `delay` seconds, by default those of the backoff."""
        self._failures += 1
        if delay is None:
            delay = self._services.backoff.delay(self._failures, chance=random.random())  # noqa: S311  only spreads load
        self.move(Signal.RETRY_LATER)
        self.dial_at = time.monotonic() + delay

    def retire(self) -> None:
        """Take the client away at once: it is disconnected, and nothing runs until there is a new one."""
        self._generation += 1
        self.dial_at = None
        self.move(Signal.RETRY_LATER)
        client, self.client = self.client, None
        if self._dialling is not None:
            self._dialling.cancel()
        if client is not None:
            self._retiring = self._spawn(self._retire(client, self._dialling), "disconnect")

    def replace(self, delay: float) -> None:
        """Dial with a new client after `delay` seconds, the old one disconnected before."""
        self.retire()
        self.back_off(delay)

    async def wait_online(self) -> None:
        """Return when the session is online; raise what made the first attempt fail, or that it has ended."""
        if self.phase is Phase.ONLINE:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    async def close(self) -> None:
        """Disconnect for good."""
        self.retire()
        tasks = {task for task in (self._dialling, self._retiring) if task is not None}
        if tasks:
            await asyncio.wait(tasks)

    def give_up(self, reason: str) -> None:
        """Tell those who wait for the session that it has ended."""
        self._answer(SessionStartFailed(name=self._name, reason=reason))

    async def _dial(self, generation: int) -> None:
        if self._retiring is not None:
            await asyncio.wait({self._retiring})
        client = self.client or self._factory(_Watcher(generation, self._tell))
        self.client = client
        client.on_message(self._feed)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                account = await client.connect()
        except BaseException:
            await _disconnect(client)
            raise
        if generation != self._generation:  # retired meanwhile, and the cancellation was lost in Telethon's wait_for
            await _disconnect(client)
            return
        self._tell(Connected(generation, account))
        await client.wait_disconnected()

    async def _retire(self, client: Client, dialling: asyncio.Task[None] | None) -> None:
        """Disconnect; only after nothing connects any more, or the new connection would have no owner."""
        if dialling is not None:
            await asyncio.wait({dialling}, timeout=2 * DISCONNECT_TIMEOUT)
        await _disconnect(client)

    def _spawn(self, coroutine: Coroutine[Any, Any, None], task_type: str) -> asyncio.Task[None]:
        name = f"{self._name}: {task_type}"
        entry = self._services.registry.spawn(coroutine, name=name, task_type=task_type, session_name=self._name)
        return entry.task

    def _dialled(self, generation: int, task: asyncio.Task[None]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if isinstance(error, TimeoutError | asyncio.CancelledError):
            error = TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY")
        self._tell(ConnectionEnded(generation, error))

    def _answer(self, error: BaseException | None) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


async def _disconnect(client: Client) -> None:
    """Disconnect within the limit; a client that can't is left behind, it has no session any more."""
    try:
        async with asyncio.timeout(DISCONNECT_TIMEOUT):
            await client.disconnect()
    except TimeoutError:
        return
