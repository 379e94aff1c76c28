"""Delivery of events to one subscriber, at the subscriber's pace. Nobody else waits for it.

An event goes out as an ask whose reply is the acknowledgement, so it works with any Pykka actor. So many are unanswered
at most as the window allows; the rest waits in a bounded queue. What overflow takes away leaves a place in the queue,
where the subscriber is told of it. Used on one loop alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from actors.model.errors import MailboxFull
from actors.model.events import Event
from actors.model.policies import DeliveryPolicy, Overflow
from actors.runtime import ActorDeadError, ActorFuture, LoopGone, LoopHost, ask_any
from actors.runtime.recipient import Recipient

__all__ = ["Delivery", "EventStream", "Losses"]


FULL = 0.05
"""Seconds after which an event is sent again that a full mailbox has refused."""


def _nothing(*_: Any) -> None:
    """Do nothing."""


class Losses(Protocol):
    """What lacks at one place of a queue. It is true as long as it has something to tell."""

    def add(self, event: Any) -> None:
        """Take in an event that the subscriber won't get, or one that tells of a loss."""

    def take(self) -> Any:
        """Return the next event that tells of it."""

    def __bool__(self) -> bool:
        """Say whether there is more to tell."""


@dataclass(slots=True, eq=False)
class _Lack:
    """A place in the queue where something lacks; the bound doesn't count it."""

    losses: Losses


@dataclass(slots=True, eq=False)
class _Sent:
    """An event that went out. tells_loss: it was made by `Losses`."""

    event: Any
    tells_loss: bool = False
    is_answered: bool = False


