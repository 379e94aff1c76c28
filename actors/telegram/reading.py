"""Reading over Telethon, page by page: histories, searches, dialogs and members.

Nothing here changes anything at Telegram, and nothing loops: whoever wants more than a page asks again, from where the
page ended. `TelethonClient` has this module mixed in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from telethon import functions, types

from actors.model.checks import check_moment
from actors.model.client import DialogsPage, HistoryPage, ParticipantsPage
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.telegram import convert
from actors.telegram.flight import Request
from actors.telegram.peers import PeerDirectory

__all__ = ["ReadRequests"]

T = TypeVar("T")

_PAGE = 100
"""Messages or dialogs that Telegram gives at most: a page of so many isn't the last one, whatever was asked for."""


class ReadRequests(ABC):
    """The part of the narrow client that reads."""

    _directory: PeerDirectory

    @abstractmethod
    def _count_from(self, dialogs: Sequence[Any]) -> None:
        """Start to count the updates of channels that weren't counted yet."""

    @abstractmethod
    async def _invoke(self, request: Any, *peers: Peer | None) -> Any:
        """Send a request about these peers."""

    @abstractmethod
    def _launch(self, request: Any, read: Callable[[Any], T], *peers: Peer | None) -> Request[T]:
        """Send a request about these peers, and go on; `read` says what its answer means."""

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
          message X, use offset_id=X + 1, add_offset=-limit and min_id=X. This gives the next messages, still newest
          first.
        - min_id, max_id: exclusive bounds of the ids; 0 for no bound.
        """
        limit = min(limit, _PAGE)
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
        return self._launch(request, partial(self._page, peer=peer, limit=limit), peer)

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

        - from_peer: only messages by this author, which works in groups and supergroups.
        - min_date, max_date: only messages between these dates (aware). Each may be given without words.
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
        return self._launch(request, partial(self._page, peer=peer, limit=limit), peer, from_peer)

    def _page(self, answer: Any, *, peer: Peer, limit: int) -> HistoryPage:
        directory = self._directory
        chat = directory.refreshed(peer)
        return convert.to_history_page(answer, chat, limit=limit, me=directory.me, known=directory.known)

    async def dialogs(
        self,
        *,
        limit: int,
        offset_date: datetime | None = None,
        offset_id: int = 0,
        offset_peer: Peer | None = None,
        folder_id: int | None = None,
    ) -> DialogsPage:
        """Return up to 100 chats of the account, pinned ones first, then the newest (messages.getDialogs).

        For the next page, offset_date, offset_id and offset_peer are date and id of the last message, and the chat, of
        the last dialog that has a message; pinned chats are then left out. folder_id is 0 for the chats that aren't
        archived, 1 for those that are, None for all.
        """
        limit = min(limit, _PAGE)
        after = None if offset_peer is None else self._directory.refreshed(offset_peer)
        request = functions.messages.GetDialogsRequest(
            offset_date=_aware(offset_date, "offset_date"),
            offset_id=offset_id,
            offset_peer=types.InputPeerEmpty() if after is None else convert.to_input_peer(after),
            limit=limit,
            hash=0,
            exclude_pinned=offset_peer is not None or None,
            folder_id=folder_id,
        )
        answer = await self._invoke(request, offset_peer)
        directory = self._directory
        return convert.to_dialogs_page(answer, directory.by_key, limit=limit, me=directory.me, known=directory.known)

    async def newest(self, peers: Sequence[Peer]) -> Mapping[str, int]:
        """Return the id of the newest message in each of up to 100 chats (messages.getPeerDialogs).

        The answer is keyed by the chats' keys. An empty chat has 0. The server doesn't say whose hash it refuses, so
        several chats are then asked about by halves.
        """
        if not peers:
            return {}
        asked = [types.InputDialogPeer(convert.to_input_peer(self._directory.refreshed(peer))) for peer in peers]
        about = peers if len(peers) == 1 else ()
        try:
            answer = await self._invoke(functions.messages.GetPeerDialogsRequest(asked), *about)
        except TelegramError as error:
            if error.verdict is not Verdict.REFRESH_INPUT or about:
                raise
            half = len(peers) // 2
            return {**await self.newest(peers[:half]), **await self.newest(peers[half:])}
        self._count_from(answer.dialogs)
        return {self._directory.by_key(dialog.peer).key: dialog.top_message for dialog in answer.dialogs}

    async def server_time(self) -> datetime:
        """Return the server's time, aware UTC (updates.getState)."""
        state = await self._invoke(functions.updates.GetStateRequest())
        return datetime.fromtimestamp(state.date.timestamp(), UTC)

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
        users = {user.id: user for user in answer.users}
        return ParticipantsPage(
            tuple(convert.to_participant(each, users) for each in answer.participants), answer.count
        )


def _aware(date: datetime | None, field: str) -> datetime | None:
    """Return a date that stands for one moment. Telethon would take a date without a zone for UTC."""
    if date is not None:
        check_moment(field, date)
    return date
