"""Reading the list of an account's chats, page by page.

It doesn't read what is in the chats: `ScrapeHistory` does. Users send `ScrapeDialogs` to a session.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from actors.model.checks import check_count
from actors.model.client import Client, DialogsPage
from actors.model.content import Dialog, Peer
from actors.model.policies import SCRAPING
from actors.model.results import ScrapedDialogs
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_resume

__all__ = ["DialogsPosition", "ScrapeDialogs"]

PAGE = 100
"""Dialogs that messages.getDialogs gives at most."""


@dataclass(frozen=True, slots=True)
class DialogsPosition:
    """How far a scrape of dialogs is: behind the last dialog that has a message.

    seen: the kinds and ids of the chats that are listed. A chat in which something is said moves up, past the place
    that the scrape has reached, so each chat is taken once, by its id.
    """

    date: datetime | None = None
    message_id: int = 0
    chat: Peer | None = None
    last: bool = False
    seen: frozenset[tuple[str, int]] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class ScrapeDialogs(ResumableOperation[ScrapedDialogs]):
    """Read up to `limit` chats of the account, each once, pinned ones first, then the newest (messages.getDialogs).

    folder: 0 for the chats outside the archive, 1 for those in it, None for both. The reply says how many chats there
    are, whether these are all, and if not, why. `resume` takes the checkpoint of an interrupted scrape.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getDialogs"})

    limit: int = 1000
    folder: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be read. Raises InvalidInput."""
        ResumableOperation.__post_init__(self)
        check_count("limit", self.limit)
        check_count("folder", self.folder, most=1, or_none=True)
        check_resume(self.resume, DialogsPosition)

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page of up to 100 dialogs."""
        here = self.start(context) or Checkpoint(DialogsPosition())
        yield here.bare()
        while here.done < self.limit and not here.position.last:
            at: DialogsPosition = here.position
            page = await client.dialogs(
                limit=min(PAGE, self.limit - here.done),
                offset_date=at.date,
                offset_id=at.message_id,
                offset_peer=at.chat,
                folder_id=self.folder,
            )
            news = tuple(each for each in page.dialogs if _key(each.chat) not in at.seen)
            here = Checkpoint(_behind(at, page, news), news, here.done + len(news), max(page.total, here.total or 0))
            yield here

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ScrapedDialogs:
        """Return the chats of all pages."""
        total = last.total or 0
        reason = "" if last.total is not None and last.done >= total else self._shortfall(last, total)
        return ScrapedDialogs(items, total, complete=not reason, reason=reason)

    def _shortfall(self, last: Checkpoint, total: int) -> str:
        """Say why these aren't all chats."""
        if not last.position.last:
            return f"the limit of {self.limit} was reached"
        return f"{total - last.done:,} of {total:,} chats moved up while the list was read; read it again"


def _key(chat: Peer) -> tuple[str, int]:
    return chat.kind, chat.id


def _behind(at: DialogsPosition, page: DialogsPage, news: tuple[Dialog, ...]) -> DialogsPosition:
    """Return the position behind a page. A page without a new chat is the last one."""
    seen = at.seen | {_key(each.chat) for each in news}
    placed = [each for each in page.dialogs if each.last_message is not None]
    last = page.last or not news or not placed
    if not placed or placed[-1].last_message is None:
        return DialogsPosition(at.date, at.message_id, at.chat, last, seen)
    message = placed[-1].last_message
    return DialogsPosition(message.date, message.id, placed[-1].chat, last, seen)