class Delivery:
    """What one subscriber is still to get, and what it owes an answer for. The event stream and monitors have one each.

    on_dead: called once, when the recipient turns out to have stopped; on_overflow: called when a full queue is to end
    the subscription; on_answered: called with each event that was answered, well or badly, in the order in which they
    were sent; on_dropped: called with each that won't be. new_losses: makes what tells the subscriber of its losses,
    one for each place in the queue; without it they are counted alone.
    """

    def __init__(
        self,
        recipient: Recipient,
        policy: DeliveryPolicy | None = None,
        *,
        on_dead: Callable[[], object],
        on_overflow: Callable[[], object] = _nothing,
        on_answered: Callable[[Any], object] = _nothing,
        on_dropped: Callable[[Any], object] = _nothing,
        new_losses: Callable[[], Losses] | None = None,
    ) -> None:
        self.recipient = recipient
        self.delivered = 0
        self.dropped = 0
        self.errors = 0
        self._policy = policy or DeliveryPolicy()
        self._host = LoopHost.on_running_loop()
        self._on_dead = on_dead
        self._on_overflow = on_overflow
        self._on_answered = on_answered
        self._on_dropped = on_dropped
        self._new_losses = new_losses
        self._queue: deque[Any] = deque()
        self._lacks = 0
        self._sent: deque[_Sent] = deque()
        self._unanswered = 0
        self._is_sending = False
        self._is_pausing = False
        self._closed = False

    @property
    def oldest(self) -> Any:
        """The event that the subscriber owes an answer for longest, None when it owes none."""
        return self._sent[0].event if self._sent else None

    @property
    def queued(self) -> int:
        """How many events wait, the unanswered ones left out, and those that tell of losses."""
        return len(self._queue) - self._lacks

    @property
    def is_idle(self) -> bool:
        """Whether everything that was offered has been answered or dropped."""
        return not self._queue and not self._sent

    def has_room_for(self, events: int) -> bool:
        """Say whether so many more would overflow nothing; an empty queue takes what it can."""
        return not self._queue or self.queued + events <= self._policy.queue

    def offer(self, event: Any) -> None:
        """Send the event when its turn comes; never blocks and never raises."""
        if self._closed:
            return
        if len(self._queue) - self._lacks < self._policy.queue or self._make_room():
            self._queue.append(event)
            self._send()
        else:
            self._on_dropped(event)
            self.lose(event)

    def lose(self, event: Any) -> None:
        """Tell of a loss after all that waits, whatever the bound. Losses at one place are told together."""
        if self._closed or self._new_losses is None:
            return
        if not self._queue or not isinstance(self._queue[-1], _Lack):
            self._queue.append(self._lack(self._new_losses))
        self._queue[-1].losses.add(event)
        self._send()

    def _lack(self, new_losses: Callable[[], Losses]) -> _Lack:
        self._lacks += 1
        return _Lack(new_losses())

    def close(self) -> None:
        """Send nothing any more, not even what waits."""
        self._closed = True
        self._clear()

    def _clear(self) -> None:
        self._queue.clear()
        self._lacks = 0

    def offer_last(self, event: Any) -> None:
        """Send the event after all that wait, whatever the bound, and take no other."""
        if not self._closed:
            self._queue.append(event)
            self._send()
            self._closed = True

    def _make_room(self) -> bool:
        """Treat a full queue; say whether the new event has room now."""
        self.dropped += 1
        if self._policy.overflow is Overflow.DROP_OLDEST:
            self._drop_oldest()
            return True
        if self._policy.overflow is Overflow.END:
            self._on_overflow()
        return False

    def _drop_oldest(self) -> None:
        """Put what lacks in the place of the oldest event."""
        lacks: list[_Lack] = []
        while isinstance(event := self._queue.popleft(), _Lack):
            lacks.append(event)
        self._on_dropped(event)
        if self._new_losses is not None:
            if not lacks:
                lacks.append(self._lack(self._new_losses))
            lacks[-1].losses.add(event)
        self._queue.extendleft(reversed(lacks))

    def _send(self) -> None:
        """Send what there is room for. Each event has a fresh context: nothing of a handler's comes with the next."""
        if self._is_sending or self._is_pausing:
            return
        self._is_sending = True
        while self._queue and self._unanswered < self._policy.window and not self._is_pausing:
            sent = self._next_loss() if isinstance(self._queue[0], _Lack) else _Sent(self._queue.popleft())
            self._sent.append(sent)
            self._unanswered += 1
            future = ask_any(self.recipient, sent.event, self._host.fresh_context())
            future.add_done_callback(partial(self._answered, sent))
        self._is_sending = False

    def _next_loss(self) -> _Sent:
        """Return the first event of the place at the front of the queue."""
        losses = self._queue[0].losses
        event = losses.take()
        if not losses:
            self._queue.popleft()
            self._lacks -= 1
        return _Sent(event, tells_loss=True)

    def _answered(self, sent: _Sent, future: ActorFuture[Any]) -> None:
        """Go on, on our own loop, if there still is one; the answer may come in the recipient's thread."""
        if self._host.is_here():
            self._acknowledge(sent, future)
        else:
            with suppress(LoopGone):
                self._host.schedule(lambda: self._acknowledge(sent, future))

    def _acknowledge(self, sent: _Sent, future: ActorFuture[Any]) -> None:
        self._unanswered -= 1
        error = future.exception()
        if future.was_refused and isinstance(error, MailboxFull):
            self._try_again(sent)
            return
        if isinstance(error, ActorDeadError) and (future.was_refused or not self._recipient_is_alive()):
            self._die(sent)
            return
        self.delivered += 1
        self.errors += error is not None
        sent.is_answered = True
        while self._sent and self._sent[0].is_answered:
            self._on_answered(self._sent.popleft().event)
        self._send()

    def _recipient_is_alive(self) -> bool:
        try:
            return self.recipient.is_alive()
        except Exception:
            return False

    def _try_again(self, sent: _Sent) -> None:
        """Keep an event that a full mailbox has refused, and send it when there may be room."""
        self._sent.remove(sent)
        if sent.tells_loss and self._new_losses is not None:
            lack = self._lack(self._new_losses)
            lack.losses.add(sent.event)
            self._queue.appendleft(lack)
        else:
            self._queue.appendleft(sent.event)
        if not self._is_pausing:
            self._is_pausing = True
            self._host.loop.call_later(FULL, self._go_on)

    def _go_on(self) -> None:
        self._is_pausing = False
        self._send()

    def _die(self, sent: _Sent) -> None:
        """Drop what was refused and what waits. What was accepted before may be answered yet, or is refused as well."""
        self._sent.remove(sent)
        for event in (sent.event, *(event for event in self._queue if not isinstance(event, _Lack))):
            self._on_dropped(event)
        self._clear()
        if not self._closed:
            self._closed = True
            self._on_dead()


class EventStream:
    """Who hears what happens. A slow, raising or dead subscriber is its own problem alone."""

    def __init__(self) -> None:
        self._subscriptions: list[tuple[Delivery, tuple[type, ...]]] = []
        self.dead_letters = 0

    def subscribe(self, to: Recipient, only: tuple[type, ...] = ()) -> None:
        """Send events to `to`, those of the classes `only` alone if there are any; replaces an earlier call."""
        for index, (delivery, _) in enumerate(self._subscriptions):
            if delivery.recipient == to:
                self._subscriptions[index] = (delivery, only)
                return
        self._subscriptions.append((Delivery(to, on_dead=lambda: self._forget(to)), only))

    def unsubscribe(self, to: Recipient) -> bool:
        """End the subscription of `to`; say whether there was one."""
        before = len(self._subscriptions)
        self._forget(to)
        return len(self._subscriptions) < before

    def publish(self, event: Event) -> None:
        """Offer the event to every subscriber that wants it; returns at once."""
        for delivery, only in tuple(self._subscriptions):
            if not only or isinstance(event, only):
                delivery.offer(event)

    def _forget(self, to: Recipient) -> None:
        for delivery, _ in self._subscriptions:
            if delivery.recipient == to:
                delivery.close()
        self._subscriptions = [pair for pair in self._subscriptions if pair[0].recipient != to]

    def __len__(self) -> int:
        return len(self._subscriptions)
