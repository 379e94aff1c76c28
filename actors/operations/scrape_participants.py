"""Reading the members of a channel or supergroup.

Telegram doesn't list everybody. The reply says what is missing and why. Users send `ScrapeParticipants` to a session.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from actors.model.answers import ParticipantsPage
from actors.model.checks import check_count
from actors.model.client import Client
from actors.model.content import Participant, Peer
from actors.model.policies import SCRAPING
from actors.model.results import ScrapedParticipants
from actors.operations.history_pages import MOST_EMPTY
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation, check_peer, check_resume

__all__ = ["ParticipantsPosition", "ScrapeParticipants"]

PAGE = 200
"""Members that channels.getParticipants gives at most, and that it is always asked for: it leaves some out."""

CAP = 10_000
"""Members of one chat that Telegram lists at most, whatever the offset (core.telegram.org/api/channel)."""


@dataclass(frozen=True, slots=True)
class ParticipantsPosition:
    """How far a scrape of members is: the offset to ask for next, and whether there are no more (last).

    seen: the ids of the members that are listed. Whoever leaves meanwhile moves the others up, and whoever joins may
    move them down, so each member is taken once, by id.
    """

    chat: Peer
    offset: int = 0
    last: bool = False
    seen: frozenset[int] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class ScrapeParticipants(ResumableOperation[ScrapedParticipants]):
    """Read up to `limit` members of a channel or supergroup, each once (channels.getParticipants).

    Telegram lists at most 10,000 of them, and fewer of a chat that hides its members. The reply says how many there
    are, whether these are all, and if not, why. `resume` takes the checkpoint of an interrupted scrape.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"channels.getParticipants"})

    peer: str | int | Peer
    limit: int = CAP

    def __post_init__(self) -> None:
        """Refuse what can't be read. Raises InvalidInput."""
        ResumableOperation.__post_init__(self)
        check_peer(self.peer)
        check_count("limit", self.limit)
        check_resume(self.resume, ParticipantsPosition)

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page of up to 200 members."""
        here = self.start(context)
        if here is None:
            here = Checkpoint(ParticipantsPosition(await client.resolve(self.peer)))
            yield here
        empty = 0
        while here.done < self.limit and not here.position.last and empty < MOST_EMPTY:
            at: ParticipantsPosition = here.position
            page = await client.participants(at.chat, limit=PAGE, offset=at.offset)
            position, news = _behind(at, page, self.limit - here.done)
            empty = 0 if news else empty + 1
            here = Checkpoint(position, news, here.done + len(news), page.total)
            yield here

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ScrapedParticipants:
        """Return the members of all pages."""
        total = last.total or 0
        reason = "" if last.total is not None and last.done >= total else self._shortfall(last, total)
        return ScrapedParticipants(last.position.chat, items, total, complete=not reason, reason=reason)

    def _shortfall(self, last: Checkpoint, total: int) -> str:
        """Say why these aren't all members."""
        if not last.position.last:
            if last.done >= self.limit:
                return f"the limit of {self.limit} was reached"
            return f"the server counts {total:,} members and shows none of those that come next"
        if total > CAP and last.position.offset >= CAP:
            return f"Telegram lists at most {CAP:,} members of {total:,}"
        return f"the server listed {last.done:,} of {total:,} members; it hides the others, or some left meanwhile"


def _behind(
    at: ParticipantsPosition, page: ParticipantsPage, room: int
) -> tuple[ParticipantsPosition, tuple[Participant, ...]]:
    """Return the position behind a page, and its members that weren't listed yet: `room` of them at most.

    With some for whom there is no room, the page is asked for anew when a scrape goes on. The offset moves by no more
    than what was shown, so that none is missed whether or not Telegram counts those that it leaves out. A window that
    shows nobody new is passed over.
    """
    news = {each.id: each for each in page.participants if each.id not in at.seen}
    taken = tuple(news.values())[:room]
    known = replace(at, seen=at.seen | {each.id for each in taken})
    if len(taken) < len(news):
        return known, taken
    offset = at.offset + (len(page.participants) if news else PAGE)
    return replace(known, offset=offset, last=offset >= min(page.total, CAP)), taken
