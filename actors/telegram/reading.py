"""Reading over Telethon, page by page: histories, searches, dialogs and members.

Nothing here changes anything at Telegram, and nothing loops: whoever wants more than a page asks again, from where the
page ended. `TelethonClient` has this module mixed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from telethon import functions, types

from actors.model.answers import DialogsPage, HistoryPage, ParticipantsPage
from actors.model.checks import check_sent_date
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.telegram import convert
from actors.telegram.flight import Request
from actors.telegram.oddities import Oddities
from actors.telegram.requests import Requests
from actors.telegram.updates import UpdateFeed

__all__ = ["ReadRequests"]

T = TypeVar("T")

_PAGE = 100
"""Messages or dialogs that Telegram gives at most."""


class ReadRequests(Requests):
    """The part of the narrow client that reads."""

    _feed: UpdateFeed
    _odd: Oddities

    def history(
        self,
        peer: Peer,
        *,
        limit: int,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        add_offset: int = 0,
        min_id: int = 0,
        max_id: int = 0,
    ) -> Request[HistoryPage]:
        """Ask for up to 100 messages older than `offset_id` (0: the newest), newest first (messages.getHistory).

        - offset_date: without an offset_id, messages older than this (aware).
        - add_offset: start so many messages further back; a negative number starts further on. To read on from a
          message X, use offset_id=X + 1 and add_offset=-limit. This gives the next messages, still newest first; near
          the top, where there are fewer of them, perhaps X and older ones as well.
        - min_id, max_id: exclusive bounds of the ids; 0 for no bound. They only take messages away from the page.
        """
        limit = min(limit, _PAGE)
        place = None if offset_id or offset_date is not None else max(0, add_offset)
        request = functions.messages.GetHistoryRequest(
            peer=convert.to_input_peer(self._directory.refreshed(peer)),
            offset_id=offset_id,
            offset_date=_aware(offset_date, "offset_date"),
            add_offset=add_offset,
            limit=limit,
            max_id=max_id,
            min_id=min_id,
            hash=0,
        )
        return self._launch(request, partial(self._page, peer=peer, limit=limit, place=place), peer)

    def search(  # noqa: PLR0913  what messages.search takes
        self,
        peer: Peer,
        query: str = "",
        *,
        limit: int,
        from_peer: Peer | None = None,
        min_date: datetime | None = None,
        max_date: datetime | None = None,
        offset_id: int = 0,
        add_offset: int = 0,
        min_id: int = 0,
        max_id: int = 0,
    ) -> Request[HistoryPage]:
        """Ask for up to 100 messages of a chat that have all words of `query`, newest first (messages.search).

        - from_peer: only messages by this author, in groups and supergroups; in a private chat Telegram ignores it.
        - min_date, max_date: only messages between these dates (aware). Each may be given without words. Telegram may
          take the others away from the page, or may not heed a date at all.
        - offset_id, add_offset, min_id, max_id: which of the found messages to return, as for `history`.

        `total` is how many were found.
        """
        limit = min(limit, _PAGE)
        request = functions.messages.SearchRequest(
            peer=convert.to_input_peer(self._directory.refreshed(peer)),
            q=query,
            filter=types.InputMessagesFilterEmpty(),
            min_date=_aware(min_date, "min_date"),
            max_date=_aware(max_date, "max_date"),
            offset_id=offset_id,
            add_offset=add_offset,
            limit=limit,
            max_id=max_id,
            min_id=min_id,
            hash=0,
            from_id=None if from_peer is None else convert.to_input_peer(self._directory.refreshed(from_peer)),
        )
        place = None if offset_id else max(0, add_offset)
        return self._launch(request, partial(self._page, peer=peer, limit=limit, place=place), peer, from_peer)

    def _page(self, answer: Any, *, peer: Peer, limit: int, place: int | None) -> HistoryPage:
        directory = self._directory
        return convert.to_history_page(
            answer,
            directory.refreshed(peer),
            limit=limit,
            me=directory.me,
            odd=self._odd,
            known=directory.known,
            place=place,
        )

    async def dialogs(
        self,
        *,
        limit: int,
        offset_date: datetime | None = None,
        offset_id: int = 0,
        offset_peer: Peer | None = None,
        folder_id: int | None = None,
        pinned: bool = True,
    ) -> DialogsPage:
        """Return up to 100 chats of the account, pinned ones first, then the newest (messages.getDialogs).

        For the next page, offset_date, offset_id and offset_peer are date and id of the last message, and the chat, of
        the last dialog that has a message; pinned chats are then left out, as they are with pinned=False. folder_id is
        0 for the chats that aren't archived, 1 for those that are, None for all.
        """
        after = None if offset_peer is None else self._directory.refreshed(offset_peer)
        request = functions.messages.GetDialogsRequest(
            offset_date=_aware(offset_date, "offset_date"),
            offset_id=offset_id,
            offset_peer=types.InputPeerEmpty() if after is None else convert.to_input_peer(after),
            limit=min(limit, _PAGE),
            hash=0,
            exclude_pinned=not pinned or offset_peer is not None or None,
            folder_id=folder_id,
        )
        answer = await self._invoke(request, offset_peer)
        directory = self._directory
        page = partial(
            convert.to_dialogs_page, peer=directory.by_key, me=directory.me, odd=self._odd, known=directory.known
        )
        return self._read(request, page, answer)

    async def newest(self, peers: Sequence[Peer]) -> Mapping[str, int]:
        """Return the id of the newest message in each of up to 100 chats (messages.getPeerDialogs).

        The answer is keyed by the chats' keys. An empty chat has 0.
        """
        answers = await self._peer_dialogs(peers)
        return {self._directory.by_key(each.peer).key: each.top_message for each in self._counted(answers)}

    async def _peer_dialogs(self, peers: Sequence[Peer]) -> list[Any]:
        """Ask about up to 100 chats, and return the answers: several, when the access hash of one was refused.

        The server doesn't say whose hash that is, so they are then asked about by halves.
        """
        if not peers:
            return []
        asked = [types.InputDialogPeer(convert.to_input_peer(self._directory.refreshed(peer))) for peer in peers]
        about = peers if len(peers) == 1 else ()
        try:
            return [await self._invoke(functions.messages.GetPeerDialogsRequest(asked), *about)]
        except TelegramError as error:
            if error.verdict is not Verdict.REFRESH_INPUT or about:
                raise
        half = len(peers) // 2
        return [*await self._peer_dialogs(peers[:half]), *await self._peer_dialogs(peers[half:])]

    def _counted(self, answers: Sequence[Any]) -> list[Any]:
        """Return the dialogs in answers; the channels' updates are counted from now on, so that a loss is noticed."""
        dialogs = [each for answer in answers for each in answer.dialogs if isinstance(each, types.Dialog)]
        for dialog in dialogs:
            if isinstance(dialog.peer, types.PeerChannel) and dialog.pts:
                self._feed.count_from(dialog.peer.channel_id, dialog.pts)
        return dialogs

    async def server_time(self) -> datetime:
        """Return the server's time, aware UTC (updates.getState)."""
        request = functions.updates.GetStateRequest()
        date: datetime = self._read(request, attrgetter("date"), await self._invoke(request))
        return datetime.fromtimestamp(date.timestamp(), UTC)

    async def participants(self, peer: Peer, *, limit: int, offset: int = 0) -> ParticipantsPage:
        """Return up to 200 members of a channel or supergroup (channels.getParticipants).

        Raises InvalidInput for any other kind of peer.
        """
        if peer.kind != "channel":
            raise InvalidInput(field="peer", problem=f"must be a channel or supergroup, not a {peer.kind}")
        request = functions.channels.GetParticipantsRequest(
            channel=convert.to_input_channel(self._directory.refreshed(peer)),
            filter=types.ChannelParticipantsSearch(""),
            offset=offset,
            limit=limit,
            hash=0,
        )
        answer = await self._invoke(request, peer)
        return self._read(request, partial(convert.to_participants_page, odd=self._odd), answer)


def _aware(date: datetime | None, field: str) -> datetime | None:
    """Return a date that stands for one moment. Telethon would take a date without a zone for UTC."""
    if date is not None:
        check_sent_date(field, date)
    return date
