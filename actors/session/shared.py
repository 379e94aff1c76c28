"""What the supervisor and its sessions have in common, besides messages: registry, permits, timers, events, the clock.

All of it lives on the supervisor's loop and is used there alone, so that what a session starts, takes or times is
known to the supervisor in the same instant. Made by the supervisor, handed to each session it starts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actors.model.config import SystemConfig
from actors.model.policies import OperationPolicy
from actors.model.resilience import FleetBrake
from actors.runtime.delivery import EventStream
from actors.runtime.recipient import Recipient
from actors.runtime.tasks import TaskRegistry
from actors.runtime.timers import Timers
from actors.session.dedupe import Dedupe
from actors.session.permits import Permits
from actors.session.traces import Recorder

__all__ = ["Clock", "Fleet", "Shared"]

Clock = Callable[[], float]
"""Returns monotonic seconds, as `time.monotonic` does."""


class Fleet:
    """Which sessions there are, and which of them failed lately: what the fleet-wide brake decides by."""

    def __init__(self, brake: FleetBrake) -> None:
        self._brake = brake
        self._members: set[str] = set()
        self._failed: dict[str, float] = {}

    def join(self, name: str) -> None:
        """Count a session in."""
        self._members.add(name)

    def leave(self, name: str) -> None:
        """Count a session out."""
        self._members.discard(name)
        self._failed.pop(name, None)

    def failed(self, name: str, now: float) -> float:
        """Note that a session lost its connection or broke; return the seconds that it waits for the sake of all."""
        self._failed.pop(name, None)
        self._failed[name] = now
        while self._failed and now - next(iter(self._failed.values())) > self._brake.within:
            del self._failed[next(iter(self._failed))]
        return self._brake.pause(
            failed=len(self._failed),
            fleet=len(self._members),
            chance=random.random(),  # noqa: S311  only spreads load
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What one session gets. system: the limits that hold for all; policies: the table for this session."""

    system: SystemConfig
    policies: Mapping[str, OperationPolicy]
    supervisor: Recipient
    now: Clock
    registry: TaskRegistry
    permits: Permits
    timers: Timers
    events: EventStream
    recorder: Recorder
    fleet: Fleet
    dedupe: Dedupe
