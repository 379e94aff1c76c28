"""How many parts of a file may be in flight at once. Pure: answers and readings of a clock in, a number out.

It moves nothing and waits for nothing. One file has one window, which lasts for all attempts; `Transfer` asks it.

A window works as TCP's does: it grows by one with each answer, and shrinks by half when the server refuses or is
silent, after which it grows by one in a whole round. It never lets more into the line than the line carries in 3 s:
what is asked behind a file, such as a ping, waits for all that was written before it.
"""

from __future__ import annotations

from collections import deque

from actors.operations.parts import PART

__all__ = ["MOST", "Window"]

FIRST, MOST = 4, 16
"""Parts in flight before anything is known of the line, and at most: 8 MiB fill 40 MB/s at 200 ms a round trip."""

PATIENCE = 3.0
"""Seconds that the parts in flight may take at the measured speed."""


class Window:
    """The window of one file. fixed: so many parts, whatever is refused; only a slow line gets fewer."""

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self._size: float = FIRST
        self._calm: float = MOST
        self._speed: float | None = None
        self._answers: deque[tuple[float, int]] = deque(maxlen=MOST + 1)

    @property
    def size(self) -> int:
        """How many parts may be in flight now, 1 to 16."""
        size = int(self._size) if self._fixed is None else self._fixed
        return size if self._speed is None else max(1, int(min(size, self._speed * PATIENCE / PART)))

    def begin(self, now: float) -> None:
        """Note that a part leaves while none is in flight: what the line did before says nothing of its speed."""
        self._answers.clear()
        self._answers.append((now, 0))

    def answered(self, size: int, now: float) -> None:
        """Note the answer to a part of `size` bytes. The last 16 answers, one full window, give the speed."""
        self._answers.append((now, size))
        since = now - self._answers[0][0]
        if since > 0:
            self._speed = (sum(size for _, size in self._answers) - self._answers[0][1]) / since
        self._size = min(MOST, self._size + (1 if self._size < self._calm else 1 / self._size))

    def refused(self) -> None:
        """Note a flood wait, or a silence that ended an attempt."""
        self._calm = self._size = max(1.0, min(self._size, self.size) / 2)
