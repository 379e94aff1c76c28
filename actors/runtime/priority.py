"""`PriorityActor`: an `AsyncioActor` whose messages wait in the bounded priority mailbox of the sessions.

For actors of your own: what matters most is handled first, what waits too long is never handled, and a sender learns at
once when there is no room. Everything else is as in `AsyncioActor`, proxies included.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pykka import ActorDeadError

from actors.model.checks import check_count, check_seconds, check_share
from actors.model.config import MAILBOX_CAPACITY
from actors.model.errors import MailboxFull, QueueWaitTimeout
from actors.runtime.actor import AsyncioActor
from actors.runtime.envelope import answer_all_dead, reply, reply_error, safely
from actors.runtime.mailbox import Offer
from actors.runtime.place import here
from actors.runtime.priority_inbox import PriorityInbox, QueuedMessage

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["PriorityActor", "WithPriority"]

logger = logging.getLogger("actors.runtime")


@dataclass(frozen=True, slots=True)
class WithPriority:
    """A message to a `PriorityActor` with its own place: what the handler gets is `message` alone.

    priority: higher is handled first; wait_timeout: seconds after which it is not handled any more, None for never.
    """

    message: Any
    priority: int = 0
    wait_timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse a place that can't be."""
        check_count("priority", self.priority, least=None)
        check_seconds("wait_timeout", self.wait_timeout, or_none=True)


class PriorityActor(AsyncioActor):
    """An actor that handles what matters most first. Subclass it as you would `AsyncioActor`.

    capacity: messages that may wait; one more is refused with `MailboxFull`, raised by `tell`, in the future of `ask`.
    due_after: the share of its wait timeout (0 to 1) after which a message goes before all others, None for strict
    priority. A message brings its priority and wait timeout along as `WithPriority`, or `priority_of` and
    `wait_timeout_of` say them. A stop waits for all that was accepted before it. What can't be any of these raises
    InvalidInput: from the start of the actor, or for a message from `tell`, and in the future of `ask`.
    """

    actor_inbox: PriorityInbox

    capacity: ClassVar[int] = MAILBOX_CAPACITY
    due_after: ClassVar[float | None] = 0.5

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        check_count("capacity", self.capacity, least=1)
        check_share("due_after", self.due_after, or_none=True)
        super().__init__(*args, **kwargs)
        inbox = self.actor_inbox
        inbox.admit, inbox.on_late = self._admit, self._expire
        inbox.mailbox.capacity = self.capacity
        self._checked: float | None = None  # the last wait timeout that was found right
        self._stops: list[Envelope[Any]] = []
        self._too_late: list[Envelope[Any]] = []  # what the handlers told this actor itself after a stop
        self._timer: asyncio.TimerHandle | None = None

    @staticmethod
    def _create_actor_inbox() -> PriorityInbox:
        return PriorityInbox()

    # For subclasses.

    def priority_of(self, message: Any) -> int:  # noqa: ARG002  for subclasses
        """Return the priority of a message that brings none along; higher is first. Called in the sender's thread."""
        return 0

    def wait_timeout_of(self, message: Any) -> float | None:  # noqa: ARG002  for subclasses
        """Return the seconds that such a message may wait, None for ever. Called in the sender's thread."""
        return None

    def on_expired(self, message: Any) -> None:
        """Hear of a told message that waited too long and is never handled; an asked one is answered with the error."""
        logger.warning("%s let a %s expire in its mailbox", self, type(message).__name__)

    # The mailbox.

    def _admit(self, envelope: Envelope[Any]) -> bool:
        message = envelope.message
        if issubclass(type(message), self.stop_messages):
            self.actor_inbox.mailbox.close()  # what comes after it is refused
            return False
        if type(message) is WithPriority:
            priority, limit = message.priority, message.wait_timeout
            envelope.message = message.message
        else:
            priority, limit = self.priority_of(message), self.wait_timeout_of(message)
            if type(priority) is not int:
                check_count("priority_of", priority, least=None)
            if limit is not self._checked:
                check_seconds("wait_timeout_of", limit, or_none=True)
                self._checked = limit
        wait_timeout = math.inf if limit is None else limit
        entry = QueuedMessage(envelope, priority, wait_timeout, self.due_after, time.monotonic())
        offer = self.actor_inbox.mailbox.offer(entry)
        if offer is Offer.ACCEPTED:
            return True
        if offer is Offer.CLOSED and self._is_own_turn():
            self._too_late.append(envelope)  # as what an AsyncioActor tells itself behind a stop: it is never handled
            return True
        if offer is Offer.CLOSED:
            raise ActorDeadError(f"{self.actor_ref} not found")
        name = type(envelope.message).__name__
        raise MailboxFull(session=str(self), operation_type=name, capacity=self.capacity)

    def _on_turn(self) -> None:
        if self._stops:
            self._depart()

    def _wait_for(
        self, task: asyncio.Task[Any], coroutine: Coroutine[Any, Any, Any], then: Callable[[asyncio.Task[Any]], Any]
    ) -> None:
        """Wait for a handler's task; see that what waits meanwhile expires in time."""
        super()._wait_for(task, coroutine, then)
        if self._busy:
            self._on_message_while_busy()

    def _on_message_while_busy(self) -> None:
        self.actor_inbox.rest()
        self._arm()

    def _arm(self) -> None:
        """Look again at the earliest deadline of what waits."""
        with self.actor_inbox.lock:
            due = self.actor_inbox.mailbox.next_due()
        self._disarm()
        if due is not None and math.isfinite(due):
            self._timer = self._host.loop.call_later(max(0.0, due - time.monotonic()), self._time_is_up)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_is_up(self) -> None:
        now = time.monotonic()
        with self.actor_inbox.lock:
            expired = self.actor_inbox.mailbox.ripe(now).expired
        for late in expired:
            self._expire(late, now)
        self._arm()

    def _expire(self, entry: QueuedMessage, now: float) -> None:
        envelope = entry.envelope
        if envelope.reply_to is None:
            hook = functools.partial(self.on_expired, envelope.message)
            safely(functools.partial(self._host.fresh_context().run, hook))
            return
        name, waited = type(envelope.message).__name__, now - entry.accepted_at
        reply_error(
            envelope.reply_to,
            QueueWaitTimeout(session=str(self), operation_type=name, waited=waited, wait_timeout=entry.wait_timeout),
        )

    def _is_own_turn(self) -> bool:
        """Say whether a handler of this actor runs here: an `async def` one stays at its node, another is in a turn."""
        stay = here().stay
        return (stay is not None and stay.node == self._node) or (self.actor_inbox.in_turn and self._host.is_here())

    # The end.

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Stop when everything that was accepted before has been handled."""
        self._stops.append(envelope)

    def _clean_up(self) -> None:
        """Answer what was left, in the mailbox too, and whoever waits for the stop, in whichever way it came."""
        self._disarm()
        with self.actor_inbox.lock:
            mailbox = self.actor_inbox.mailbox
            mailbox.close()
            left = [entry.envelope for entry in mailbox.clear()] + self._too_late
        answer_all_dead(left, f"{self.actor_ref}")
        super()._clean_up()
        stops, self._stops = self._stops, []
        for envelope in stops:
            reply(envelope.reply_to, None)
