"""Messages and histories. A history is a list by id, searched by bisection. It knows no accounts and no TL.

Accounts hold a history for each private chat and basic group, and channels hold one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

__all__ = ["History", "Kind", "Message", "Origin", "Quote", "Slice", "Window"]


class Kind(Enum):
    """What a message's chat is: another account, a basic group, or a channel (supergroups are channels)."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a forwarded message was written first: by an account, or in a channel's name.

    saved_from: of a message in Saved Messages, the chat and the id that it was forwarded from.
    """

    date: int
    account: int | None
    channel: int | None = None
    post: int | None = None
    saved_from: tuple[Kind, int, int] | None = None

    @classmethod
    def of(cls, message: Message) -> Origin:
        """Return the origin of what is made of a message, by whomever its readers take to have written it."""
        if message.is_unsigned:
            return cls(message.date, None, message.chat, message.id if message.post else None)
        return cls(message.date, message.sender)


@dataclass(frozen=True, slots=True)
class Quote:
    """A part of what is answered. offset: where it stands there, in UTF-16 code units."""

    text: str = field(repr=False)
    entities: list[Any] | None = field(default=None, repr=False)
    offset: int | None = None


@dataclass(slots=True, eq=False)
class Message:
    """One message as one box holds it. `chat` is the other account of a private chat, the group, or the channel.

    `encoded` caches its TL bytes, by whether the viewer wrote it. Whoever changes a message clears it. `disguise` is TL
    that everybody sees in its place.
    """

    id: int
    chat: int
    kind: Kind
    sender: int
    text: str = field(repr=False)
    date: int
    post: bool = False
    random_id: int = 0
    anonymous: bool = False  # an administrator's, in the supergroup's name
    title: str = ""  # that administrator's
    reply_to: int | None = None
    source: Message | None = None  # the message of another chat that it answers instead
    quote: Quote | None = None
    top: int | None = None  # the message that this one's thread or topic started with, in a supergroup
    in_topic: bool = False  # whether that is a forum's topic
    mentions: frozenset[int] = frozenset()  # accounts that are named in it, or answered by it
    entities: list[Any] | None = field(default=None, repr=False)
    edit_date: int | None = None
    action: Any = field(default=None, repr=False)  # a TL MessageAction makes it a service message
    origin: Origin | None = None
    pinned: bool = False
    replies: int = 0  # in the thread that it started
    scheduled: bool = False  # it was sent by the clock
    gone: bool = False  # deleted, and nowhere but in update logs
    copies: dict[int, int] | None = field(default=None, repr=False)  # account -> id, shared by the copies in all boxes
    reactions: dict[int, tuple[str, ...]] | None = field(default=None, repr=False)  # by account; shared likewise
    media: Any = field(default=None, repr=False)  # an Attached or a TL MessageMedia (media.py)
    album: int = 0  # the grouped_id that the messages of an album share
    encoded: dict[bool, Any] = field(default_factory=dict, repr=False)
    disguise: Any = field(default=None, repr=False)

    @property
    def is_channel(self) -> bool:
        """Tell whether it is a channel's message, which all members share."""
        return self.kind is Kind.CHANNEL

    @property
    def is_unsigned(self) -> bool:
        """Tell whether it is in its chat's name, so that nobody learns who wrote it."""
        return self.post or self.anonymous

    @property
    def is_personal(self) -> bool:
        """Tell whether it looks different to each who looks, and not only to its writer."""
        return bool(self.reactions or self.mentions or self.source)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a history that a client asks for, in Telegram's terms (messages.getHistory, messages.search)."""

    offset_id: int = 0
    offset_date: int = 0
    add_offset: int = 0
    limit: int = 100
    max_id: int = 0
    min_id: int = 0
    min_date: int = 0
    max_date: int = 0

    @property
    def has_offset(self) -> bool:
        """Tell whether the window begins anywhere but at the newest message."""
        return bool(self.offset_id or self.offset_date or self.add_offset)

    def lets_through(self, message: Message) -> bool:
        """Tell whether a message is within the bounds of ids, which are exclusive, and of dates, which aren't."""
        return (
            message.id > self.min_id
            and (not self.max_id or message.id < self.max_id)
            and (not self.min_date or message.date >= self.min_date)
            and (not self.max_date or message.date <= self.max_date)
        )


class Slice(NamedTuple):
    """A page of a history, newest first.

    place: how many messages are newer than the window that it was cut from; None when nobody asked for an offset.
    """

    messages: list[Message]
    place: int | None = None


class History:
    """The messages of one chat in one box, oldest first."""

    __slots__ = ("ids", "messages", "read_inbox", "read_outbox")

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages: list[Message] = list(messages)
        self.ids: list[int] = [message.id for message in self.messages]
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
        gone = [message_id for message_id in dict.fromkeys(message_ids) if self.get(message_id) is not None]
        for message_id in gone:
            place = bisect_left(self.ids, message_id)
            self.messages[place].gone = True
            del self.ids[place], self.messages[place]
        return gone

    def between(self, after: int, upto: int) -> list[Message]:
        """Return the messages newer than one id and not newer than another."""
        return self.messages[bisect_right(self.ids, after) : bisect_right(self.ids, upto)]

    def unread_after(self, message_id: int) -> int:
        """Return how many messages are newer than one."""
        return len(self.ids) - bisect_right(self.ids, message_id)

    def only(self, wanted: Callable[[Message], bool]) -> History:
        """Return a history of the messages that are wanted."""
        return History(message for message in self.messages if wanted(message))

    def window(self, asked: Window) -> Slice:
        """Return a page, newest first: `limit` messages from `add_offset` places after the offset, as far as wanted.

        The offset's place is the newest message older than offset_id (or offset_date). A negative add_offset starts
        that many places newer. The bounds of ids and dates come last, and only take messages away
        (https://core.telegram.org/api/offsets, "Additional filtering").
        """
        start = self._newer_than_offset(asked) + asked.add_offset
        newest, oldest = len(self.ids) - max(0, start), len(self.ids) - max(0, start + max(0, asked.limit))
        found = self.messages[max(0, oldest) : max(0, newest)][::-1]
        place = max(0, min(start, len(self.ids))) if asked.has_offset else None
        return Slice([message for message in found if asked.lets_through(message)], place)

    def _newer_than_offset(self, asked: Window) -> int:
        """Return how many messages are at the offset or newer."""
        if asked.offset_id:
            return len(self.ids) - bisect_left(self.ids, asked.offset_id)
        if asked.offset_date:
            return len(self.ids) - bisect_left(self.messages, asked.offset_date, key=lambda message: message.date)
        return 0
