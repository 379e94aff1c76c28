"""How the parts of a session are put together, with the settings of its system. Used by the session actor."""

from __future__ import annotations

import random
from collections.abc import Callable

from actors.model.config import SessionConfig
from actors.operations.watch import SessionFacilities
from actors.runtime import Node
from actors.session.connection import Connection
from actors.session.core import SessionCore
from actors.session.dispatcher import Dispatcher
from actors.session.floods import Floods
from actors.session.outcomes import Outcomes
from actors.session.permits import PermitHolder
from actors.session.queue import OperationQueue
from actors.session.shared import Shared
from actors.session.slot import Slot

__all__ = ["new_core"]


def new_core(
    config: SessionConfig,
    shared: Shared,
    queue: OperationQueue,
    facilities: SessionFacilities,
    node: Node,
    *,
    on_grant: Callable[[str], None],
    look_at: Callable[[float], object],
    last_byte: Callable[[], float],
) -> SessionCore:
    """Return the core of a session.

    on_grant: called when a permit arrives late; look_at: to be looked at then; last_byte: when the server was heard.
    """
    name, system = config.name, shared.system
    now = shared.now
    dispatcher = Dispatcher(
        queue,
        Slot(node, facilities, grace=system.cancel_grace, now=now, look_at=look_at),
        PermitHolder(shared.permits, queue.wanting_permit, on_grant),
        Outcomes(name, shared.events, shared.recorder),
        Floods(queue, shared.events, session=name, now=now, look_at=look_at),
        events=shared.events,
        backoff=system.backoff,
        chance=random.random,
    )
    return SessionCore(
        name,
        Connection(config.health, last_byte),
        dispatcher,
        shared.events,
        backoff=system.backoff,
        pause=shared.fleet.failed,
        chance=random.random,
        now=now(),
    )
