"""Whether a client's line to the server lives. It is asked when nothing came for long, and decides nothing by itself.

A socket stays open when a NAT forgets it, a firewall drops its packets or a laptop has slept; only what comes tells
that the other end is there. `TelethonClient` uses it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from actors.telegram.sender import drop, post_ping
from actors.telegram.transport import Transport

__all__ = ["proves_alive"]

LOOKS = 5
"""Looks at the line, so many in the time that it has. Each needs a turn of the event loop, so that a loop which was
blocked for longer than the line's whole time still reads what has come before it is over."""


async def proves_alive(client: Any, transport: Transport, patience: float, *, by_answer: bool) -> bool:
    """Send a ping; say whether there was a sign of life within `patience` seconds. See `model/client.py`."""
    since, unsent, left = transport.last_byte, _unsent(client), LOOKS
    try:
        ping = post_ping(client)
    except ConnectionError:
        return False
    try:
        while left:
            await asyncio.wait({ping.future}, timeout=patience / LOOKS)
            if ping.future.done():
                return not ping.future.cancelled() and ping.future.exception() is None
            if transport.last_byte > since and not by_answer:
                return True
            before, unsent = unsent, _unsent(client)
            left = LOOKS if unsent < before else left - 1
        return False
    finally:
        drop(client._sender, ping)


def _unsent(client: Any) -> int:
    """Return how many bytes wait to leave."""
    return int(getattr(client._sender._connection, "unsent", 0))
