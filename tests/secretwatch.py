"""Looks for planted secrets in every log line of the run. It keeps where one leaked, and never the line or the secret.

Not a fixture: conftest.py puts one on the loggers, and has the test kit plant what it hands out.
"""

from __future__ import annotations

import base64
import functools
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from actors.model.config import SessionConfig
from actors.testing import Loopback

__all__ = ["LOGGERS", "MARKER", "Leak", "SecretWatch", "plant_what_the_kit_hands_out"]

LOGGERS = ("actors", "pykka", "telethon", "asyncio")
"""Whose lines are looked at, from DEBUG on."""

MARKER = "sup3rs3cret"
"""Part of every text that a test plants: no word of a message may be logged."""

PIECE = 16
"""Characters of a long secret that give it away."""

MOST = 100
"""Leaks that are kept."""

_KEY_BYTES = 256
_LONG = re.compile(rf"[^\s'\"]{{{PIECE},}}")
_DIGITS = re.compile(r"\d{5,}")


@dataclass(frozen=True, slots=True)
class Leak:
    """A log line with a secret in it: which test ran, and which logger said it."""

    test: str
    logger: str


class SecretWatch(logging.Handler):
    """A handler that checks each record as it comes, whole tracebacks included, and keeps only leaks.

    The effort for a line doesn't grow with the number of secrets: a long one is known by three pieces of it, which
    are looked up in a set; phone numbers and codes are compared as wholes.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines = 0
        self._leaks: list[Leak] = []
        self._pieces: set[str] = set()
        self._phones: set[str] = set()
        self._codes: set[str] = set()

    def plant(self, secret: str) -> None:
        """Look for a long secret from now on. Raises ValueError for one that is too short to be told from a word."""
        runs = _LONG.findall(secret)
        if not runs:
            raise ValueError(f"needs {PIECE} characters in a row")
        for run in runs:
            last = len(run) - PIECE
            self._pieces.update(run[at : at + PIECE] for at in (0, last // 2, last))

    def plant_phone(self, phone: str) -> None:
        """Look for a phone number from now on."""
        self._phones.add(re.sub(r"\D", "", phone))

    def plant_code(self, code: str) -> None:
        """Look for a login code until the test ends; later, the same digits may well be something else."""
        self._codes.add(code)

    def plant_session(self, config: SessionConfig) -> None:
        """Look for a config's api_hash, its session string, and its auth key in the forms that a log could show."""
        self.plant(config.api_hash)
        self.plant(config.session[-_KEY_BYTES:])  # it begins with the server's address, the same for all
        key = base64.urlsafe_b64decode(config.session[1:])[-_KEY_BYTES:]
        for form in (key.hex(), repr(key), base64.b64encode(key).decode()):
            self.plant(form)

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record, and note who said it when it tells a secret."""
        self.lines += 1
        line = record.getMessage()
        if record.exc_info or record.stack_info or record.exc_text:
            line = logging.Formatter().format(record)
        if len(self._leaks) < MOST and self.is_leak(line):
            self._leaks.append(Leak(os.environ.get("PYTEST_CURRENT_TEST", "between tests"), record.name))

    def is_leak(self, line: str) -> bool:
        """Say whether a text tells a secret that was planted."""
        return (
            MARKER in line
            or any(self._tells(word) for word in _LONG.findall(line))
            or not (self._phones | self._codes).isdisjoint(_DIGITS.findall(line))
        )

    def _tells(self, word: str) -> bool:
        return any(word[at : at + PIECE] in self._pieces for at in range(len(word) - PIECE + 1))

    def take_leaks(self) -> list[Leak]:
        """End the test: return the leaks since the last call."""
        leaks, self._leaks = self._leaks, []
        self._codes.clear()
        return leaks


def plant_what_the_kit_hands_out(patch: pytest.MonkeyPatch, watch: SecretWatch) -> None:
    """Plant every session, phone number, login code and bot token that comes from a test kit."""

    def seen(name: str, plant: Callable[..., Any]) -> None:
        method = getattr(Loopback, name)

        @functools.wraps(method)
        def planting(self: Loopback, *args: Any, **kwargs: Any) -> Any:
            result = method(self, *args, **kwargs)
            plant(result, *args, **kwargs)
            return result

        patch.setattr(Loopback, name, planting)

    def plant_phone(_: int, name: str, *, phone: str | None = None) -> None:
        del name
        if phone is not None:
            watch.plant_phone(phone)

    seen("add_session", lambda config, *_, **__: watch.plant_session(config))
    seen("code", lambda code, *_, **__: watch.plant_code(code))
    seen("add_bot", lambda token, *_, **__: watch.plant(token))
    seen("add_account", plant_phone)
