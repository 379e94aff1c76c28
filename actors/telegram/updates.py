"""The updates of one client, on their way from Telethon to whoever listens, and the news of updates that were lost.

It keeps no state of chats. Telethon asks for what it has missed, and drops what it then isn't given: a difference that
is too long, or the difference of a channel whose place it doesn't know. Only its message box notices that, so the
message box is watched. `TelethonClient` uses it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from telethon import types
from telethon._updates.messagebox import ENTRY_ACCOUNT, MessageBox

from actors.model.content import Message, Peer
from actors.model.updates import Gap, MemberJoined, MemberLeft, NewMessage, Update
from actors.telegram.convert_update import to_unknown_updates, to_updates
from actors.telegram.entity_cache import ChannelHashes, SelfAlone
from actors.telegram.oddities import Oddities
from actors.telegram.peers import PeerDirectory

__all__ = ["UpdateFeed"]

logger = logging.getLogger("actors.telegram")

_REMEMBERED_MOVES = 256
"""Joins and leaves that are remembered: a bot hears of each one twice, by service message and by change of standing."""

_SAME_MOVE = 5.0
"""The seconds that may lie between the dates of the two reports."""

Lost = Callable[[int | None, int | None, Any], None]


class UpdateFeed:
    """Calls `callback` with every update of a client that is connected later on, on its loop, in the server's order."""

    def __init__(self, client: Any, directory: PeerDirectory, odd: Oddities) -> None:
        self._odd = odd
        self.callback: Callable[[Update], None] | None = None
        self._directory = directory
        self._moves: list[MemberJoined | MemberLeft] = []
        client._mb_entity_cache = SelfAlone()
        hashes = ChannelHashes(directory, client._mb_entity_cache)
        client._message_box = WatchedMessageBox(client._log["messagebox"], self._lost, hashes)
        self._client = client
        self._tell_handlers = client._dispatch_update
        client._dispatch_update = self._hand_over

    def remember_sent(self, peer: Peer, message_id: int) -> None:
        """Keep a message that this client sent from being reported as news, now or when it is read again."""
        self._directory.remember_sent(peer, message_id)

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether a client of this account sent that message from here, and had an answer."""
        return self._directory.has_sent(peer, message_id)

    async def _hand_over(self, update: Any) -> None:
        """Take an update, and then tell Telethon's own handlers, if somebody has added any.

        It is taken without an await: Telethon has a task for each update, and these could overtake each other.
        """
        try:
            self._take(update)
        except Exception:
            logger.exception("An update, %s, could not be told", type(update).__name__)
        if self._client._event_builders or self._client._conversations:
            await self._tell_handlers(update)

    def _take(self, update: Any) -> None:
        directory = self._directory  # it has learned who is in the update (AccountSession.process_entities)
        if isinstance(update, types.UpdateUserName):
            directory.rename(update.user_id, update.usernames, f"{update.first_name} {update.last_name}".strip())
        if self.callback is None:
            return
        try:
            news = to_updates(update, directory.by_key, me=directory.me, known=directory.known)
        except Exception as error:  # noqa: BLE001  one odd message is told as one
            self._odd.note(update, error)
            news = to_unknown_updates(update, directory.by_key)
        for found in news:
            if self._is_news(found):
                self._tell(found)

    def _tell(self, update: Update) -> None:
        if self.callback is not None:
            self.callback(update)

    def _is_news(self, update: Update) -> bool:
        match update:
            case NewMessage(message):
                return not self._is_own(message)
            case MemberJoined() | MemberLeft():
                return self._is_first(update)
            case _:
                return True

    def _is_own(self, message: Message) -> bool:
        return message.out and self.has_sent(message.chat, message.id)

    def _is_first(self, move: MemberJoined | MemberLeft) -> bool:
        """Say whether a move is told for the first time: this person's last move here was the opposite, or long ago."""
        last = next((each for each in reversed(self._moves) if _is_same_person(each, move)), None)
        if type(last) is type(move) and abs((move.date - last.date).total_seconds()) <= _SAME_MOVE:
            return False
        self._moves.append(move)
        del self._moves[:-_REMEMBERED_MOVES]
        return True

    def _lost(self, channel_id: int | None, last_pts: int | None, told_by: Any) -> None:
        self._directory.learn([*(getattr(told_by, "users", None) or ()), *(getattr(told_by, "chats", None) or ())])
        chat = None if channel_id is None else self._directory.by_key(types.PeerChannel(channel_id))
        self._tell(Gap(chat, last_pts))


