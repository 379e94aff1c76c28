"""The task of an `async def` handler: it awaits the handler, and replies. Used by actors alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any

from actors.runtime.contained import Exit
from actors.runtime.envelope import reply
from actors.runtime.later import Later
from actors.runtime.place import Stay

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["handled", "merely_makes_a_coroutine", "when_ended"]

DOUBT = 0.05
"""Seconds after which a loop that still runs isn't being closed, though a handler's task was cancelled from outside."""


def merely_makes_a_coroutine(function: Any) -> bool:
    """Say whether a call of it runs nothing yet, so that it doesn't matter where it is called: it is an `async def`."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & CO_COROUTINE)


async def handled(coroutine: Coroutine[Any, Any, Any], envelope: Envelope[Any], stay: Stay) -> Any:
    """Await a handler and reply with what it returned, unless that is a promise, or an exit: those are returned."""
    try:
        response = await coroutine
    except (SystemExit, KeyboardInterrupt) as exc:
        return Exit(exc)
    if isinstance(response, Later):
        return response
    stay.is_over = True
    reply(envelope.reply_to, response)
    return None


def when_ended(
    task: asyncio.Task[Any],
    coroutine: Coroutine[Any, Any, Any],
    then: Callable[[asyncio.Task[Any]], Any],
    is_gone: Callable[[], bool],
) -> None:
    """Call `then(task)` after it; when it was cancelled from outside, wait and see whether that was a stranger.

    It may be the beginning of the loop's end: `asyncio.run` cancels every task first. A loop that is closed drops its
    timers, and its host answers. is_gone: whether the actor ends, and has cancelled it itself.
    """

    def ended(task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            coroutine.close()  # it may not have begun
            if task.cancelling() and not is_gone():
                task.get_loop().call_later(DOUBT, then, task)
                return
        then(task)

    task.add_done_callback(ended)
