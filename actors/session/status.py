"""A session's status, made from its parts: frozen, and without a live object in it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from actors.model.config import SessionConfig
from actors.model.status import HoldStatus, MonitorStatus, OperationStatus, SessionStatus
from actors.runtime import Inbox
from actors.session.connection import Connection
from actors.session.queued_operation import OFFLINE
from actors.session.slot import Slot

__all__ = ["session_status"]


def _date(at: float | None, now: float) -> datetime | None:
    return None if at is None else datetime.now(UTC) + timedelta(seconds=at - now)


def _holds(
    inbox: Inbox, waiting: tuple[OperationStatus, ...], dial_at: float | None, now: float
) -> tuple[HoldStatus, ...]:
    """Return what is held; the end of being offline is unknown, so the next attempt at a connection stands for it."""
    return tuple(
        HoldStatus(
            key=held.key,
            reason=held.reason,
            until=_date(dial_at if held.key == OFFLINE else held.until, now),
            operations=sum(held.key in operation.held_by for operation in waiting),
        )
        for held in inbox.mailbox.holds()
    )


def session_status(
    config: SessionConfig,
    connection: Connection,
    slot: Slot,
    inbox: Inbox,
    monitors: tuple[MonitorStatus, ...],
    *,
    restarts: int,
    reason: str,
) -> SessionStatus:
    """Return the snapshot."""
    now = time.monotonic()
    with inbox.lock:
        held_keys = {held.key for held in inbox.mailbox.holds()}
        waiting = tuple(
            entry.snapshot(now=now, held_by=tuple(sorted(entry.needs & held_keys))) for entry in inbox.mailbox
        )
        holds = _holds(inbox, waiting, connection.dial_at, now)
    running = slot.running
    return SessionStatus(
        name=config.name,
        phase=connection.phase,
        account=connection.account,
        current_operation=None if running is None else running.entry.snapshot(now=now),
        operation_start_time=None if running is None else running.context.start_time,
        queue_size=len(waiting),
        capacity=config.capacity,
        waiting=waiting,
        holds=holds,
        monitors=monitors,
        connects=connection.connects,
        restarts=restarts,
        outcomes=dict(slot.outcomes.counts),
        reason=reason,
    )
