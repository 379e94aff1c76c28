"""Delivery of events to one subscriber, at the subscriber's pace. Nobody else waits for it.

An event goes out as an ask whose reply is the acknowledgement, so it works with any Pykka actor. At most `WINDOW` are
unanswered; the rest waits in a bounded queue, and what overflows it is dropped and counted. Used on one loop alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from actors.ports import Recipient
from actors.runtime import ActorDeadError, ActorFuture, LoopHost, ask_any

__all__ = ["Delivery"]

QUEUE = 10_000
"""Events that wait for a subscriber before the oldest is dropped; a snapshot is about 1 KiB."""

WINDOW = 1
"""Events that may be unanswered at once."""


class Delivery:
    """See the module. `on_dead` is called once, when the recipient turns out to have stopped."""

    def __init__(
        self,
        recipient: Recipient,
        *,
        on_dead: Callable[[], object],
    ) -> None:
        self.recipient = recipient
        self.delivered = 0
        self.dropped = 0
        self.errors = 0
        self._host = LoopHost.on_running_loop()
        self._on_dead = on_dead
        self._queue: deque[Any] = deque()
        self._unanswered = 0
        self._dead = False

    @property
    def queued(self) -> int:
        """How many events wait, the unanswered ones left out."""
        return len(self._queue)

    def offer(self, event: Any) -> None:
        """Send the event when its turn comes; never blocks and never raises."""
        if self._dead:
            return
        if len(self._queue) >= QUEUE:
            self.dropped += 1
            self._queue.popleft()
        self._queue.append(event)
        self._send()

    def _send(self) -> None:
        if not self._recipient_is_alive():
            self._die()
        while self._queue and self._unanswered < WINDOW:
            self._unanswered += 1
            ask_any(self.recipient, self._queue.popleft()).add_done_callback(self._answered)

    def _answered(self, future: ActorFuture[Any]) -> None:
        """Go on, on our own loop; the answer may come in the recipient's thread."""
        error = future.exception()
        self._host.schedule(lambda: self._acknowledge(error))

    def _acknowledge(self, error: BaseException | None) -> None:
        self._unanswered -= 1
        if isinstance(error, ActorDeadError) and not self._recipient_is_alive():
            self._die()
            return
        self.delivered += 1
        self.errors += error is not None
        self._send()

    def _recipient_is_alive(self) -> bool:
        try:
            return self.recipient.is_alive()
        except Exception:  # noqa: BLE001  a recipient that can't even say so is none
            return False

    def _die(self) -> None:
        if not self._dead:
            self._dead = True
            self._queue.clear()
            self._on_dead()
