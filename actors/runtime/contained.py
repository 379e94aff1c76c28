"""Coroutines whose SystemExit or KeyboardInterrupt ends them alone: asyncio would stop the loop for it.

Used by actors for what their users bring along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

__all__ = ["contained", "uncontained"]


@dataclass(frozen=True, slots=True)
class _Exit:
    """A SystemExit or KeyboardInterrupt of a handler, kept from asyncio, which would stop the loop for it."""

    error: BaseException


async def contained(coroutine: Coroutine[Any, Any, Any], then: Callable[[Any], object] | None = None) -> Any:
    """Await a coroutine, and keep what asyncio would stop the loop for; call `then(result)` as the last thing."""
    try:
        result = await coroutine
    except (SystemExit, KeyboardInterrupt) as exc:
        return _Exit(exc)
    if then is not None:
        then(result)
    return result


def uncontained(task: asyncio.Task[Any]) -> Any:
    """Return the result of a contained coroutine, or raise what it raised."""
    result = task.result()
    if isinstance(result, _Exit):
        raise result.error
    return result
