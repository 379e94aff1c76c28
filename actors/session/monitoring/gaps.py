"""The gaps in what a session's monitors have heard: which chats are held back, and the reading of what is missing.

Owned by a session's `Monitors` and used on its loop alone. `CatchUp`, an operation of the session's own, works on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from actors.model.content import Message, Peer
from actors.model.events import MonitorGap
from actors.model.updates import NewMessage
from actors.runtime import ActorFuture
from actors.runtime.delivery import EventStream
from actors.runtime.recipient import Receipt
from actors.session.monitoring.monitor import RunningMonitor

__all__ = ["Gaps", "Suspects"]

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
        self._session = session
        self._running = running
        self._events = events
        self._catch_up = catch_up
        self._now = now
        self._suspects = Suspects()
        self._latest: dict[str, tuple[Peer, int]] = {}
        self._paused_since: float | None = None
        self._catching_up = False

    # What the monitors tell.

    def takes(self, message: Message) -> bool:
        """Note a new message, and say whether it is held back."""
        chat, key = message.chat, message.chat.key
        latest = self._latest.get(key)
        if latest is None or message.id > latest[1]:
            self._latest[key] = (chat, message.id)
        return bool(self._suspects) and self._suspects.takes(message)

    def is_to_come(self, message: Message) -> bool:
        """Say whether a message is held back, and will come as it is now."""
        return self._suspects.holds(message.chat) and message.id > self._lowest_mark(message.chat)

    def started(self, monitor: RunningMonitor) -> None:
        """Look at what a new monitor lacks: since its marks, and since it has looked at its chats."""
        if not monitor.tells_messages:
            return
        seen = monitor.watch.seen
        for peer, newest in seen:
            if (monitor.mark(peer) or 0) < newest:
                self._suspects.hold(peer, newest)
        if not monitor.watch.peers:
            self._latest.update({peer.key: (peer, newest) for peer, newest in seen if peer.key not in self._latest})
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
            if not monitor.tells_messages:
                continue
            if chats is None and not monitor.watch.peers:
                self._suspects.everything = True
            for peer in (monitor.watch.peers or self._known()) if chats is None else chats:
                if monitor.wants(peer):
                    self._suspects.doubt(peer)
        self.begin()

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
        self._suspects.everything = False

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

    def found(self, peer: Peer, newest: int) -> None:
        """Note the newest message of a chat that somebody watches."""
        if self._watching(peer):
            self._suspects.hold(peer, newest)

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
        watching = self._watching(peer)
        for monitor in watching:
            monitor.set_mark(peer, self._suspects.newest(peer))
        self._suspects.release(peer)
        if migrated_to is not None:
            supergroup = Peer("channel", -migrated_to - _FIRST_MARKED)
            news = [monitor for monitor in watching if monitor.follow(supergroup)]
            if not news:
                return
        self._events.publish(MonitorGap(session=self._session, chat=peer, reason=reason))


def _end_pause(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


@dataclass(slots=True)
class _Suspect:
    peer: Peer
    newest: int = 0
    in_doubt: bool = False


class Suspects:
    """The chats that are held back. everything: all are, until their list has been read."""

    def __init__(self) -> None:
        self.everything = False
        self._chats: dict[str, _Suspect] = {}

    def __bool__(self) -> bool:
        return self.everything or bool(self._chats)

    def hold(self, peer: Peer, newest: int = 0) -> None:
        """Hold a chat back; newest: the id of a message that is known to be in it."""
        suspect = self._chats.setdefault(peer.key, _Suspect(peer))
        suspect.newest = max(suspect.newest, newest)

    def doubt(self, peer: Peer) -> None:
        """Hold a chat back, and don't trust what is known to be in it: the server has to be asked."""
        self.hold(peer)
        self._chats[peer.key].in_doubt = True

    def doubtful(self) -> tuple[Peer, ...]:
        """Return the chats that the server has to be asked about."""
        return tuple(suspect.peer for suspect in self._chats.values() if suspect.in_doubt)

    def trust(self, peers: Iterable[Peer]) -> None:
        """Doubt no longer, for the server is being asked; who doubts from now on doubts again."""
        for peer in peers:
            if peer.key in self._chats:
                self._chats[peer.key].in_doubt = False

    def takes(self, message: Message) -> bool:
        """Say whether a message is held back; how new it is is remembered."""
        if not self.everything and message.chat.key not in self._chats:
            return False
        self.hold(message.chat, message.id)
        return True

    def holds(self, peer: Peer) -> bool:
        """Say whether a chat is held back."""
        return self.everything or peer.key in self._chats

    def newest(self, peer: Peer) -> int:
        """Return the id of the newest message known in a chat that is held back."""
        suspect = self._chats.get(peer.key)
        return 0 if suspect is None else suspect.newest

    def pending(self) -> tuple[Peer, ...]:
        """Return the chats that are held back one by one."""
        return tuple(suspect.peer for suspect in self._chats.values())

    def release(self, peer: Peer) -> None:
        """Hold a chat back no longer."""
        self._chats.pop(peer.key, None)