def _is_same_person(one: MemberJoined | MemberLeft, other: MemberJoined | MemberLeft) -> bool:
    return (one.user_id, one.chat.kind, one.chat.id) == (other.user_id, other.chat.kind, other.chat.id)


class WatchedMessageBox(MessageBox):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's count of updates, which calls `lost` wherever it gives updates up. It calls on the loop.

    hashes: of channels; they are used instead of those that Telethon hands in. lost must return at once. It gets a
    channel's id (None: the account's own box), the last pts that was known there (None: none was), and the TL object
    that brought it up, for the users and chats in it.
    """

    __slots__ = ("_hashes", "_lost", "_uncounted")

    def __init__(self, log: Any, lost: Lost, hashes: ChannelHashes) -> None:
        super().__init__(log)
        self._hashes = hashes
        self._lost = lost
        self._uncounted: list[int] = []

    def apply_difference(self, diff: Any, chat_hashes: Any) -> Any:
        """Take an answer of updates.getDifference.

        DifferenceTooLong holds nothing but a new pts to ask from. Channels may have moved as well
        (https://core.telegram.org/constructor/updates.differenceTooLong).
        """
        last = self.session_state()[0]["pts"]
        found = super().apply_difference(diff, chat_hashes)
        if isinstance(diff, types.updates.DifferenceTooLong):
            if diff.pts != last:
                self.try_begin_get_diff(ENTRY_ACCOUNT, "the difference was too long")
            self._lost(None, last or None, diff)
        return found

    def apply_channel_difference(self, request: Any, diff: Any, chat_hashes: Any) -> Any:
        """Take an answer of updates.getChannelDifference. ChannelDifferenceTooLong has only the latest messages."""
        found = super().apply_channel_difference(request, diff, chat_hashes)
        if isinstance(diff, types.updates.ChannelDifferenceTooLong):
            self._lost(request.channel.channel_id, request.pts, diff)
        return found

    def get_channel_difference(self, chat_hashes: Any) -> Any:  # noqa: ARG002  it has its own
        """Return the next request to make. A channel whose access hash is not known is forgotten instead."""
        if not self.getting_diff_for:
            return super().get_channel_difference(self._hashes)
        before = self._moved_channels()
        request = super().get_channel_difference(self._hashes)
        for channel_id in before.keys() - self._moved_channels().keys():
            self._lost(channel_id, before[channel_id], None)
        return request

    def _moved_channels(self) -> dict[int, int]:
        """Return the pts of the channels whose difference is to be fetched."""
        return {entry: self.map[entry].pts for entry in self.getting_diff_for if isinstance(entry, int)}

    def process_updates(self, updates: Any, chat_hashes: Any, result: list[Any]) -> Any:
        """Take updates as they come."""
        try:
            return super().process_updates(updates, chat_hashes, result)
        finally:
            uncounted, self._uncounted = self._uncounted, []
            for channel_id in uncounted:
                self._lost(channel_id, None, updates)

    def apply_pts_info(self, update: Any, *, reset_deadlines: Any) -> Any:
        """Take one update. A channel that isn't counted yet has no difference to ask for; it counts from now on."""
        if isinstance(update, types.UpdateChannelTooLong) and update.channel_id not in self.map:
            self._uncounted.append(update.channel_id)
            if update.pts:
                self.try_set_channel_state(update.channel_id, update.pts)
            return None
        return super().apply_pts_info(update, reset_deadlines=reset_deadlines)
