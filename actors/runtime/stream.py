"""An asyncio iterator that events can be delivered to like to an actor. Taking an item is its acknowledgement.

So a slow consumer fills the bounded queue of its subscription, and no queue of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from pykka import ActorDeadError
from pykka._envelope import Envelope

from actors.runtime.loop import LoopGone, LoopHost

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Stream"]


class Stream:
    """A recipient that is iterated over, on the loop that made it, by one consumer."""

    def __init__(self) -> None:
        self.actor_inbox = self
        self._host = LoopHost.on_running_loop()
        self._envelopes: deque[Envelope[Any]] = deque()
        self._arrived = asyncio.Event()
        self._closed = False

    def is_alive(self) -> bool:
        """Say whether it is still iterated over."""
        return not self._closed

    def tell(self, message: Any) -> None:
        """Append a message."""
        self.put(Envelope(message))

    def put(self, envelope: Envelope[Any]) -> None:
        """Append a message, whose reply is given when the next one is asked for; from any thread."""
        if self._closed:
            raise ActorDeadError("the stream is closed")
        self._envelopes.append(envelope)
        try:
            self._host.schedule(self._arrived.set)
        except LoopGone:
            self.close()
            raise ActorDeadError("the stream's loop is gone") from None

    def close(self) -> None:
        """End it; what was not taken is answered as by a dead actor."""
        self._closed = True
        while self._envelopes:
            reply_to = self._envelopes.popleft().reply_to
            if reply_to is not None:
                error = ActorDeadError("the stream is closed")
                reply_to.set_exception((ActorDeadError, error, None))
        self._arrived.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while not self._envelopes:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        envelope = self._envelopes.popleft()
        if envelope.reply_to is not None:
            envelope.reply_to.set(None)
        return envelope.message
