"""Which sessions there are, and which of them failed lately: what the fleet-wide brake decides by.

Owned by the supervisor and used on its loop alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.model.policies import OperationPolicy
from actors.model.resilience import Backoff, FleetBrake
from actors.runtime.delivery import EventStream
from actors.runtime.recipient import Recipient
from actors.runtime.tasks import TaskRegistry
from actors.runtime.timers import Timers
from actors.session.dedupe import Dedupe
from actors.session.permits import Permits
from actors.session.traces import FateBook, Recorder

__all__ = ["Fleet", "Services"]


class Fleet:
    """See the module."""

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

    def failed(self, name: str) -> float:
        """Note that a session lost its connection or broke; return the seconds that it waits for the sake of all."""
        now = time.monotonic()
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
class Services:
    """See the module. policies: this session's table; drain: seconds that a stop gives by default."""

    registry: TaskRegistry
    permits: Permits
    timers: Timers
    events: EventStream
    recorder: Recorder
    fleet: Fleet
    dedupe: Dedupe
    fates: FateBook
    supervisor: Recipient
    policies: Mapping[str, OperationPolicy]
    drain: float
    backoff: Backoff = field(default_factory=Backoff)
