"""The logger that every Telethon client gets. It filters and handles nothing: the program chooses where records go.

Telethon logs requests, replies and exceptions as arguments of its records, and message texts and keys are among them.
Here a record keeps its words, numbers and names of classes, and nothing else, whatever the level. Records appear under
`actors.telethon` and its children, as those of any logger; set levels and handlers there.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import traceback
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

__all__ = ["TELETHON_LOGGER", "DiscreetLogger"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_.]{0,79}| early|")
"""Strings that Telethon passes are names of classes and functions; a text, a phone number or a key isn't like that."""


def _discreet(argument: Any) -> Any:
    """Return a log argument as it is, or the name of its class where the argument could tell a secret."""
    if argument is None or isinstance(argument, bool | int | float | dt.timedelta):
        return argument
    if isinstance(argument, type):
        return argument.__name__
    if isinstance(argument, str) and _IDENTIFIER.fullmatch(argument):
        return argument
    return f"<{type(argument).__name__}>"


def _place(error: BaseException) -> str:
    """Return what was raised and where, without its text, and without reading source files."""
    frames = list(traceback.walk_tb(error.__traceback__))[-3:]
    where = " > ".join(f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in frames)
    return f" [{type(error).__name__} at {where}]"


def _error_in(exc_info: Any) -> BaseException | None:
    found = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    return found if isinstance(found, BaseException) else None


class DiscreetLogger(logging.Logger):
    """A front for the logger of the same name that lets no secret into a record. Its children do the same.

    Levels, handlers, filters and propagation are those of the logger behind it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._behind = logging.getLogger(name)
        self._children: dict[str, DiscreetLogger] = {}
        self.isEnabledFor = self._behind.isEnabledFor  # type: ignore[method-assign]  # Telethon asks 16 times a send

    def debug(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log at that level, if anybody wants it; Telethon asks 16 times a send, and hardly ever somebody does."""
        if self._behind._cache.get(logging.DEBUG, True):  # type: ignore[attr-defined]  # what isEnabledFor keeps
            super().debug(msg, *args, **kwargs)

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log at any level, in the same way."""
        if self._behind._cache.get(level, True):  # type: ignore[attr-defined]
            super().log(level, msg, *args, **kwargs)

    def handle(self, record: logging.LogRecord) -> None:
        """Hand the record over to the logger behind."""
        self._behind.handle(record)

    def getChild(self, suffix: str) -> DiscreetLogger:  # noqa: N802  logging's name
        """Return the child logger of that name, which is as discreet as this one."""
        if suffix not in self._children:
            self._children[suffix] = DiscreetLogger(f"{self.name}.{suffix}")
        return self._children[suffix]

    def makeRecord(  # noqa: N802, PLR0913, PLR0917  logging's signature
        self,
        name: str,
        level: int,
        fn: str,
        lno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        extra: Mapping[str, object] | None = None,
        sinfo: str | None = None,
    ) -> logging.LogRecord:
        """Make a record that keeps the words of the message and drops the contents of its arguments."""
        text = str(msg).replace("%d", "%s").replace("%08x", "%s").replace("%x", "%s")
        safe = tuple(_discreet(argument) for argument in args) if isinstance(args, tuple) else ()
        error = _error_in(exc_info)
        if error is not None:
            text = f"{text if safe else text.replace('%', '%%')}%s"
            safe = (*safe, _place(error))
        return super().makeRecord(name, level, fn, lno, text, safe, None, func, extra, sinfo)


TELETHON_LOGGER = DiscreetLogger("actors.telethon")
"""What every client of this library gives Telethon as its `base_logger`."""
