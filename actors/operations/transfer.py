"""Moving the parts of a file, a window of them at once, within one attempt. It knows no disk and no direction.

It has no task: requests that are in flight are waited for together (`model/client.py`, Flight). How many there may be
is `operations/window.py`'s to say. `SendFile` and `DownloadFile` use it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from actors.model.client import Flight
from actors.model.errors import ActorsError, FloodWait
from actors.operations.operation import OperationContext
from actors.operations.parts import bytes_in
from actors.operations.window import Window

__all__ = ["Landed", "Transfer", "window_of"]

T = TypeVar("T")


class Landed(NamedTuple, Generic[T]):
    """A part, and the answer to it."""

    part: int
    answer: T


class Transfer(Generic[T]):
    """The parts of a file of `size` bytes that are to be moved in one attempt.

    launch(part): sends the request for a part, after what has to be done before it. Once one part has failed, or the
    operation gives way, no more are launched, and the others land first: nothing that was acknowledged is lost.
    """

    def __init__(
        self,
        parts: Iterator[int],
        size: int,
        launch: Callable[[int], Awaitable[Flight[T]]],
        context: OperationContext,
        window: Window,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts
        self._size = size
        self._launch = launch
        self._context = context
        self._window = window
        self._now = now
        self._flying: dict[int, Flight[T]] = {}
        self._landed: deque[Landed[T]] = deque()
        self._error: ActorsError | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is in flight or has landed unseen, and no error is to be raised."""
        return not self._flying and not self._landed and self._error is None

    async def next(self) -> Landed[T] | None:
        """Return the next part that has landed; None when all have.

        Raises the error of the first part that failed once everything else has landed. What has landed makes room for
        others before it is returned, so that the line never waits for the disk.
        """
        while True:
            self._collect()
            while self._may_launch() and (part := next(self._parts, None)) is not None:
                await self._send(part)
            if self._landed:
                return self._landed.popleft()
            if not self._flying:
                if self._error is not None:
                    raise self._error
                return None
            await asyncio.wait([flight.future for flight in self._flying.values()], return_when=asyncio.FIRST_COMPLETED)

    def end(self) -> list[int]:
        """Drop what is in flight, and return the parts that have landed unseen. After a cut alone there are any."""
        self._collect()
        if self._flying:
            self._window.refused()
        for flight in self._flying.values():
            flight.drop()
        self._flying.clear()
        return [landed.part for landed in self._landed]

    def _collect(self) -> None:
        """Take in every answer that is there."""
        for part in [part for part, flight in self._flying.items() if flight.future.done()]:
            try:
                answer = self._flying.pop(part).result()
            except ActorsError as error:
                self._fail(error)
            else:
                self._window.answered(bytes_in(part, self._size), self._now())
                self._landed.append(Landed(part, answer))

    def _may_launch(self) -> bool:
        held = len(self._flying) + len(self._landed)
        if self._error is not None or (held and self._context.giving_way):
            return False
        return held < self._window.size

    async def _send(self, part: int) -> None:
        try:
            flight = await self._launch(part)
        except ActorsError as error:
            self._fail(error)
            return
        if not self._flying:
            self._window.begin(self._now())
        self._flying[part] = flight

    def _fail(self, error: ActorsError) -> None:
        if self._error is None:
            self._error = error
            if isinstance(error, FloodWait):
                self._window.refused()


def window_of(context: OperationContext, fixed: int | None) -> Window:
    """Return the window of an operation's file: what it has learned of the line holds for all attempts."""
    notes: dict[str, Any] = context.metadata
    window: Window = notes.setdefault("window", Window(fixed))
    return window
