"""Who waits for a session to come online. Not the connection: it is told how that went.

Used on the session's loop alone, and owned by its actor.
"""

from __future__ import annotations

import asyncio

__all__ = ["Arrival"]


class Arrival:
    """Those that wait until a session is online, or until it is clear that it won't be."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Return when the session has come online; raise what keeps it from that."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def settle(self, error: BaseException | None) -> None:
        """Have all that wait go on; error: what keeps the session from coming online, None when it has."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
