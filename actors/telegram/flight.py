"""A request that is on its way while its sender does something else, such as sending the next one.

It has no task: Telethon's own future is what is waited for. `FileRequests` sends the parts of files this way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from actors.model.errors import ActorsError, TelegramError
from actors.telegram.sender import drop, forget, post

__all__ = ["Ready", "Request"]

T_co = TypeVar("T_co", covariant=True)


class Request(Generic[T_co]):
    """A `Flight` (see `model/client.py`) of one request of Telethon's, which leaves when this is made.

    read: returns what an answer says, or raises an ActorsError. meant: returns our error for Telethon's, None being its
    word for a request that it has dropped; it is asked once, as soon as the request has failed. refusal: why the
    request isn't sent at all. again(error): returns the request that is sent in its place once it was refused, for
    whoever awaits the answer, or raises.
    """

    __slots__ = ("_again", "_error", "_meant", "_read", "_sender", "_state", "future")

    def __init__(
        self,
        client: Any,
        request: Any,
        read: Callable[[Any], T_co],
        meant: Callable[[BaseException | None], ActorsError],
        refusal: ActorsError | None = None,
        again: Callable[[TelegramError], Coroutine[Any, Any, Request[T_co]]] | None = None,
    ) -> None:
        self._sender = client._sender
        self._read = read
        self._meant = meant
        self._again = again
        self._error = refusal
        self._state = None
        if refusal is None:
            try:
                self._state = post(client, request)
            except ConnectionError as error:  # an end like any other: the result says it
                self._error = meant(error)
        if self._state is not None:
            self.future: asyncio.Future[Any] = self._state.future
            self.future.add_done_callback(self._landed)
        else:
            self.future = asyncio.get_running_loop().create_future()
            self.future.set_result(None)

    def _landed(self, future: asyncio.Future[Any]) -> None:
        """Find out what a failure means, whether anybody looks at the result or not."""
        if self._error is None and not future.cancelled() and (error := future.exception()) is not None:
            self._error = self._meant(error)

    def result(self) -> T_co:
        """Return what the answer says, or raise the ActorsError that it is."""
        if self._state is not None:
            forget(self._state)
        self._landed(self.future)
        if self._error is None and self.future.cancelled():
            self._error = self._meant(None)
        if self._error is not None:
            raise self._error from self._error.__cause__
        return self._read(self.future.result())

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


class Ready(Generic[T_co]):
    """A `Flight` whose answer was there before it left."""

    __slots__ = ("_answer", "future")

    def __init__(self, answer: T_co) -> None:
        self._answer = answer
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.future.set_result(None)

    def result(self) -> T_co:
        """Return the answer."""
        return self._answer

    def drop(self) -> None:
        """Do nothing: no request is anywhere."""

    def __await__(self) -> Generator[Any, Any, T_co]:
        yield from self.future
        return self._answer
