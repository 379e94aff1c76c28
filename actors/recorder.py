"""The traces of a system's operations: of all that live, and of the last ones that have ended.

Not a log: nothing is written anywhere, and what is old is forgotten. Sessions report to it; the supervisor asks it.
"""

from __future__ import annotations

from collections import deque

from actors.model.errors import UnknownOperation
from actors.model.outcomes import Fate, Timeline
from actors.operations import Trace

__all__ = ["FateBook", "Recorder"]

ENDED = 1000
"""Ended operations whose trace is kept; each takes about 1 KiB."""


class Recorder:
    """See the module. Operations are accepted in their senders' threads: each method is one atomic step of a dict."""

    def __init__(self, *, keep: int = ENDED) -> None:
        self._keep = keep
        self._traces: dict[int, Trace] = {}
        self._ended: deque[int] = deque()

    def accepted(self, trace: Trace) -> None:
        """Know an operation from now on."""
        self._traces[trace.operation_id] = trace

    def ended(self, trace: Trace) -> None:
        """Keep the trace for a while, and forget the oldest of those that have ended."""
        self._ended.append(trace.operation_id)
        if len(self._ended) > self._keep:
            self._traces.pop(self._ended.popleft(), None)

    def why(self, operation_id: int) -> Timeline:
        """Return what happened to an operation; UnknownOperation when it ended long ago, or never was."""
        try:
            return self._traces[operation_id].timeline()
        except KeyError:
            raise UnknownOperation(operation_id=operation_id) from None


class FateBook:
    """Where sessions write how their operations ended, from the moment on that the system shuts down."""

    def __init__(self) -> None:
        self.is_open = False
        self._fates: list[Fate] = []

    def open(self) -> None:
        """Begin to take fates in."""
        self.is_open = True

    def add(self, fate: Fate) -> None:
        """Take one in."""
        self._fates.append(fate)

    def all(self) -> tuple[Fate, ...]:
        """Return those there are."""
        return tuple(self._fates)
