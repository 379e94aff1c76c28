"""The updates of one client, on their way from Telethon to whoever listens, and the news of updates that were lost.

It keeps no state of chats. Telethon asks for what it has missed, and drops what it then isn't given: a difference that
is too long, or the difference of a channel whose place it doesn't know. Only its message box notices that, so the
message box is watched (`message_box.py`). `TelethonClient` uses it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from telethon import types, utils

from actors.model.content import Message, Peer
from actors.model.updates import AccessChanged, Gap, MemberJoined, MemberLeft, NewMessage, Unreadable, Update
from actors.telegram.access import CLOSED_TO_OTHERS, LEFT
from actors.telegram.convert_update import to_access, to_unknown_updates, to_updates
from actors.telegram.entity_cache import ChannelHashes, SelfAlone
from actors.telegram.message_box import WatchedMessageBox
from actors.telegram.oddities import Oddities
from actors.telegram.peers import PeerDirectory
from actors.telegram.polls import Polls
from actors.telegram.unreadable import Unreadables

__all__ = ["UpdateFeed"]

logger = logging.getLogger("actors.telegram")

_REMEMBERED_MOVES = 256
"""Joins and leaves that are remembered: a bot hears of each one twice, by service message and by change of standing."""

_SAME_MOVE = 5.0
"""The seconds that may lie between the dates of the two reports."""


class UpdateFeed:
    """Calls `callback` with every update of a client that is connected later on, on its loop, in the server's order."""

    def __init__(self, client: Any, directory: PeerDirectory, polls: Polls, odd: Oddities) -> None:
        self._odd = odd
        self.callback: Callable[[Update], None] | None = None
        self._directory = directory
        self._polls = polls
        self._moves: list[MemberJoined | MemberLeft] = []
        client._mb_entity_cache = SelfAlone()
        self._box = client._message_box = WatchedMessageBox(
            client._log["messagebox"],
            ChannelHashes(directory, client._mb_entity_cache),
            polls,
            lost=self._lost,
            poll_ended=self._poll_ended,
            own_doing=self._own_doing,
            unreadable=Unreadables(client, self._unreadable),
        )
        self._client = client
        self._tell_handlers = client._dispatch_update
        client._dispatch_update = self._hand_over

    def remember_sent(self, peer: Peer, message_id: int) -> None:
        """Keep a message that this client sent from being reported as news, now or when it is read again."""
        self._directory.remember_sent(peer, message_id)

    def has_sent(self, peer: Peer, message_id: int) -> bool:
        """Say whether a client of this account sent that message from here, and had an answer."""
        return self._directory.has_sent(peer, message_id)

    def count_from(self, channel_id: int, pts: int) -> None:
        """Start to count the updates of a channel that weren't counted yet, so that a loss in them is noticed."""
        is_new = channel_id not in self._box.map
        self._box.try_set_channel_state(channel_id, pts)
        if is_new and self._polls.has(channel_id):
            self._ask_for(self._directory.by_key(types.PeerChannel(channel_id)))

    def poll(self, channels: Sequence[Peer], wanted: Callable[[Peer], bool]) -> None:
        """Ask for the news of these channels again and again, as long as `wanted` says so of each."""
        for channel in channels:
            self._polls.add(channel, wanted)
            self._ask_for(channel)

    def poll_on(self) -> None:
        """Go on polling, with a new connection."""
        for channel in self._polls.channels():
            if self._polls.wants(channel.id):
                self._ask_for(channel)
            else:
                self._box.forget(channel.id)
                self._poll_ended(channel.id, False)

    def _ask_for(self, channel: Peer) -> None:
        """Have a channel's difference asked for, by the update that Telegram means this with."""
        too_long = types.UpdateShort(types.UpdateChannelTooLong(channel.id), datetime.now(UTC))
        self._client._updates_queue.put_nowait(too_long)

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
            news = to_unknown_updates(update, directory.by_key, me=directory.me)
        for found in news:
            if self._is_news(found):
                self._tell(found)

    def _own_doing(self, answer: Any) -> None:
        """Tell where the account has come and gone by requests of this client."""
        entities = {utils.get_peer_id(chat): chat for chat in answer.chats}
        for update in answer.updates:
            update._entities = entities
            for found in to_access(update, self._directory.by_key):
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
            case AccessChanged(chat, lost) if self._polls.has(chat.id):
                return self._is_news_of_polled(chat, lost)
            case _:
                return True

    def _is_news_of_polled(self, chat: Peer, lost: str) -> bool:
        """Say whether a channel is lost that is polled. One that the account has joined needs no polls any more."""
        if lost != LEFT:
            self._polls.discard(chat.id)
        return lost not in ("", LEFT)

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
        self._tell(Gap(self._channel(channel_id), last_pts))

    def _unreadable(self, channel_id: int | None, packets: int, lost: bool) -> None:
        self._tell(Unreadable(self._channel(channel_id), packets, lost))

    def _poll_ended(self, channel_id: int, refused: bool) -> None:
        """Forget a channel, also where its updates stood: the next client would ask on from there."""
        self._polls.discard(channel_id)
        getattr(self._client.session, "_update_states", {}).pop(channel_id, None)
        if refused:
            self._tell(AccessChanged(self._directory.by_key(types.PeerChannel(channel_id)), CLOSED_TO_OTHERS))

    def _channel(self, channel_id: int | None) -> Peer | None:
        return None if channel_id is None else self._directory.by_key(types.PeerChannel(channel_id))


def _is_same_person(one: MemberJoined | MemberLeft, other: MemberJoined | MemberLeft) -> bool:
    return (one.user_id, one.chat.kind, one.chat.id) == (other.user_id, other.chat.kind, other.chat.id)
