"""Coroutines whose SystemExit or KeyboardInterrupt ends them alone: asyncio would stop the loop for it.

Used by actors for what their users bring along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

__all__ = ["Exit", "contained", "uncontained"]


@dataclass(frozen=True, slots=True)
class Exit:
    """A SystemExit or KeyboardInterrupt of a handler, kept from asyncio, which would stop the loop for it."""

    error: BaseException


async def contained(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Await a coroutine, and keep what asyncio would stop the loop for."""
    try:
        return await coroutine
    except (SystemExit, KeyboardInterrupt) as exc:
        return Exit(exc)


def uncontained(task: asyncio.Task[Any]) -> Any:
    """Return the result of a contained coroutine, or raise what it raised."""
    result = task.result()
    if isinstance(result, Exit):
        raise result.error
    return result
