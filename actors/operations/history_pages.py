"""The pages of a chat's history, in either order: how to ask for one, what is wanted of it, where the next one begins.

This is neither a loop nor an operation: `ScrapeHistory` and `ExportHistory` turn the pages. A place in a history is an
id and never a count. So messages that come or go meanwhile are neither read twice nor hide others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from actors.model.checks import HIGHEST_ID, check_count, check_kind, check_moment, check_text
from actors.model.client import Client, Flight, HistoryPage
from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput

__all__ = ["HistoryOrder", "HistoryPosition", "Pages", "Wanted", "begin"]

PAGE = 100
"""Messages that messages.getHistory and messages.search give at most."""

SECOND = timedelta(seconds=1)


class HistoryOrder(Enum):
    """The order in which a history is read: newest or oldest messages first."""

    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of a chat are wanted: their ids, their dates and their words.

    min_id and max_id are exclusive bounds (0: none). since and until are inclusive, and aware. words must all occur.
    """

    order: HistoryOrder = HistoryOrder.NEWEST_FIRST
    min_id: int = 0
    max_id: int = 0
    since: datetime | None = None
    until: datetime | None = None
    words: str = field(default="", repr=False)

    def check(self) -> None:
        """Refuse what can't be read. Raises InvalidInput."""
        check_kind("order", self.order, HistoryOrder)
        check_count("min_id", self.min_id, most=HIGHEST_ID - 1)
        check_count("max_id", self.max_id, most=HIGHEST_ID)
        if self.since is not None:
            check_moment("since", self.since)
        if self.until is not None:
            check_moment("until", self.until)
        if self.since is not None and self.until is not None and self.since > self.until:
            raise InvalidInput(field="since", problem="must not be later than until")
        check_text("search", self.words, or_empty=True)

    def among(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """Return those messages that were sent in the wanted time."""
        if self.since is None and self.until is None:
            return messages
        return tuple(each for each in messages if not self._is_before(each) and not self._is_after(each))

    def is_beyond(self, message: Message) -> bool:
        """Say whether a message lies beyond the wanted time, in the direction of reading."""
        return self._is_before(message) if self.order is HistoryOrder.NEWEST_FIRST else self._is_after(message)

    def _is_before(self, message: Message) -> bool:
        return self.since is not None and message.date < self.since

    def _is_after(self, message: Message) -> bool:
        return self.until is not None and message.date > self.until


@dataclass(frozen=True, slots=True)
class HistoryPosition:
    """How far a scrape of a history is.

    - mark: newest first, every message with this id or a higher one has been read (0: none yet); oldest first, every
      message up to this id has been read.
    - author: the only author whose messages are wanted; None for all.
    - last: whether there are no more messages.
    """

    chat: Peer
    order: HistoryOrder
    mark: int
    author: Peer | None = None
    last: bool = False


async def begin(client: Client, peer: str | int | Peer, author: str | int | Peer | None, wanted: Wanted) -> Any:
    """Return the position to start from.

    A date becomes an id here, by a look at one message (messages.getHistory).
    """
    chat = await client.resolve(peer)
    writer = None if author is None else await client.resolve(author)
    newest_first = wanted.order is HistoryOrder.NEWEST_FIRST
    start = HistoryPosition(chat, wanted.order, wanted.max_id if newest_first else wanted.min_id, writer)
    if writer is not None or wanted.words:
        return start
    # A second more on either side: whether Telegram's offset_date itself is included isn't documented.
    if newest_first and wanted.until is not None:
        page = await client.history(chat, limit=1, offset_date=wanted.until + SECOND, max_id=wanted.max_id)
        if not page.messages:
            return replace(start, last=True)
        return replace(start, mark=page.messages[0].id + 1)
    if not newest_first and wanted.since is not None:
        page = await client.history(chat, limit=1, offset_date=wanted.since - SECOND)
        return replace(start, mark=max([start.mark, *(message.id for message in page.messages)]))
    return start


class Pages:
    """The pages of one attempt, the next of which may be asked for ahead: one, and never more."""

    def __init__(self, client: Client, wanted: Wanted) -> None:
        self._client = client
        self._wanted = wanted
        self._ahead: Flight[HistoryPage] | None = None

    async def turn(
        self, position: HistoryPosition, limit: int | None
    ) -> tuple[HistoryPosition, tuple[Message, ...], int]:
        """Return the position after the next page, its wanted messages in order, and the server's total."""
        wanted = self._wanted
        flight, self._ahead = self._ahead or _ask(self._client, position, wanted, limit), None
        page = await flight
        read = page.messages if wanted.order is HistoryOrder.NEWEST_FIRST else page.messages[::-1]
        news = _behind_the_mark(position, read)
        mark = news[-1].id if news else position.mark
        last = page.last or not news or wanted.is_beyond(news[-1])
        return replace(position, mark=mark, last=last), wanted.among(news), page.total

    def look_ahead(self, position: HistoryPosition, limit: int | None) -> None:
        """Ask for the page after `position`, which the next `turn` returns. Nothing waits for it."""
        self._ahead = _ask(self._client, position, self._wanted, limit)

    def end(self) -> None:
        """Drop the page that was asked for ahead, if there is one."""
        if self._ahead is not None:
            self._ahead.drop()


def _behind_the_mark(position: HistoryPosition, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the messages that weren't read yet, whatever else the server put into the page."""
    mark = position.mark
    if position.order is HistoryOrder.OLDEST_FIRST:
        return tuple([message for message in messages if message.id > mark])
    return tuple([message for message in messages if message.id < mark]) if mark else messages


def _ask(client: Client, position: HistoryPosition, wanted: Wanted, limit: int | None) -> Flight[HistoryPage]:
    """Ask for a page. Oldest first, the page is the window that ends `limit` messages after the mark.

    The server would fill that window up with messages older than the mark; min_id keeps them out.
    """
    limit = PAGE if limit is None else min(PAGE, limit)
    mark = position.mark
    window: dict[str, Any] = {"limit": limit, "offset_id": mark, "min_id": wanted.min_id, "max_id": wanted.max_id}
    if position.order is HistoryOrder.OLDEST_FIRST:
        window |= {"offset_id": mark + 1, "add_offset": -limit, "min_id": mark}
    if position.author is None and not wanted.words:
        return client.history(position.chat, **window)
    return client.search(
        position.chat,
        wanted.words,
        from_peer=position.author,
        min_date=None if wanted.since is None else wanted.since - SECOND,
        max_date=None if wanted.until is None else wanted.until + SECOND,
        **window,
    )
