"""A handler's promise to reply later: its actor goes on with the next message meanwhile."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NamedTuple

__all__ = ["Later", "later"]


class Later(NamedTuple):
    """What a handler returns when its reply needs a wait: the coroutine that makes it, and a name for its task."""

    coroutine: Coroutine[Any, Any, Any]
    name: str


def later(coroutine: Coroutine[Any, Any, Any], name: str = "later") -> Any:
    """Let `coroutine` make the reply while the actor takes its next message."""
    return Later(coroutine, name)
