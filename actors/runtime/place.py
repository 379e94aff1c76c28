"""Where code runs: on which host the actors go that it starts, and what it occupies, so that its waits matter.

One context variable has both, and a handler's context is made ready in one step. `loop.py` looks at the home, and
`cycles.py` at the stay.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any, NamedTuple

__all__ = ["Home", "Node", "Place", "Stay", "enter", "go", "here"]


class Node(NamedTuple):
    """An actor as one place in the graph of waits; label is for people."""

    urn: str
    label: str


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


class Stay:
    """One stay at a node: an `async def` handler's at its actor, an operation's in its session's slot. A place, too.

    is_over: the node is free again, whatever still runs. A task that outlives the stay isn't bound by it any more.
    """

    __slots__ = ("home", "is_over", "node")

    def __init__(self, node: Node, home: Home | None = None) -> None:
        self.node = node
        self.home = home
        self.is_over = False

    @property
    def stay(self) -> Stay:
        """Itself: what runs here occupies the node."""
        return self


class Place:
    """A home, if actors have one there, and the stay of what runs, if it occupies anything."""

    __slots__ = ("home", "stay")

    def __init__(self, home: Home | None, stay: Stay | None = None) -> None:
        self.home = home
        self.stay = stay


NOWHERE = Place(None)

_place: ContextVar[Place | Stay] = ContextVar("actors_place", default=NOWHERE)


here: Callable[[], Place | Stay] = _place.get
"""Return the place of what runs."""

go: Callable[[Place | Stay], object] = _place.set
"""Have what runs be there from now on."""


def enter(context: Context, place: Place | Stay) -> None:
    """Have what runs in `context` be there."""
    if context.get(_place) is not place:
        context.run(go, place)
