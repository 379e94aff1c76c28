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

from actors.model.client import Client, ClientFactory
from actors.model.content import Account
from actors.model.errors import SessionStartFailed, TelegramError, Verdict
from actors.model.phases import Phase, Signal, step
from actors.model.resilience import Check, HealthPolicy
from actors.model.updates import Update
from actors.session.health import Pulse, is_silence
from actors.session.retries import key_is_gone
from actors.session.shared import Services

__all__ = ["Checked", "Connected", "Connection", "ConnectionEnded", "News", "TransportLost", "TransportUp"]

CONNECT_TIMEOUT = 20.0
"""Seconds for one attempt at connecting, handshake and first answer included; Telethon itself waits for ever."""

KEY_NOT_FOUND = "AUTH_KEY_NOT_FOUND"
"""What a server says, by transport error 404, that doesn't know the key of a connection."""

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


@dataclass(frozen=True, slots=True)
class Checked:
    """The connection was quiet, and was asked whether it lives. error: None when all is well."""

    generation: int
    check: Check
    error: BaseException | None


News = Connected | ConnectionEnded | TransportLost | TransportUp | Checked


class _Watcher:
    """Turns what a client's connection says into news."""

    def __init__(self, generation: int, tell: Callable[[News], None], pause: Callable[[], float]) -> None:
        self._generation = generation
        self._tell = tell
        self._pause = pause

    def connection_up(self) -> None:
        self._tell(TransportUp(self._generation))

    def connection_lost(self) -> float:
        self._tell(TransportLost(self._generation))
        return self._pause()


class Connection:
    """See the module.

    `tell` puts news into the session's inbox; `feed` gets every update of the account; `lost` is called when there may
    be updates that won't come.
    """

    def __init__(
        self,
        name: str,
        factory: ClientFactory,
        services: Services,
        *,
        health: HealthPolicy | None,
        tell: Callable[[News], None],
        feed: Callable[[Update], None],
        lost: Callable[[], None],
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
        self._lost = lost
        self._generation = 0
        self._failures = 0
        self._keyless = 0
        self._pulse = Pulse(health, self._spawn, self._checked)
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
        """Dial when the backoff is over; ask a connection that has been quiet for long."""
        if self.dial_at is not None and now >= self.dial_at:
            self.dial()
        if self.phase is Phase.ONLINE and self.client is not None:
            self._pulse.tick(self.client, now)

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        return self._pulse.next_due() if self.phase is Phase.ONLINE else self.dial_at

    def hear(self, news: News) -> bool:
        """Take news in; say whether it was about the client in use."""
        if news.generation != self._generation:
            return False
        match news:
            case Connected(account=account):
                self.account = account
                self.connects += 1
                self._failures = self._keyless = 0
                self._pulse.begin()
                self.move(Signal.CONNECTED)
            case TransportUp():
                if self.phase is Phase.OFFLINE and self.client is not None:
                    self._pulse.probe(self.client)
            case Checked(error=error):
                if self.phase is Phase.OFFLINE:
                    self._reconnected(error)
            case TransportLost():
                self._pulse.stop()
                self._lost()
                self.move(Signal.LOST)
            case ConnectionEnded(error=error):
                self._pulse.stop()
                self._lost()
                self.move(Signal.LOST)
                self._count_key_failure(error)
                if self.connects == 0:
                    self._answer(error or ConnectionError())
        if self.phase is Phase.ONLINE:
            self._answer(None)
        return True

    def _reconnected(self, error: BaseException | None) -> None:
        """Be online again once the server has answered; a server that is silent gets another connection."""
        if not is_silence(error):
            self.connects += 1
            self.move(Signal.CONNECTED)
        elif self.client is not None:
            self._spawn(_disconnect(self.client), "disconnect")

    def _count_key_failure(self, error: BaseException | None) -> None:
        """A server that doesn't know our key, time after time, won't know it again: the session is dead."""
        if isinstance(error, TelegramError) and key_is_gone(error.name, self._keyless + 1):
            error.verdict = Verdict.SESSION_DEAD
        self._keyless = self._keyless + 1 if isinstance(error, TelegramError) and error.name == KEY_NOT_FOUND else 0

    def back_off(self, delay: float | None = None) -> None:
        """Dial again after `delay` seconds, by default those of the backoff."""
        self._failures += 1
        if delay is None:
            backoff = self._services.backoff.delay(self._failures, chance=random.random())  # noqa: S311  only spreads load
            delay = backoff + self._services.fleet.failed(self._name)
        self.move(Signal.RETRY_LATER)
        self.dial_at = time.monotonic() + delay

    def retire(self) -> None:
        """Take the client away at once: it is disconnected, and nothing runs until there is a new one."""
        self._generation += 1
        self._pulse.stop()
        self._lost()
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
        client = self.client or self._factory(_Watcher(generation, self._tell, partial(self._fleet_pause, generation)))
        self.client = client
        client.on_update(self._hear_update)
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

    def _hear_update(self, update: Update) -> None:
        self._pulse.heard()
        self._feed(update)

    def _fleet_pause(self, generation: int) -> float:
        """Return how long the client waits before it reconnects by itself; one that was retired doesn't count."""
        return self._services.fleet.failed(self._name) if generation == self._generation else 0.0

    def _checked(self, check: Check, error: BaseException | None) -> None:
        self._tell(Checked(self._generation, check, error))

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
