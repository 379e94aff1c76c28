"""Tasks that begin at once: their first step runs before whoever starts them goes on. One that never waits is cheap.

Only Python 3.12 and later can do so (`asyncio.Task(eager_start=True)`); before, such a task begins with the next turn
of the loop, like any other. Used for handlers, and for attempts at operations.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

__all__ = ["start_task"]


if sys.version_info >= (3, 12):

    def start_task(
        loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], *, name: str, context: Context | None
    ) -> asyncio.Task[Any]:
        """Start a task on the running loop; it may be done when this returns.

        A loop that makes its tasks in its own way (`set_task_factory`) makes this one, too.
        """
        if loop.get_task_factory() is not None:
            return loop.create_task(coroutine, name=name, context=context)
        return asyncio.Task(coroutine, loop=loop, name=name, context=context, eager_start=True)

else:

    def start_task(
        loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], *, name: str, context: Context | None
    ) -> asyncio.Task[Any]:
        """Start a task on the running loop, which begins it with its next turn."""
        return loop.create_task(coroutine, name=name, context=context)
