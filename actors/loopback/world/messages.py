"""Messages and histories. No accounts, no TL: a history is a list by id, searched by bisection.

Held by accounts (one history per private chat) and channels (one history).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["History", "Message", "Window"]


@dataclass(slots=True, eq=False)
class Message:
    """One message as one box holds it. `chat` is the other account of a private chat, or the channel.

    `encoded` caches its TL bytes, by whether the viewer wrote it; whoever changes a message clears it.
    """

    id: int
    chat: int
    is_channel: bool
    sender: int
    text: str = field(repr=False)
    date: int
    post: bool = False
    random_id: int = 0
    reply_to: int | None = None
    entities: list[Any] | None = field(default=None, repr=False)
    edit_date: int | None = None
    twin: int = 0  # the id of a private message in the other account's box
    encoded: dict[bool, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Window:
    """What a client asks of a history, in Telegram's terms (messages.getHistory)."""

    offset_id: int = 0
    offset_date: int = 0
    add_offset: int = 0
    limit: int = 100
    max_id: int = 0
    min_id: int = 0


class History:
    """The messages of one chat in one box, oldest first."""

    __slots__ = ("ids", "messages", "read_inbox", "read_outbox")

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.messages: list[Message] = []
        self.read_inbox = self.read_outbox = 0

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, message: Message) -> None:
        """Add the newest message."""
        self.ids.append(message.id)
        self.messages.append(message)

    def get(self, message_id: int) -> Message | None:
        """Return a message by id, or None."""
        place = bisect_left(self.ids, message_id)
        found = place < len(self.ids) and self.ids[place] == message_id
        return self.messages[place] if found else None

    def discard(self, message_ids: Iterable[int]) -> list[int]:
        """Delete messages and return the ids that were there."""
        gone = [message_id for message_id in message_ids if self.get(message_id) is not None]
        for message_id in gone:
            place = bisect_left(self.ids, message_id)
            del self.ids[place], self.messages[place]
        return gone

    def unread_after(self, message_id: int) -> int:
        """Return how many messages are newer than one."""
        return len(self.ids) - bisect_right(self.ids, message_id)

    def window(self, asked: Window) -> list[Message]:
        """Return a page, newest first: `limit` messages from `add_offset` places after the offset.

        min_id and max_id bound the history first, exclusively. The offset's place is the newest message older than
        offset_id (or offset_date); a negative add_offset starts that many places newer.
        """
        low = bisect_right(self.ids, asked.min_id) if asked.min_id else 0
        high = bisect_left(self.ids, asked.max_id) if asked.max_id else len(self.ids)
        end = self._offset(asked, low, high) - asked.add_offset
        start = end - max(0, asked.limit)
        return self.messages[max(low, start) : max(low, min(high, end))][::-1]

    def _offset(self, asked: Window, low: int, high: int) -> int:
        if asked.offset_id:
            return min(high, max(low, bisect_left(self.ids, asked.offset_id)))
        if asked.offset_date:
            return min(high, max(low, bisect_left(self.messages, asked.offset_date, key=lambda message: message.date)))
        return high
