"""Who waits for whom. Not a lock: it only refuses a wait that could never end.

An occupant is busy until what it waits for is answered: an actor in an `async def` handler, or the operation in a
session's slot. Waiting for somebody who, in the end, waits for oneself is a circle, and raises `AskCycle`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import Context, ContextVar
from typing import NamedTuple, Protocol

from actors.model.errors import AskCycle

__all__ = ["Node", "Occupant", "Stay", "is_occupied", "occupy", "vacate", "waiting_for"]


class Occupant(Protocol):
    """One stay at a node. A task that outlives it isn't bound by it any more."""

    @property
    def node(self) -> Node:
        """Where it is."""

    @property
    def is_over(self) -> bool:
        """Whether the node is free again, whatever still runs."""


class Node(NamedTuple):
    """An actor as one place in the graph; label is for people."""

    urn: str
    label: str


class Stay:
    """The stay of an `async def` handler at its actor."""

    __slots__ = ("is_over", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.is_over = False


_occupant: ContextVar[Occupant | None] = ContextVar("actors_occupant", default=None)
_edges: dict[Node, list[Node]] = {}
_lock = threading.RLock()  # a wait that nobody remembers ends when it is collected, maybe while another is noted
_NO_WAIT = nullcontext()


def occupy(context: Context, occupant: Occupant) -> None:
    """Say that what runs in `context` occupies a place."""
    context.run(_occupant.set, occupant)


def vacate(context: Context) -> None:
    """Say that what runs in `context` occupies nothing: it is another's, who may not wait for it."""
    if context.get(_occupant) is not None:
        context.run(_occupant.set, None)


def is_occupied() -> bool:
    """Say whether what runs here occupies a place, so that its waits matter."""
    return _occupant.get() is not None


def waiting_for(target: Node | None) -> AbstractContextManager[None]:
    """Note a wait for as long as it lasts; raise AskCycle when it could never end."""
    occupant = _occupant.get()
    if target is None or occupant is None or occupant.is_over:
        return _NO_WAIT
    return _noted(occupant.node, target)


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
