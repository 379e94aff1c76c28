"""A request that is on its way while its sender does something else, such as sending the next one.

It has no task: Telethon's own future is what is waited for. `FileRequests` sends the parts of files this way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from actors.model.errors import TelegramError
from actors.telegram.sender import drop, forget, post

__all__ = ["Request"]

T_co = TypeVar("T_co", covariant=True)


class Request(Generic[T_co]):
    """A `Flight` (see `model/client.py`) of one request of Telethon's, which leaves when this is made.

    read: returns what an answer says, given Telethon's future once it is done, or raises an ActorsError. again(error):
    returns the request that is sent in its place once it was refused, for whoever awaits the answer, or raises.
    """

    __slots__ = ("_again", "_read", "_sender", "_state", "future")

    def __init__(
        self,
        client: Any,
        request: Any,
        read: Callable[[asyncio.Future[Any]], T_co],
        *,
        again: Callable[[TelegramError], Coroutine[Any, Any, Request[T_co]]] | None = None,
    ) -> None:
        self._sender = client._sender
        self._read = read
        self._again = again
        try:
            self._state = post(client, request)
            self.future: asyncio.Future[Any] = self._state.future
        except ConnectionError as error:  # an end like any other: the future has it
            self._state = None
            self.future = asyncio.get_running_loop().create_future()
            self.future.set_exception(error)

    def result(self) -> T_co:
        """Return what the answer says, or raise the ActorsError that it is."""
        if self._state is not None:
            forget(self._state)
        return self._read(self.future)

    def drop(self) -> None:
        """Forget the request: it isn't sent again after a reconnect, and its answer goes nowhere."""
        if self._state is not None and self._state.future is not None:
            drop(self._sender, self._state)

    def __await__(self) -> Generator[Any, Any, T_co]:
        try:
            yield from self.future
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                self.drop()
                raise
        except Exception:  # noqa: BLE001, S110  the result says it, in our words
            pass
        try:
            return self.result()
        except TelegramError as error:
            if self._again is None:
                raise
            other = yield from self._again(error).__await__()
        return (yield from other.__await__())
