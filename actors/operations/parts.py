"""Which parts of a file are done: a contiguous mark, and what lies beyond it. Plain data that a checkpoint holds.

It moves nothing. Parts are numbered from 0 and have `PART` bytes each, but for the last one. `SendFile` and
`DownloadFile` keep their place with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["NO_PARTS", "PART", "Parts", "bytes_in", "count_parts"]

PART = 512 * 1024
"""Bytes of a part: the most that upload.saveFilePart takes, and a divisor of the most that upload.getFile gives."""


def count_parts(size: int) -> int:
    """Return how many parts a file of `size` bytes has."""
    return -(-size // PART)


def bytes_in(part: int, size: int) -> int:
    """Return the bytes of one part of a file of `size` bytes; 0 for a part beyond its end."""
    return max(0, min(PART, size - part * PART))


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that are done: all below `mark`, and those in `beyond`, which are above it."""

    mark: int = 0
    beyond: frozenset[int] = frozenset()

    def __contains__(self, part: int) -> bool:
        return part < self.mark or part in self.beyond

    def plus(self, *parts: int) -> Parts:
        """Return these parts and some more; one that is done already changes nothing."""
        mark, beyond = self.mark, self.beyond.union(parts)
        while mark in beyond:
            mark += 1
        return Parts(mark, frozenset(part for part in beyond if part > mark))

    def missing(self, size: int) -> Iterator[int]:
        """Yield what a file of `size` bytes lacks, in order."""
        return (part for part in range(self.mark, count_parts(size)) if part not in self.beyond)

    def done(self, size: int) -> int:
        """Return how many bytes of a file of `size` bytes are done."""
        return min(self.mark * PART, size) + sum(bytes_in(part, size) for part in self.beyond)


NO_PARTS = Parts()
"""Where every file begins."""
