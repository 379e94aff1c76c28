"""Where code runs: on which host the actors go that it starts, and what it occupies, so that its waits matter.

One context variable has both, and a handler's context is made ready in one step. `loop.py` looks at the home, and
`cycles.py` at the stay.
"""

from __future__ import annotations

from contextvars import Context, ContextVar
from typing import Any, NamedTuple

__all__ = ["Home", "Node", "Place", "Stay", "enter", "go", "here"]


class Node(NamedTuple):
    """An actor as one place in the graph of waits; label is for people."""

    urn: str
    label: str


class Stay:
    """One stay at a node: an `async def` handler's at its actor, an operation's in its session's slot.

    is_over: the node is free again, whatever still runs. A task that outlives the stay isn't bound by it any more.
    """

    __slots__ = ("is_over", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.is_over = False


class Home:
    """Where actors go that are started in a context: an actor's own loop in its handlers, the system's in its block.

    A context that was copied in a block may be used after it; what was outside the block counts again then.
    """

    __slots__ = ("_outer", "host", "is_over")

    def __init__(self, host: Any, outer: Home | None) -> None:
        self.host = host
        self.is_over = False
        self._outer = outer

    def open_one(self) -> Home | None:
        """Return this home or, if its system was left or dropped, the next one outside that is open still."""
        home: Home | None = self
        while home is not None and (home.is_over or home.host.is_closing):
            home = home._outer
        return home


class Place(NamedTuple):
    """A home, if actors have one there, and the stay of what runs, if it occupies anything."""

    home: Home | None
    stay: Stay | None = None


NOWHERE = Place(None)

_place: ContextVar[Place] = ContextVar("actors_place", default=NOWHERE)


def here() -> Place:
    """Return the place of what runs."""
    return _place.get()


def go(place: Place) -> None:
    """Have what runs be there from now on."""
    _place.set(place)


def enter(context: Context, place: Place) -> None:
    """Have what runs in `context` be there."""
    if context.get(_place) is not place:
        context.run(_place.set, place)
