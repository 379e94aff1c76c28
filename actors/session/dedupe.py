"""Which messages were told already, in the whole fleet: so that of many sessions in one channel one tells each message.

Owned by the supervisor and used on its loop alone. It remembers the last ones of each chat, and not all.
"""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["Dedupe"]

REMEMBERED = 10_000
"""Messages of one chat that are remembered: more than any session lags behind another."""


class Dedupe:
    """The messages that were told, by group and chat: the last `remember` of each."""

    def __init__(self, *, remember: int = REMEMBERED) -> None:
        self._remember = remember
        self._told: dict[tuple[str, str], OrderedDict[int, None]] = {}

    def is_first(self, group: str, chat: str, message_id: int) -> bool:
        """Say whether nobody of the group tells this message already; from now on somebody does."""
        told = self._told.setdefault((group, chat), OrderedDict())
        if message_id in told:
            return False
        told[message_id] = None
        if len(told) > self._remember:
            told.popitem(last=False)
        return True

    def release(self, group: str, chat: str, message_id: int) -> None:
        """Take back that somebody tells a message: its subscriber is gone, or had no room."""
        told = self._told.get((group, chat))
        if told is not None:
            told.pop(message_id, None)
