"""Reading a chat's history page by page, for one reply or for an actor. Each page is a checkpoint.

Nothing is read twice and nothing is lost. How pages are cut is in `operations/history_pages.py`, and how they go to an
actor is in `operations/page_stream.py`. Users send `ScrapeHistory` to a session.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from actors.model.checks import check_count, check_kind
from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput, ReceiverFailed
from actors.model.events import PageScraped
from actors.model.policies import SCRAPING
from actors.model.results import ScrapedMessages
from actors.operations.history_pages import (
    HistoryOrder,
    HistoryPosition,
    Pages,
    Wanted,
    begin,
    what_is_left_out,
)
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer, check_resume
from actors.operations.page_stream import PageStream
from actors.runtime.recipient import Receipt, Recipient, check_recipient

__all__ = ["ScrapeHistory", "check_order"]

HISTORY, SEARCH = "messages.getHistory", "messages.search"


@dataclass(frozen=True, slots=True)
class ScrapeHistory(ResumableOperation[ScrapedMessages]):
    """Read up to `limit` messages of a chat; answered with `ScrapedMessages`.

    - order: newest first, or oldest first. Either way each message is read once, whatever comes or goes meanwhile.
      Oldest first, messages that come while it runs are read too.
    - min_id, max_id: exclusive bounds of the ids; 0 for no bound. They may lie beyond all ids that Telegram has.
    - since, until: inclusive bounds of the dates, as aware datetimes. They may lie beyond all dates that Telegram has.
      The one at which reading begins takes a look at the messages around it (messages.getHistory).
    - search: only messages with all of these words. author: only messages by this person. Both use messages.search;
      without them it is messages.getHistory.
    - to: the ref of an actor that gets the messages as `PageScraped`, page by page. The reply then holds none of them,
      and none are kept. Each page goes out as an ask, and at most `window` of them are unanswered. With `to`, limit may
      be None: it reads all messages. An actor that stops or raises ends the scrape with `ReceiverFailed`.
    - prefetch: ask for the next page while the actor handles the one before: one page, and never more. A scrape that
      gives way or is cut short drops it, and asks again; that is one request more for Telegram's limits.
    - resume: the checkpoint of an interrupted scrape with the same options. The scrape reads what was missing, and
      `limit` counts both parts.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({HISTORY, SEARCH})

    peer: str | int | Peer
    limit: int | None = 100
    min_id: int = 0
    max_id: int = 0
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    search: str = field(default="", kw_only=True, repr=False)
    author: str | int | Peer | None = field(default=None, kw_only=True)
    order: HistoryOrder = field(default=HistoryOrder.NEWEST_FIRST, kw_only=True)
    to: Recipient | None = field(default=None, kw_only=True, repr=False)
    window: int = field(default=1, kw_only=True)
    prefetch: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be read. Raises InvalidInput."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        if self.author is not None:
            check_peer(self.author, "author")
        self._wanted().check()
        if self.to is not None:
            check_recipient("to", self.to)
        check_count("window", self.window, least=1)
        check_kind("prefetch", self.prefetch, bool)
        check_count("limit", self.limit, or_none=self.to is not None)
        check_order(self.resume, self.order)

    def methods_needed(self) -> frozenset[str]:
        """Return the method that it asks for pages with, and that of the look at a date."""
        if self.author is None and not self.search:
            return frozenset({HISTORY})
        return frozenset({SEARCH} if self._wanted().begins_before is None else {SEARCH, HISTORY})

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page of up to 100 messages, and whenever the receiver isn't ready for more."""
        wanted = self._wanted()
        stream = None if self.to is None else PageStream(self.to, self.window, context)
        here = self.start(context)
        if here is None:
            here = Checkpoint(await begin(client, self.peer, self.author, wanted))
            yield here
        pages = Pages(client, wanted)
        try:
            while not self._is_over(here) and not pages.are_left_out:
                if stream is not None:
                    for waiting in _at_its_pace(stream, here, stream.must_wait):
                        yield waiting
                position, messages, total = await pages.turn(here.position, self._room(here))
                before, here = here, Checkpoint(position, messages, here.done + len(messages), total)
                if self.prefetch and not self._is_over(here) and not pages.are_left_out:
                    pages.look_ahead(position, self._room(here))
                if stream is not None:
                    here = here.bare()
                    if messages:
                        stream.send(self._page(context, here, messages), before.bare())
                yield here  # with no await since the page was sent: it is sent once, or this wasn't reached
        finally:
            pages.end()
        if stream is not None:
            for waiting in _at_its_pace(stream, here, stream.unanswered):
                yield waiting

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ScrapedMessages:
        """Return the messages of all pages, or only their count when they went to an actor."""
        position, reason = last.position, self._shortfall(last)
        return ScrapedMessages(position.chat, items, complete=not reason, count=last.done, reason=reason)

    def _shortfall(self, last: Checkpoint) -> str:
        """Say why these aren't all messages; empty when they are."""
        if last.position.last:
            return ""
        if self.limit is not None and last.done >= self.limit:
            return f"the limit of {self.limit} was reached"
        return what_is_left_out(last.total)

    def _wanted(self) -> Wanted:
        return Wanted(self.order, self.min_id, self.max_id, self.since, self.until, self.search)

    def _room(self, here: Checkpoint) -> int | None:
        return None if self.limit is None else self.limit - here.done

    def _is_over(self, here: Checkpoint) -> bool:
        return here.position.last or (self.limit is not None and here.done >= self.limit)

    def _page(self, context: OperationContext, here: Checkpoint, messages: tuple[Message, ...]) -> PageScraped:
        return PageScraped(
            session=context.session_name,
            operation_id=context.operation_id,
            chat=here.position.chat,
            messages=messages,
            done=here.done,
            total=here.total,
        )


def check_order(resume: Checkpoint | None, order: HistoryOrder) -> None:
    """Raise InvalidInput for a checkpoint that isn't of a history, or that was read in the other order."""
    check_resume(resume, HistoryPosition)
    if resume is not None and resume.position.order is not order:
        raise InvalidInput(field="resume", problem=f"is of a history that was read {resume.position.order.value}")


def _at_its_pace(stream: PageStream, here: Checkpoint, pending: Callable[[], Receipt | None]) -> Iterator[Checkpoint]:
    """Yield a checkpoint for as long as the receiver has to be waited for. Raise when the receiver has failed.

    The last checkpoint before the raise is the one that counts: it is where the first page begins that the receiver
    didn't take.
    """
    while (failure := stream.failure()) is None:
        receipt = pending()
        if receipt is None:
            return
        yield replace(here, items=(), wait=receipt)
    error, before = failure
    yield before
    raise ReceiverFailed(reason=type(error).__name__) from error
