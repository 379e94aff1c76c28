"""The gaps in what a session's monitors have heard: which are read, and which can only be told.

Owned by a session's `Monitors` and used on its loop alone. `CatchUp`, an operation of the session's own, works on it.
Which chats are held back meanwhile is in `suspects.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from actors.model.content import Message, Peer
from actors.model.updates import NewMessage, Unreadable
from actors.runtime import ActorFuture
from actors.runtime.delivery import EventStream
from actors.runtime.recipient import Receipt
from actors.session.monitoring.monitor import RunningMonitor
from actors.session.monitoring.suspects import MOST, Suspects
from actors.session.monitoring.teller import TOO_MANY, Teller

__all__ = ["Gaps"]

AGAIN = 2.0
"""Seconds until catching up is begun anew, after somebody cancelled it."""

PAUSE, LONGEST_PAUSE = 0.02, 1.0
"""Seconds that a page waits for subscribers with full queues, between two looks and in all: the others wait as well."""

PAGE = 100

_FIRST_MARKED = 1_000_000_000_000
"""What is added to a channel's id where it is marked."""


class Gaps:
    """The gaps of one session. running: its monitors; catch_up() has what is missing read; now() is the clock."""

    def __init__(
        self,
        session: str,
        running: Mapping[int, RunningMonitor],
        events: EventStream,
        catch_up: Callable[[], ActorFuture[int]],
        now: Callable[[], float],
    ) -> None:
        self.again_at: float | None = None
        self._running = running
        self._teller = Teller(session, running, events)
        self._catch_up = catch_up
        self._now = now
        self._suspects = Suspects()
        self._latest: dict[str, tuple[Peer, int]] = {}
        self._unheard: dict[str, None] = {}
        self._has_told_too_many = False
        self._paused_since: float | None = None
        self._catching_up = False

    # What the monitors tell.

    def takes(self, message: Message) -> bool:
        """Note a new message, and say whether it is held back."""
        chat, key = message.chat, message.chat.key
        latest = self._latest.get(key)
        if latest is None or message.id > latest[1]:
            self._latest[key] = (chat, message.id)
            if latest is None:  # what comes of one that is forgotten is found in the list of chats after a cut
                _forget_eldest(self._latest)
        if self._unheard and key in self._unheard:
            self.access_changed(chat, "")
        if not self._suspects:
            return False
        if self._suspects.takes(message):
            return True
        self._has_room()
        return False

    def _has_room(self) -> bool:
        """Say whether one more chat can be held back; when the first one can't, tell it, once for each catching up."""
        if not (self._suspects.everything and self._suspects.is_full):
            return True
        if not self._has_told_too_many:
            self._has_told_too_many = True
            self._teller.list_unread(TOO_MANY)
        return False

    def is_to_come(self, message: Message) -> bool:
        """Say whether a message is held back, and will come as it is now."""
        return self._suspects.holds(message.chat) and message.id > self._lowest_mark(message.chat)

    def started(self, monitor: RunningMonitor) -> None:
        """Look at what a new monitor lacks: since its marks, and since it has looked at its chats."""
        for peer in monitor.watch.peers:
            self._unheard.pop(peer.key, None)
        if not monitor.tells_messages:
            return
        if not monitor.watch.reads_history:
            self._teller.since_marks(monitor)
            return
        seen = monitor.watch.seen
        for peer, newest in seen:
            if (monitor.mark(peer) or 0) < newest:
                self._suspects.hold(peer, newest)
        if not monitor.watch.peers:
            for peer, newest in seen[: MOST - len(self._latest)]:
                self._latest.setdefault(peer.key, (peer, newest))
        known = {peer.key: newest for peer, newest in seen}
        for peer, latest in tuple(self._latest.values()):
            if monitor.wants(peer) and latest > known.get(peer.key, 0):
                self._suspects.hold(peer, latest)
        self.begin()

    def ended(self) -> None:
        """Hold back no longer what nobody watches any more."""
        for peer in self._suspects.pending():
            if not any(self._watching(peer)):
                self._suspects.release(peer)
        if not any(monitor.tells_messages and not monitor.watch.peers for monitor in self._running.values()):
            self._suspects.everything = False

    def suspect(self, chats: Sequence[Peer] | None) -> None:
        """Doubt what monitors watch among these chats, None: all that they watch; and begin to catch up."""
        for monitor in self._running.values():
            if not (monitor.tells_messages and monitor.watch.reads_history):
                continue
            if chats is None and not monitor.watch.peers:
                self._suspects.everything = True
            for peer in (monitor.watch.peers or self._known()) if chats is None else chats:
                if monitor.wants(peer) and peer.key not in self._unheard:
                    self._suspects.doubt(peer)
        self.begin()

    def updates_lost(self, chat: Peer | None) -> None:
        """Look for what Telegram won't tell any more: of a channel, or of private chats and basic groups (None)."""
        self.suspect(None if chat is None else [chat])
        self._teller.updates_lost(chat)

    def access_changed(self, chat: Peer, lost: str) -> None:
        """Tell that a chat can't be heard any more, once; or look for what was said until it could be heard again."""
        if not lost:
            if chat.key in self._unheard:
                del self._unheard[chat.key]
                self.suspect([chat])
            return
        is_known = chat.key in self._latest
        watching = [
            m
            for m in self._running.values()
            if m.wants(chat) and (m.watch.peers or is_known or m.mark(chat) is not None)
        ]
        if watching and chat.key not in self._unheard:
            self._unheard[chat.key] = None
            _forget_eldest(self._unheard)
            self._teller.tell(watching, self._as_it_was(chat), lost, **self._lacking(chat))
            self._suspects.release(chat)

    def _as_it_was(self, chat: Peer) -> Peer:
        """Return a chat as it was heard last: of one that is closed to the account Telegram gives the title alone."""
        named = (peer for m in self._running.values() for peer in m.watch.peers if peer.key == chat.key)
        return next(named, None) or self._latest.get(chat.key, (chat, 0))[0]

    def is_unheard(self, chat: Peer) -> bool:
        """Say whether the account isn't told any more of what happens in a chat."""
        return chat.key in self._unheard

    def unreadable(self, update: Unreadable) -> None:
        """Tell that something couldn't be read, and look for what was lost with it."""
        self._teller.unreadable(update)
        if update.lost:
            self.suspect(None if update.chat is None else [update.chat])

    def begin(self) -> None:
        """Submit the operation, unless it is under way or there is nothing to do."""
        self.again_at = None
        if self._suspects and not self._catching_up:
            self._catching_up = True
            self._catch_up().add_done_callback(self._ended_catching_up)

    def _ended_catching_up(self, future: ActorFuture[int]) -> None:
        """Begin anew for what was suspected in the meantime; after a failure, which no retry could mend, later."""
        self._catching_up = False
        if future.exception() is None:
            self.begin()
        else:
            self.again_at = self._now() + AGAIN

    def _known(self) -> Iterable[Peer]:
        return tuple(peer for peer, _ in self._latest.values())

    def _watching(self, peer: Peer) -> list[RunningMonitor]:
        return [m for m in self._running.values() if m.tells_messages and m.wants(peer)]

    def _lowest_mark(self, peer: Peer) -> int:
        return min((m.mark(peer) or 0 for m in self._watching(peer)), default=0)

    # What `CatchUp` works on.

    def wants_dialogs(self) -> bool:
        """Say whether all chats are held back."""
        return self._suspects.everything

    def dialogs_read(self) -> None:
        """Hold back those chats alone that were found."""
        self._suspects.everything = self._has_told_too_many = False

    def doubtful(self) -> tuple[Peer, ...]:
        """Return the chats that the server has to be asked about, and doubt them no longer."""
        peers = self._suspects.doubtful()
        self._suspects.trust(peers)
        return peers

    def doubt(self, peers: Sequence[Peer]) -> None:
        """Doubt these again, as far as they are held back."""
        for peer in peers:
            if self._suspects.holds(peer):
                self._suspects.doubt(peer)

    def found(self, peer: Peer, newest: int) -> bool:
        """Note the newest message of a chat that somebody watches; say whether it is news to any of them."""
        watching = [] if peer.key in self._unheard else self._watching(peer)
        if watching and (self._suspects.holds_by_name(peer) or self._has_room()):
            self._suspects.hold(peer, newest)
        return any((monitor.mark(peer) or 0) < newest for monitor in watching)

    def behind(self) -> tuple[Peer, ...]:
        """Return the chats in which something is missing, and let the others through that aren't in doubt."""
        doubtful = {peer.key for peer in self._suspects.doubtful()}
        behind = []
        for peer in self._suspects.pending():
            watching = self._watching(peer)
            newest = self._suspects.newest(peer)
            if any((monitor.mark(peer) or 0) < newest for monitor in watching):
                behind.append(peer)
            elif peer.key not in doubtful:
                self._suspects.release(peer)
        return tuple(behind)

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message known in a chat that is held back."""
        return self._suspects.newest(peer)

    def unmarked(self, peer: Peer) -> datetime | None:
        """Return since when the eldest monitor runs that has no mark of a chat."""
        return min((m.watch.since for m in self._watching(peer) if m.mark(peer) is None), default=None)

    def set_missing_mark(self, peer: Peer, since: datetime, message_id: int) -> None:
        """Give the monitors of that time the mark that they lack."""
        for monitor in self._watching(peer):
            if monitor.mark(peer) is None and monitor.watch.since == since:
                monitor.set_mark(peer, message_id)

    def mark(self, peer: Peer) -> int:
        """Return the lowest mark of those who watch a chat; nothing is missing when nobody does."""
        return min((m.mark(peer) or 0 for m in self._watching(peer)), default=self._suspects.newest(peer))

    def room(self, peer: Peer) -> int:
        """Return the length of the shortest queue."""
        return min((m.watch.delivery.queue for m in self._watching(peer)), default=PAGE)

    def pause(self, peer: Peer) -> Receipt | None:
        """Return a short wait for room, unless it has taken long enough."""
        now = self._now()
        limit = min(PAGE, self.room(peer))
        begun = self._paused_since
        if all(m.has_room_for(limit) for m in self._watching(peer)) or (begun and now - begun >= LONGEST_PAUSE):
            self._paused_since = None
            return None
        self._paused_since = begun or now
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        loop.call_later(PAUSE, _end_pause, over)
        return over

    def missed(self, peer: Peer, messages: Sequence[Message], up_to: int) -> None:
        """Show missed messages to every monitor."""
        for message in messages:
            for monitor in tuple(self._running.values()):
                monitor.feed(NewMessage(message))
        for monitor in self._watching(peer):
            monitor.set_mark(peer, up_to)

    def gave_up(self, peer: Peer, reason: str, *, migrated_to: int | None = None) -> None:
        """Say that something may be missing, and let the chat's messages through again.

        migrated_to: the supergroup that the group has become, marked; its monitors follow, and it is given up once.
        """
        watching, lacking = self._watching(peer), self._lacking(peer)
        for monitor in watching:
            monitor.set_mark(peer, self._suspects.newest(peer))
        self._suspects.release(peer)
        if migrated_to is not None:
            supergroup = Peer("channel", -migrated_to - _FIRST_MARKED)
            watching = [monitor for monitor in watching if monitor.follow(supergroup)]
            if not watching:
                return
        if peer.key not in self._unheard:
            self._teller.tell(watching, peer, reason, **lacking)

    def gave_up_list(self, reason: str) -> None:
        """Say that the list of chats can't be read, and let all messages through again but those of chats in doubt."""
        self._teller.list_unread(reason)
        self.dialogs_read()

    def _lacking(self, peer: Peer) -> dict[str, int]:
        """Return the first and the last message that a chat which is held back is known to lack."""
        mark, newest = self._lowest_mark(peer), self._suspects.newest(peer)
        return {"first": mark + 1, "last": newest} if newest > mark else {}


def _end_pause(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def _forget_eldest(chats: dict[str, Any]) -> None:
    """Keep a table of chats to the bound."""
    if len(chats) > MOST:
        del chats[next(iter(chats))]
