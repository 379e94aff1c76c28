"""The pages of an account's list of chats: how to ask for one, which of its chats are new, where the next one begins.

This is neither a loop nor an operation: `ScrapeDialogs` and `Monitor` turn the pages.

The server leaves chats out of pages, so whole ones are asked for, and what isn't wanted is cut off here. Where a page
begins is said by a chat of the one before: its date, message and id. Behind a page out of which all were left there is
no such place, so the list ends there. An offset that is a date alone would have to be guessed, and Telegram is known to
ignore some (github.com/LonamiWebs/Telethon/issues/1043).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from actors.model.answers import DialogsPage
from actors.model.client import Client
from actors.model.content import Dialog, Peer

__all__ = ["PAGE", "DialogsPosition", "next_dialogs"]

PAGE = 100
"""Dialogs that messages.getDialogs gives at most, and that it is always asked for."""


@dataclass(frozen=True, slots=True)
class DialogsPosition:
    """How far a scrape of dialogs is: behind the last dialog that has a message.

    seen: the kinds and ids of the chats that are listed. A chat in which something is said moves up, past the place
    that the scrape has reached, so each chat is taken once, by its id. total: how many chats there are, by the highest
    of the server's counts: pinned ones are counted on the first page alone. past_pinned: whether a
    page without an offset begins behind the pinned ones.
    """

    date: datetime | None = None
    message_id: int = 0
    chat: Peer | None = None
    last: bool = False
    seen: frozenset[tuple[str, int]] = field(default=frozenset(), repr=False)
    total: int = 0
    past_pinned: bool = False


async def next_dialogs(
    client: Client, at: DialogsPosition, *, room: int | None = None, folder: int | None = None
) -> tuple[DialogsPosition, tuple[Dialog, ...]]:
    """Return the position behind the next page, and the chats of it that weren't listed yet (messages.getDialogs).

    room: how many of them are wanted, from 1 on; None for all. With more of them the position stays where it is, and
    the page is asked for anew by whoever goes on from there.
    """
    page = await client.dialogs(
        limit=PAGE,
        offset_date=at.date,
        offset_id=at.message_id,
        offset_peer=at.chat,
        folder_id=folder,
        pinned=not at.past_pinned,
    )
    news = {_key(each.chat): each for each in page.dialogs if _key(each.chat) not in at.seen}
    taken = dict(list(news.items())[:room])
    known = replace(at, seen=at.seen | taken.keys(), total=max(page.total, at.total))
    after = _behind(known, page, has_news=bool(news)) if len(taken) == len(news) else known
    return after, tuple(taken.values())


def _key(chat: Peer) -> tuple[str, int]:
    return chat.kind, chat.id


def _behind(at: DialogsPosition, page: DialogsPage, *, has_news: bool) -> DialogsPosition:
    """Return the position behind a page.

    The server leaves chats out of a page, so a short one is the last only when all that are counted have been listed.
    So is one that leads nowhere: with no new chat, and no older message to go on from. A pinned chat is older than
    those that come next, so where a first page shows no other, the next one begins behind all that are pinned.
    """
    is_known = len(at.seen) >= at.total
    tops = [(each.last_message, each) for each in page.dialogs if each.last_message is not None]
    unpinned = [(message, each) for message, each in tops if not each.pinned]
    if not unpinned and not is_known and at.date is None and not at.past_pinned:
        return replace(at, past_pinned=True)
    if not tops:
        return replace(at, last=page.last or not has_news)
    message, dialog = (unpinned or tops)[-1]
    leads_on = has_news or (at.date is not None and message.date < at.date)
    last = page.last or not leads_on or (len(page.dialogs) < PAGE and is_known)
    return replace(at, date=message.date, message_id=message.id, chat=dialog.chat, last=last)
