"""The pages of a chat's history, in either order: how to ask for one, what is wanted of it, where the next one begins.

This is neither a loop nor an operation: `ScrapeHistory`, `ExportHistory` and `CatchUp` turn the pages. A place in a
history is an id and never a count. So messages that come or go meanwhile are neither read twice nor hide others.

The server cuts a window out of its list, and then takes away what is beyond bounds of ids and dates, and what it leaves
out (https://core.telegram.org/api/offsets). So it is never given such bounds: a page is looked through here, and what
ends a history is the server's word that there is no more, and not a page that is short. A window out of which all was
left is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from actors.model.answers import HistoryPage
from actors.model.checks import HIGHEST_ID, check_count, check_kind, check_moment, check_text
from actors.model.client import Client, Flight
from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput

__all__ = [
    "MOST_EMPTY",
    "HistoryOrder",
    "HistoryPosition",
    "Pages",
    "Wanted",
    "begin",
    "newest_before",
    "what_is_left_out",
]

PAGE = 100
"""Messages that messages.getHistory and messages.search give at most."""

LOOK = 10
"""Messages that are asked for where one is needed: some may have been left out."""

MOST_EMPTY = 10
"""Windows in a row out of which all may be left while the server counts more; half of each is new. There must be an
end: a server that counts what an account is never shown, such as a past that is hidden from it, would be asked for all
of it. How many rows Telegram leaves out at a time isn't documented."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_SECOND = 2**31 - 1
"""Of Telegram's dates, which are seconds since 1970 in 32 bits; a request with the date 0 has none."""


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
        check_count("min_id", self.min_id)
        check_count("max_id", self.max_id)
        if self.since is not None:
            check_moment("since", self.since)
        if self.until is not None:
            check_moment("until", self.until)
        if self.since is not None and self.until is not None and self.since > self.until:
            raise InvalidInput(field="since", problem="must not be later than until")
        check_text("search", self.words, or_empty=True)

    @property
    def newest_first(self) -> bool:
        """Whether the newest messages are read first."""
        return self.order is HistoryOrder.NEWEST_FIRST

    @property
    def begins_before(self) -> int | None:
        """The Unix time of a moment: reading begins around the newest message before it. None: no date bounds that end.

        A second more on either side: whether Telegram's offset_date itself is included isn't documented.
        """
        bound = self.until if self.newest_first else self.since
        if bound is None:
            return None
        moment = _seconds(bound) + (1 if self.newest_first else -1)
        is_beyond_all = moment > LAST_SECOND if self.newest_first else moment <= 0
        return None if is_beyond_all else moment

    def among(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """Return those messages that are within all bounds."""
        if not (self.min_id or self.max_id or self.since or self.until):
            return messages
        return tuple([each for each in messages if not self._is_older(each) and not self._is_newer(each)])

    def is_beyond(self, message: Message) -> bool:
        """Say whether a message lies beyond what is wanted, in the direction of reading."""
        return self._is_older(message) if self.newest_first else self._is_newer(message)

    def _is_older(self, message: Message) -> bool:
        return message.id <= self.min_id or (self.since is not None and message.date < self.since)

    def _is_newer(self, message: Message) -> bool:
        return bool(self.max_id and message.id >= self.max_id) or (self.until is not None and message.date > self.until)


def _seconds(moment: datetime) -> int:
    """Return the Unix time of any aware datetime, rounded down; Python's first and last ones included."""
    return (moment - EPOCH) // timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class HistoryPosition:
    """How far a scrape of a history is.

    - mark: newest first, every message with this id or a higher one has been read (0: none yet); oldest first, every
      message up to this id has been read.
    - author: the only author whose messages are wanted; None for all.
    - last: whether there are no more messages.
    - skipped: how many places beyond the mark the next window begins: the server has left out what is between.
    """

    chat: Peer
    order: HistoryOrder
    mark: int
    author: Peer | None = None
    last: bool = False
    skipped: int = 0


async def begin(
    client: Client, peer: str | int | Peer, author: str | int | Peer | None, wanted: Wanted
) -> HistoryPosition:
    """Return the position to start from.

    A date becomes an id here, by a look at the messages before it (messages.getHistory).
    """
    chat = await client.resolve(peer)
    writer = None if author is None else await client.resolve(author)
    highest = wanted.max_id if wanted.max_id <= HIGHEST_ID else 0
    start = HistoryPosition(chat, wanted.order, highest if wanted.newest_first else wanted.min_id, writer)
    if not wanted.newest_first and start.mark >= HIGHEST_ID:
        return replace(start, last=True)
    moment = wanted.begins_before
    if moment is None:
        return start
    if not 0 < moment <= LAST_SECOND:
        return replace(start, last=True)
    found = await newest_before(client, chat, EPOCH + timedelta(seconds=moment))
    if found is None:
        return start
    if not wanted.newest_first:
        return replace(start, mark=max(start.mark, found))
    return replace(start, mark=min(start.mark or HIGHEST_ID, found + 1), last=not found)


async def newest_before(client: Client, chat: Peer, moment: datetime) -> int | None:
    """Return the id of the newest message that was sent before a moment; 0 for none.

    None: the server says that there are some, and has left out all that were asked for.
    """
    for turn in range(MOST_EMPTY):
        page = await client.history(chat, limit=LOOK, offset_date=moment, add_offset=turn * LOOK // 2)
        if page.messages:
            return page.messages[0].id
        if page.last:
            return 0
    return None


def what_is_left_out(total: int | None) -> str:
    """Say why a history ends before its end: `Pages.are_left_out`. total: the server's count."""
    return f"the server counts {total or 0:,} messages and shows none of those that come next"


class Pages:
    """The pages of one attempt, the next of which may be asked for ahead: one, and never more."""

    def __init__(self, client: Client, wanted: Wanted) -> None:
        self._client = client
        self._wanted = wanted
        self._ahead: Flight[HistoryPage] | None = None
        self._empty = 0

    @property
    def are_left_out(self) -> bool:
        """Whether the server has counted more messages time after time, and shown none of them."""
        return self._empty >= MOST_EMPTY

    async def turn(
        self, position: HistoryPosition, limit: int | None
    ) -> tuple[HistoryPosition, tuple[Message, ...], int]:
        """Return the position after the next page, its wanted messages in order, and the server's total.

        limit: how many messages it has at most, from 1 on; None for a whole page.
        """
        wanted = self._wanted
        flight, self._ahead = self._ahead or _ask(self._client, position, wanted, limit), None
        page = await flight
        news = _behind_the_mark(position, page.messages)
        if not news:
            self._empty += 1
            step = _size(position, limit) // 2 or 1  # half a window: the next one still has what moves up meanwhile
            ended = page.last if wanted.newest_first else page.first or bool(page.messages)
            return replace(position, last=ended, skipped=position.skipped + step), (), page.total
        self._empty = 0
        ended = page.last if wanted.newest_first else page.first or len(news) < len(page.messages)
        taken = news[:limit]
        last = wanted.is_beyond(taken[-1]) or (ended and len(taken) == len(news))
        found = _by(position.author, wanted.among(taken))
        return replace(position, mark=taken[-1].id, last=last, skipped=0), found, page.total

    def look_ahead(self, position: HistoryPosition, limit: int | None) -> None:
        """Ask for the page after `position`, which the next `turn` returns. Nothing waits for it."""
        self._ahead = _ask(self._client, position, self._wanted, limit)

    def end(self) -> None:
        """Drop the page that was asked for ahead, if there is one."""
        if self._ahead is not None:
            self._ahead.drop()


def _size(position: HistoryPosition, limit: int | None) -> int:
    """Return the length of a window: it is a whole page once one was empty, though only one message may be wanted."""
    return PAGE if limit is None or position.skipped else min(PAGE, limit)


def _behind_the_mark(position: HistoryPosition, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the messages that weren't read yet, in the order of reading, whatever else is in the page."""
    mark = position.mark
    if position.order is HistoryOrder.OLDEST_FIRST:
        return tuple([message for message in reversed(messages) if message.id > mark])
    return tuple([message for message in messages if message.id < mark]) if mark else messages


def _by(author: Peer | None, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return those messages that aren't known to be somebody else's: in a private chat Telegram heeds no from_id."""
    if author is None or author.kind != "user":
        return messages
    return tuple([message for message in messages if message.sender_id in (author.id, None)])


def _ask(client: Client, position: HistoryPosition, wanted: Wanted, limit: int | None) -> Flight[HistoryPage]:
    """Ask for a page. Oldest first, the page is the window that ends `limit` messages after the mark.

    Where there are fewer of them, the server may fill the window up with messages that aren't newer than the mark. So a
    page with one of these is the last.
    """
    size, mark, skipped = _size(position, limit), position.mark, position.skipped
    offset_id, add_offset = (mark, skipped) if wanted.newest_first else (mark + 1, -size - skipped)
    if position.author is None and not wanted.words:
        return client.history(position.chat, limit=size, offset_id=offset_id, add_offset=add_offset)
    return client.search(
        position.chat,
        wanted.words,
        from_peer=position.author,
        limit=size,
        offset_id=offset_id,
        add_offset=add_offset,
    )
