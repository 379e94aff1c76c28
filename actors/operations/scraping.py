"""Reading what a chat holds, page by page. Each page is a checkpoint, so nothing is read twice and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, ClassVar

from actors.operations.base import Checkpoint, OperationContext, ResumableOperation, checked_peer, checked_range
from actors.policies import SCRAPING
from actors.ports import Client
from actors.snapshots import Peer, ScrapedMessages, ScrapedParticipants

__all__ = ["HistoryPosition", "ParticipantsPosition", "ScrapeHistory", "ScrapeParticipants"]

HISTORY_PAGE = 100
"""Messages that messages.getHistory gives at most."""

PARTICIPANTS_PAGE = 200
"""Members that channels.getParticipants gives at most."""

PARTICIPANTS_CAP = 10_000
"""Members of one chat that Telegram lists at most, whatever the offset."""


@dataclass(frozen=True, slots=True)
class HistoryPosition:
    """Where a history scrape is: everything from `offset_id` up has been read; last: there is no more."""

    chat: Peer
    offset_id: int
    last: bool


@dataclass(frozen=True, slots=True)
class ParticipantsPosition:
    """Where a member scrape is: the next one to ask for; last: there is no more."""

    chat: Peer
    offset: int
    last: bool


@dataclass(frozen=True, slots=True)
class ScrapeHistory(ResumableOperation[ScrapedMessages]):
    """Read up to `limit` messages of a chat, newest first (messages.getHistory); answered with `ScrapedMessages`.

    min_id and max_id leave out messages up to and from those ids (0: no bound). `resume` takes the checkpoint of an
    interrupted scrape: the reply then holds what was still missing, and `limit` counts both.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getHistory"})

    peer: str | int | Peer
    limit: int = 100
    min_id: int = 0
    max_id: int = 0

    def __post_init__(self) -> None:
        """Refuse what can't be read."""
        object.__setattr__(self, "peer", checked_peer(self.peer))
        for name in ("limit", "min_id", "max_id"):
            checked_range(name, getattr(self, name))

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page of up to 100 messages."""
        before = self.start(context)
        done = before.done if before else 0
        if before is None:
            position = HistoryPosition(await client.resolve(self.peer), 0, last=False)
            yield Checkpoint(position)
        else:
            position = before.position
        while done < self.limit and not position.last:
            page = await client.history(
                position.chat,
                limit=min(HISTORY_PAGE, self.limit - done),
                offset_id=position.offset_id,
                min_id=self.min_id,
                max_id=self.max_id,
            )
            done += len(page.messages)
            offset_id = page.messages[-1].id if page.messages else position.offset_id
            all_read = not self.min_id and not self.max_id and done >= page.total
            position = HistoryPosition(position.chat, offset_id, page.last or not page.messages or all_read)
            yield Checkpoint(position, page.messages, done, min(self.limit, page.total))

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ScrapedMessages:
        """Make the reply."""
        return ScrapedMessages(last.position.chat, items, complete=last.position.last)


@dataclass(frozen=True, slots=True)
class ScrapeParticipants(ResumableOperation[ScrapedParticipants]):
    """Read up to `limit` members of a channel or supergroup (channels.getParticipants).

    Telegram lists at most 10,000 of them; the reply says how many there are, and whether it is complete.
    """

    operation_type: ClassVar[str] = SCRAPING
    methods: ClassVar[frozenset[str]] = frozenset({"channels.getParticipants"})

    peer: str | int | Peer
    limit: int = PARTICIPANTS_CAP

    def __post_init__(self) -> None:
        """Refuse what can't be read."""
        object.__setattr__(self, "peer", checked_peer(self.peer))
        checked_range("limit", self.limit)

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page of up to 200 members."""
        before = self.start(context)
        done = before.done if before else 0
        if before is None:
            position = ParticipantsPosition(await client.resolve(self.peer), 0, last=False)
            yield Checkpoint(position)
        else:
            position = before.position
        while done < self.limit and not position.last:
            limit = min(PARTICIPANTS_PAGE, self.limit - done)
            page = await client.participants(position.chat, limit=limit, offset=position.offset)
            done += len(page.participants)
            offset = position.offset + len(page.participants)
            position = ParticipantsPosition(position.chat, offset, last=not page.participants or offset >= page.total)
            yield Checkpoint(position, page.participants, done, page.total)

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> ScrapedParticipants:
        """Make the reply."""
        total = last.total or 0
        return ScrapedParticipants(last.position.chat, items, total, complete=last.done >= total)
