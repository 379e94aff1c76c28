"""An asyncio iterator that events can be delivered to like to an actor. Taking an item is its acknowledgement.

So a slow consumer fills the bounded queue of its subscription, and no queue of its own. It lives on the loop that made
it, has an inbox as actors have, and ends with its loop as they do.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from pykka._envelope import Envelope

from actors.runtime.envelope import reply
from actors.runtime.inbox import Inbox
from actors.runtime.loop import LoopHost

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Stream"]


class Stream:
    """A recipient that is iterated over, on the loop that made it, by one consumer."""

    def __init__(self) -> None:
        self.actor_urn = uuid.uuid4().urn
        self.actor_inbox = Inbox()
        self.actor_inbox.owner = f"Stream ({self.actor_urn})"
        self._arrived = asyncio.Event()
        self._closed = False
        self._host = LoopHost.on_running_loop()
        self._host.adopt(self)
        self.actor_inbox.attach(self._host, self._arrived.set)

    def is_alive(self) -> bool:
        """Say whether it is still iterated over."""
        return not self._closed

    def tell(self, message: Any) -> None:
        """Append a message, from any thread; raises `pykka.ActorDeadError` once it is closed."""
        self.actor_inbox.put(Envelope(message))

    def close(self) -> None:
        """End it, on its loop; what was not taken is answered as by a dead actor."""
        self._host.actors.pop(self.actor_urn, None)
        self.loop_gone()
        self._arrived.set()

    def loop_gone(self) -> None:
        """Be closed: the loop is closing, and nobody iterates any more."""
        self._closed = True
        self.actor_inbox.abandon()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """Return the next message; its sender hears that it was taken."""
        while (envelope := self.actor_inbox.get()) is None:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        reply(envelope.reply_to, None)
        return envelope.message
