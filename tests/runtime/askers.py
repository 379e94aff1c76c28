"""An actor that asks others, for the tests of the runtime, and a loop to await it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actors.runtime import AsyncioActor, LoopHost, hosted

__all__ = ["Asker", "here"]


class Asker(AsyncioActor):
    """Waits for an answer of another actor in its handler."""

    def __init__(self) -> None:
        super().__init__()
        self.other: Any = None

    async def on_receive(self, message: Any) -> Any:
        """Ask on, or answer."""
        if message == "ask on":
            return await self.other.ask("ask on", block=False)
        return message


async def here(main: Callable[[], Awaitable[None]]) -> None:
    """Run `main` with actors on the running loop."""
    with hosted(LoopHost.on_running_loop()):
        await main()
