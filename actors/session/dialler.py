"""The clients of one session: made, connected, asked, disconnected. It decides nothing: the session's core does.

Each of these is a task of the registry, and comes back to the session as news, with the generation of its client.
Owned by a session actor and used on its loop alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from actors.model.client import Client, ClientFactory, ClientOwner
from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.model.resilience import Check
from actors.model.updates import Update
from actors.session.connection import Checked, Connected, ConnectionEnded, News, TransportLost, TransportUp
from actors.session.floods import Floods

__all__ = ["Dialler"]

NOBODY = -1
"""The generation of no client."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Turns what one client says into news, and has its flood waits kept.

    pause(generation): seconds before it may reconnect. holds, refusal, flooded: as `ClientOwner` has them.
    """

    generation: int
    tell: Callable[[News], None]
    pause: Callable[[int], float]
    holds: Collection[str]
    refusal: Callable[[str, str], FloodWait | None]
    flooded: Callable[[FloodWait], None]

    def connection_up(self) -> None:
        """Tell that the transport is back."""
        self.tell(TransportUp(self.generation))

    def connection_lost(self) -> float:
        """Tell that the transport is gone, and return how long the client waits before it reconnects by itself."""
        self.tell(TransportLost(self.generation))
        return self.pause(self.generation)

    def logged_out(self, error: TelegramError) -> None:
        """Tell that the connection has ended, and that no other will be granted."""
        self.tell(ConnectionEnded(self.generation, error))


class Dialler:
    """Carries out what a session's core decides about its client.

    spawn(coroutine, name) starts a task; tell(news) puts news of the client in use, and of no other, into the session's
    inbox; feed(update) gets every update of the account; pause(generation) is asked before a client reconnects by
    itself; floods: what its clients must not ask now. Timeouts are seconds.
    """

    def __init__(
        self,
        factory: ClientFactory,
        *,
        spawn: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
        tell: Callable[[News], None],
        feed: Callable[[Update], None],
        pause: Callable[[int], float],
        floods: Floods,
        connect_timeout: float,
        disconnect_timeout: float,
    ) -> None:
        self.client: Client | None = None
        self._unconverted = 0
        self._factory = factory
        self._spawn = spawn
        self._to_session = tell
        self._feed = feed
        self._pause = pause
        self._floods = floods
        self._connect_timeout = connect_timeout
        self._disconnect_timeout = disconnect_timeout
        self._generation = NOBODY
        self._dialling: asyncio.Task[None] | None = None
        self._retiring: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None

    @property
    def unconverted(self) -> int:
        """How much came that couldn't be converted, over all clients; while there is none, as the last one said."""
        if self.client is not None:
            self._unconverted = self.client.unconverted
        return self._unconverted

    @property
    def last_byte(self) -> float:
        """When the last byte came from the server, in monotonic seconds."""
        return 0.0 if self.client is None else self.client.last_byte

    def dial(self, generation: int) -> None:
        """Start connecting, with a new client if there is none of this generation."""
        self._generation = generation
        self._dialling = self._spawn(self._dial(generation), "connection")
        self._dialling.add_done_callback(partial(self._dialled, generation))

    def ask(self, check: Check, question: int, patience: float) -> None:
        """Ask the server whether the connection lives; it has so many seconds to answer."""
        self.stop_asking()
        if self.client is not None:
            well = Checked(self._generation, check, question, None)
            self._asking = self._spawn(self._ask(self.client, well, patience), check.value)

    def stop_asking(self) -> None:
        """Don't wait for an answer any more: its connection is gone."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def hang_up(self) -> None:
        """Disconnect the client, which is silent; it will be heard of as ended, and may be dialled again."""
        if self.client is not None:
            self._spawn(self._disconnect(self.client), "disconnect")

    def reconnect(self) -> None:
        """Have the client make its connection anew: it will be heard of as lost, and as back."""
        if self.client is not None:
            self.client.reconnect()

    def retire(self) -> None:
        """Take the client away at once: it is disconnected, and the next one has to wait for that."""
        self.stop_asking()
        client = self._let_go()
        if client is not None:
            self._retiring = self._spawn(self._retire(client, self._dialling), "disconnect")

    def _let_go(self) -> Client | None:
        """Have no client any more, and hear nothing of it; return it."""
        self._generation = NOBODY
        client, self.client = self.client, None
        if self._dialling is not None:
            self._dialling.cancel()
        return client

    async def close(self) -> None:
        """Disconnect for good, and return when that is done."""
        self.stop_asking()
        client = self._let_go()
        if client is not None:
            await self._retire(client, self._dialling)
        tasks = {task for task in (self._dialling, self._retiring) if task is not None and not task.done()}
        if tasks:
            await asyncio.wait(tasks, timeout=3 * self._disconnect_timeout)  # as long as retiring takes at most

    def _tell(self, news: News) -> None:
        if news.generation == self._generation:
            self._to_session(news)

    async def _dial(self, generation: int) -> None:
        if self._retiring is not None:
            await asyncio.wait({self._retiring})
        client = self.client or self._factory(self._owner(generation))
        self.client = client
        client.on_update(self._feed)
        try:
            async with asyncio.timeout(self._connect_timeout):
                account = await client.connect()
        except BaseException:
            await self._disconnect(client)
            raise
        if client is not self.client:  # retired meanwhile, and the cancellation was lost in Telethon's wait_for
            await self._disconnect(client)
            return
        self._tell(Connected(generation, account))
        await client.wait_disconnected()

    def _owner(self, generation: int) -> ClientOwner:
        floods = self._floods
        return _Owner(generation, self._tell, self._pause, floods.holds, floods.refusal, floods.keep)

    def _dialled(self, generation: int, task: asyncio.Task[None]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if isinstance(error, TimeoutError | asyncio.CancelledError):
            error = TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY")
        self._tell(ConnectionEnded(generation, error))

    async def _ask(self, client: Client, well: Checked, patience: float) -> None:
        check, error = well.check, well.error
        try:
            await _answer(client, check, patience)
        except TimeoutError:
            error = TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY", method=check.value)
        except Exception as exc:  # noqa: BLE001  whatever it is, it is what the check came to
            error = exc
        self._tell(replace(well, error=error))

    async def _retire(self, client: Client, dialling: asyncio.Task[None] | None) -> None:
        """Disconnect; only after nothing connects any more, or the new connection would have no owner."""
        if dialling is not None:
            await asyncio.wait({dialling}, timeout=2 * self._disconnect_timeout)
        await self._disconnect(client)

    async def _disconnect(self, client: Client) -> None:
        """Disconnect within the limit; a client that can't is left behind, it has no session any more."""
        try:
            async with asyncio.timeout(self._disconnect_timeout):
                await client.disconnect()
        except TimeoutError:
            return


async def _answer(client: Client, check: Check, patience: float) -> None:
    """Ask the server, and return when it has answered; raises TimeoutError when it doesn't in time."""
    if check in {Check.LINE, Check.ANSWER}:
        if not await client.proves_alive(patience, by_answer=check is Check.ANSWER):
            raise TimeoutError
        return
    async with asyncio.timeout(patience):
        await (client.probe() if check is Check.PROBE else client.catch_up())
