"""The pages of an account's list of chats: how to ask for one, which of its chats are new, where the next one begins.

This is neither a loop nor an operation: `ScrapeDialogs` and `Monitor` turn the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from actors.model.answers import DialogsPage
from actors.model.client import Client
from actors.model.content import Dialog, Peer

__all__ = ["DialogsPosition", "next_dialogs"]

PAGE = 100
"""Dialogs that messages.getDialogs gives at most."""


@dataclass(frozen=True, slots=True)
class DialogsPosition:
    """How far a scrape of dialogs is: behind the last dialog that has a message.

    seen: the kinds and ids of the chats that are listed. A chat in which something is said moves up, past the place
    that the scrape has reached, so each chat is taken once, by its id. total: how many chats there are, by the highest
    of the server's counts: pinned ones are counted on the first page alone.
    """

    date: datetime | None = None
    message_id: int = 0
    chat: Peer | None = None
    last: bool = False
    seen: frozenset[tuple[str, int]] = field(default=frozenset(), repr=False)
    total: int = 0


async def next_dialogs(
    client: Client, at: DialogsPosition, *, limit: int = PAGE, folder: int | None = None
) -> tuple[DialogsPosition, tuple[Dialog, ...]]:
    """Return the position behind the next page, and the chats of it that weren't listed yet (messages.getDialogs)."""
    page = await client.dialogs(
        limit=min(PAGE, limit),
        offset_date=at.date,
        offset_id=at.message_id,
        offset_peer=at.chat,
        folder_id=folder,
    )
    news = {_key(each.chat): each for each in page.dialogs if _key(each.chat) not in at.seen}
    known = replace(at, seen=at.seen | news.keys(), total=max(page.total, at.total))
    return _behind(known, page, has_news=bool(news)), tuple(news.values())


def _key(chat: Peer) -> tuple[str, int]:
    return chat.kind, chat.id


def _behind(at: DialogsPosition, page: DialogsPage, *, has_news: bool) -> DialogsPosition:
    """Return the position behind a page.

    The server leaves chats out of a page, so a short one is the last only when all that are counted have been listed.
    So is one that leads nowhere: with no new chat, and no older message to go on from.
    """
    tops = [(each.last_message, each.chat) for each in page.dialogs if each.last_message is not None]
    if not tops:
        return replace(at, last=page.last or not has_news)
    message, chat = tops[-1]
    leads_on = has_news or (at.date is not None and message.date < at.date)
    is_all = len(page.dialogs) < PAGE and len(at.seen) >= at.total
    last = page.last or not leads_on or is_all
    return replace(at, date=message.date, message_id=message.id, chat=chat, last=last)
