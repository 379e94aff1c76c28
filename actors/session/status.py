"""A session's status, made from its parts when it is asked for: frozen, and without a live object in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from actors.model.config import SessionConfig
from actors.model.status import HoldStatus, SessionStatus
from actors.session.core import SessionCore
from actors.session.monitoring.monitors import Monitors
from actors.session.queued_operation import OFFLINE

__all__ = ["session_status"]


def session_status(
    config: SessionConfig, core: SessionCore, monitors: Monitors, now: float, *, unconverted: int
) -> SessionStatus:
    """Return the snapshot."""
    waiting = core.dispatcher.queue.snapshot(now)
    running, connection = core.dispatcher.slot.running, core.connection
    holds = tuple(
        HoldStatus(
            key=one.key,
            reason=one.reason,
            # the end of being offline is unknown: the next attempt at a connection stands for it
            until=_date(connection.dial_at if one.key == OFFLINE else one.until, now),
            operations=operations,
        )
        for one, operations in waiting.holds
    )
    return SessionStatus(
        name=config.name,
        phase=core.phase,
        account=connection.account,
        current_operation=None if running is None else running.entry.snapshot(now=now),
        operation_start_time=None if running is None else running.context.start_time,
        queue_size=waiting.number,
        capacity=config.capacity,
        waiting=waiting.first,
        holds=holds,
        monitors=monitors.status(),
        unreadable=monitors.unreadable,
        connects=connection.connects,
        restarts=core.restarts,
        outcomes=dict(core.dispatcher.outcomes.counts),
        reason="" if core.stopping is None else core.stopping.reason,
        unconverted=unconverted,
    )


def _date(at: float | None, now: float) -> datetime | None:
    return None if at is None else datetime.now(UTC) + timedelta(seconds=at - now)
