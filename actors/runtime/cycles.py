"""Who waits for whom. Not a lock: it only refuses a wait that could never end.

An occupant is busy until what it waits for is answered: an actor in an `async def` handler, or the operation in a
session's slot. Waiting for somebody who, in the end, waits for oneself is a circle, and raises `AskCycle`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from actors.model.errors import AskCycle
from actors.runtime.place import Node, here

__all__ = ["waiting_for"]

_edges: dict[Node, list[Node]] = {}
_lock = threading.RLock()  # a wait that nobody remembers ends when it is collected, maybe while another is noted
_NO_WAIT = nullcontext()


def waiting_for(target: Node | None) -> AbstractContextManager[None]:
    """Note a wait for as long as it lasts; raise AskCycle when it could never end."""
    stay = here().stay
    if target is None or stay is None or stay.is_over:
        return _NO_WAIT
    return _noted(stay.node, target)


def begin_anew() -> None:
    """Know of no waits, in a forked child: whoever waited isn't there."""
    global _lock  # noqa: PLW0603  a thread of the parent's may have held it
    _lock = threading.RLock()
    _edges.clear()


@contextmanager
def _noted(node: Node, target: Node) -> Iterator[None]:
    with _lock:
        path = _path(target, node)
        if path is not None:
            raise AskCycle(path=(node.label, *(step.label for step in path)))
        _edges.setdefault(node, []).append(target)
    try:
        yield
    finally:
        with _lock:
            _edges[node].remove(target)
            if not _edges[node]:
                del _edges[node]


def _path(start: Node, goal: Node) -> tuple[Node, ...] | None:
    """Return the way from `start` to `goal` along the waits, None when there is none."""
    ways: list[tuple[Node, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop()
        if way[-1] == goal:
            return way
        for after in _edges.get(way[-1], ()):
            if after not in seen:
                seen.add(after)
                ways.append((*way, after))
    return None
