"""The inbox of a `PriorityActor`: its messages wait in a bounded mailbox, and are taken in the order of that."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from actors.model.config import MAILBOX_CAPACITY
from actors.runtime.inbox import Inbox, nothing
from actors.runtime.mailbox import Mailbox

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["PriorityInbox", "QueuedMessage"]

_NEEDS: frozenset[str] = frozenset()
_NONE: Mailbox[Any] = Mailbox(1)
"""The mailbox of actors that have stopped. It stays empty: their inboxes refuse everything."""


class QueuedMessage:
    """A message in the mailbox: its envelope, its place and its limits. A session's entry is `QueuedOperation`."""

    __slots__ = ("accepted_at", "due_at", "envelope", "priority", "sequence", "wait_deadline", "wait_timeout")

    has_started = False
    is_bounded = True
    needs = _NEEDS

    def __init__(
        self, envelope: Envelope[Any], priority: int, wait_timeout: float, due_after: float | None, now: float
    ) -> None:
        self.envelope = envelope
        self.priority = priority
        self.sequence = 0
        self.accepted_at = now
        self.wait_timeout = wait_timeout
        self.wait_deadline = now + wait_timeout
        self.due_at = math.inf if due_after is None else now + due_after * wait_timeout

    @property
    def hold_deadline(self) -> float:
        """The same: nothing holds a message up."""
        return self.wait_deadline


class PriorityInbox(Inbox):
    """An inbox with a mailbox. In its lane is what the actor doesn't admit to that: stop requests, which go first.

    on_late: hears of each message that has waited too long, when the next one is taken.
    """

    __slots__ = ("mailbox", "on_late")

    def __init__(self) -> None:
        super().__init__()
        self.mailbox: Mailbox[QueuedMessage] = Mailbox(MAILBOX_CAPACITY)
        self.on_late: Callable[[QueuedMessage, float], Any] = nothing

    def get(self) -> Any:
        """Take the message whose turn it is, None when there is none."""
        if self._lane or self._came:
            with self.lock:
                envelope = super().get()
                self.awake = self.awake or bool(self.mailbox)
                return envelope
        now = time.monotonic()
        with self.lock:
            ripe, entry = self.mailbox.take_next(now)
            self.awake = bool(self.mailbox or self._came)
        for late in ripe.expired:
            self.on_late(late, now)
        return None if entry is None else entry.envelope

    def let_go(self) -> None:
        """Keep nothing of the actor, nor its mailbox."""
        super().let_go()
        self.mailbox, self.on_late = _NONE, nothing

    def empty(self) -> bool:
        """Say whether no message waits."""
        return super().empty() and not self.mailbox
