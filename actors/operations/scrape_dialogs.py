"""Reading the list of an account's chats, page by page.

It doesn't read what is in the chats: `ScrapeHistory` does. Users send `ScrapeDialogs` to a session.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from actors.model.checks import check_count
from actors.model.client import Client
from actors.model.policies import SCRAPING
from actors.model.results import ScrapedDialogs
from actors.operations.dialog_pages import PAGE, DialogsPosition, next_dialogs
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_resume

__all__ = ["ScrapeDialogs"]


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
            room = self.limit - here.done
            position, news = await next_dialogs(client, here.position, room=room, folder=self.folder)
            here = Checkpoint(position, news, here.done + len(news), position.total)
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
        count = total - last.done
        why = "moved up while the list was read, or the server leaves them out"
        if count >= PAGE:
            why += ", perhaps with others behind a page that shows none: only a chat that is shown leads on"
        return f"{count:,} of {total:,} chats {why}; read it again"
