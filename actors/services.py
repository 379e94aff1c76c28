"""What the supervisor hands to each of its sessions, besides messages: registry, permits, timers, the event stream.

All of it lives on the supervisor's loop and is used there alone, so that what a session starts, takes or times is
known to the supervisor in the same instant.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field

from actors.delivery import Delivery
from actors.fleet import Fleet
from actors.model.events import Event
from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff
from actors.once import Once
from actors.permits import Permits
from actors.ports import Recipient
from actors.recorder import FateBook, Recorder
from actors.registry import TaskRegistry

__all__ = ["EventStream", "Services", "Tick", "Timers"]


@dataclass(frozen=True, slots=True)
class Tick:
    """To a session: look at your limits and your slot; something is due, or has become free."""


class Timers:
    """One timer a session: the supervisor's hold on time."""

    def __init__(self) -> None:
        self._armed: dict[str, tuple[float, asyncio.TimerHandle]] = {}

    def arm(self, name: str, at: float | None, callback: Callable[[], None]) -> None:
        """Call back at the monotonic time `at`, or before: a timer that is armed for earlier stays as it is.

        So it is set anew seldom, and whoever is called back looks at what is due, and arms again.
        """
        armed = self._armed.get(name)
        if at is None or (armed is not None and armed[0] <= at):
            return
        if armed is not None:
            armed[1].cancel()

        def fire() -> None:
            del self._armed[name]
            callback()

        delay = max(0.0, at - time.monotonic())
        self._armed[name] = (at, asyncio.get_running_loop().call_later(delay, fire, context=Context()))

    def disarm(self, name: str) -> None:
        """Cancel a timer, if there is one."""
        armed = self._armed.pop(name, None)
        if armed is not None:
            armed[1].cancel()


class EventStream:
    """Who hears what happens. A slow, raising or dead subscriber is its own problem alone."""

    def __init__(self) -> None:
        self._subscriptions: list[tuple[Delivery, tuple[type, ...]]] = []
        self.dead_letters = 0

    def subscribe(self, to: Recipient, only: tuple[type, ...] = ()) -> None:
        """Send events to `to`, those of the classes `only` alone if there are any; replaces an earlier call."""
        self.unsubscribe(to)
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
        self._subscriptions = [pair for pair in self._subscriptions if pair[0].recipient != to]

    def __len__(self) -> int:
        return len(self._subscriptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """See the module. policies: this session's table; drain: seconds that a stop gives by default."""

    registry: TaskRegistry
    permits: Permits
    timers: Timers
    events: EventStream
    recorder: Recorder
    fleet: Fleet
    once: Once
    fates: FateBook
    supervisor: Recipient
    policies: Mapping[str, OperationPolicy]
    drain: float
    backoff: Backoff = field(default_factory=Backoff)
