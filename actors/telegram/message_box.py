"""Telethon's count of an account's updates, watched: what it gives up is told, and polled channels are asked about.

It makes no request: Telethon's loop takes from it which difference to ask for. `UpdateFeed` (updates.py) makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon import types
from telethon._updates.messagebox import ENTRY_ACCOUNT, MessageBox

from actors.telegram.entity_cache import ChannelHashes
from actors.telegram.polls import AFTER_TROUBLE, Polls
from actors.telegram.unreadable import Unreadables

__all__ = ["WatchedMessageBox"]

Lost = Callable[[int | None, int | None, Any], None]


class WatchedMessageBox(MessageBox):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's count of updates, which calls `lost` wherever it gives updates up. It calls on the loop.

    - hashes: of channels; they are used instead of those that Telethon hands in.
    - lost: must return at once. It gets a channel's id (None: the account's own box), the last pts that was known there
      (None: none was), and the TL object that brought it up, for the users and chats in it.
    - poll_ended: gets the id of a channel that is polled no more, and whether that is because it may not be.
    - own_doing: gets the answers of this client's own requests that are updates about chats: Telethon tells nobody.
    - unreadable: hears when its question was taken, and when all differences are there.
    """

    __slots__ = ("_hashes", "_lost", "_own_doing", "_poll_ended", "_polls", "_uncounted", "_unreadable")

    def __init__(
        self,
        log: Any,
        hashes: ChannelHashes,
        polls: Polls,
        *,
        lost: Lost,
        poll_ended: Callable[[int, bool], object],
        own_doing: Callable[[Any], object],
        unreadable: Unreadables,
    ) -> None:
        super().__init__(log)
        self._hashes = hashes
        self._polls = polls
        self._lost = lost
        self._poll_ended = poll_ended
        self._own_doing = own_doing
        self._unreadable = unreadable
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
        channel_id = request.channel.channel_id
        if self._polls.has(channel_id) and channel_id not in self.getting_diff_for:
            self._poll_again(channel_id, diff.timeout)
        return found

    def _poll_again(self, channel_id: int, timeout: int | None) -> None:
        """Ask again when the server says so. A channel that nobody wants any more is counted no longer."""
        if self._polls.wants(channel_id):
            self.reset_channel_deadline(channel_id, self._polls.interval(timeout))
        else:
            self.forget(channel_id)
            self._poll_ended(channel_id, False)

    def forget(self, channel_id: int) -> None:
        """Count a channel no longer, unless its difference is being asked for."""
        if channel_id not in self.getting_diff_for:
            self.map.pop(channel_id, None)
            self._find_next_deadline()

    def _find_next_deadline(self) -> None:
        """Find the next deadline anew: Telethon goes by a channel's that it has forgotten, and so by none."""
        nearest = min(self.map, key=lambda entry: self.map[entry].deadline, default=None)
        self.next_deadline = nearest  # type: ignore[misc]  # a slot of Telethon's

    def end_channel_difference(self, request: Any, reason: Any, chat_hashes: Any) -> None:
        """Take the news that there is no difference. Telethon forgets a channel whose difference it may not have."""
        super().end_channel_difference(request, reason, chat_hashes)
        channel_id = request.channel.channel_id
        if channel_id not in self.map:
            self._find_next_deadline()
            if self._polls.has(channel_id):
                self._poll_ended(channel_id, True)
            else:
                self._lost(channel_id, request.pts, None)
        elif self._polls.has(channel_id):
            self.reset_channel_deadline(channel_id, AFTER_TROUBLE)

    def get_channel_difference(self, chat_hashes: Any) -> Any:  # noqa: ARG002  it has its own
        """Return the next request to make. A channel whose access hash is not known is forgotten instead."""
        if not self.getting_diff_for:
            if self._unreadable.asked:
                self._unreadable.at_rest()
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
        if updates is self._unreadable.question:
            self._unreadable.asked = True
        elif getattr(updates, "_self_outgoing", False) and getattr(updates, "chats", None):
            self._own_doing(updates)
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
