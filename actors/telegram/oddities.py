"""What came from the server and couldn't be converted: counted, and logged without its contents.

A newer server sends what this version doesn't know, and one such message must not cost a page or an update. The count
is of one session, over all of its clients. Whoever converts rows or updates uses this; nothing is converted here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

__all__ = ["Oddities", "described"]

T = TypeVar("T")

logger = logging.getLogger("actors.telegram")


class Oddities:
    """Counts odd things. count: how many there were."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, thing: object, error: Exception) -> None:
        """Count one. The error's text may quote what was received, so its class and its place are all that is told."""
        self.count += 1
        logger.warning("%s could not be converted: %s", type(thing).__name__, described(error))

    def converted(
        self, rows: Iterable[Any], convert: Callable[[Any], T], spare: Callable[[Any], T | None] = lambda _: None
    ) -> list[T]:
        """Return every row converted. An odd one is what `spare` makes of it, or is left out (None)."""
        found: list[T] = []
        for row in rows:
            try:
                found.append(convert(row))
            except Exception as error:  # noqa: BLE001  whatever it is about this row, the others are well
                self.note(row, error)
                stand_in = spare(row)
                if stand_in is not None:
                    found.append(stand_in)
        return found


def described(error: Exception) -> str:
    """Return the class of an error and the line that it comes from."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = "" if frame is None else f" ({frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno})"
    return type(error).__name__ + where
