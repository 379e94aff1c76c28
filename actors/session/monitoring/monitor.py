"""One running monitor: which chats, for whom, until when, and up to where. Not an operation: it holds no slot.

Owned by a session's `Monitors` and used on its loop alone. It is fed updates in the order of the server, and passes
each message on once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from actors.model.content import Message, Peer
from actors.model.events import (
    MessageReceived,
    MonitorEnd,
    MonitorEnded,
    MonitorGap,
    MonitorStarted,
    UpdateReceived,
)
from actors.model.status import MonitorStatus
from actors.model.updates import EditedMessage, NewMessage, Update
from actors.operations import Watch
from actors.runtime.delivery import Delivery
from actors.session.dedupe import Dedupe
from actors.session.monitoring.losses import OVERFLOW, LostEvents

__all__ = ["RunningMonitor"]

logger = logging.getLogger("actors.monitor")


class RunningMonitor:
    """A monitor that runs. deadline: monotonic seconds, None for no end.

    on_end(id, reason) asks for its end; on_follow(chat) has a chat read that it watches from now on; publish(gap) is
    called with each gap that overflow has left, once the subscriber has answered it.
    """

    def __init__(
        self,
        monitoring: MonitorStarted,
        session: str,
        watch: Watch,
        *,
        deadline: float | None,
        dedupe: Dedupe,
        on_end: Callable[[int, MonitorEnd], object],
        on_follow: Callable[[Peer], object],
        publish: Callable[[MonitorGap], object],
    ) -> None:
        self.id = monitoring.id
        self.deadline = deadline
        self.watch = watch
        self._until = monitoring.until
        self._session = session
        self._dedupe = dedupe
        self._on_follow = on_follow
        self._chats = {peer.key for peer in watch.peers}
        self._delivery = Delivery(
            watch.to,
            watch.delivery,
            on_dead=lambda: on_end(self.id, MonitorEnd.SUBSCRIBER_DEAD),
            on_overflow=lambda: on_end(self.id, MonitorEnd.OVERFLOW),
            on_answered=self._answered,
            on_dropped=self._dropped,
            new_losses=partial(LostEvents, session, monitoring.id),
        )
        self._publish = publish
        self._marks = _first_marks(watch)
        self._answered_marks = dict(self._marks)
        self._first_lost: dict[str, int] = {}
        self._lag: float | None = None
        self._filter_errors = 0
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Live until `end`: the monitor's task in the registry."""
        await self._ended.wait()

    @property
    def tells_messages(self) -> bool:
        """Whether it has to have every new message."""
        return NewMessage in self.watch.kinds

    @property
    def watches_a_box(self) -> bool:
        """Whether private chats or basic groups are among its chats; they share one count of updates."""
        return not self._chats or any(peer.kind != "channel" for peer in self.watch.peers)

    def wants(self, chat: Peer | None) -> bool:
        """Say whether it watches a chat; None: it may be any."""
        return not self._chats or chat is None or chat.key in self._chats

    def mark(self, chat: Peer) -> int | None:
        """Return up to which id it has been fed the messages of a chat."""
        return self._marks.get(chat.key)

    def has_room_for(self, messages: int) -> bool:
        """Say whether so many messages would overflow nothing."""
        return self._delivery.has_room_for(messages)

    def set_mark(self, chat: Peer, message_id: int) -> None:
        """Take no message of a chat up to this id any more: those there are were fed."""
        if message_id > self._marks.get(chat.key, -1):
            self._marks[chat.key] = message_id
        if self._delivery.is_idle:  # nothing of them is still on its way
            self._has_answered(chat.key, self._marks[chat.key])

    def tell_gap(self, gap: MonitorGap) -> None:
        """Tell the subscriber of messages that it won't get, after those that it was fed."""
        self._delivery.lose(replace(gap, monitor_id=self.id))

    def feed(self, update: Update) -> None:
        """Pass an update on, if it is of a kind and a chat of ours, and newer than the last message of that chat."""
        if self._ended.is_set():
            return
        match update:
            case NewMessage(message=message):
                self._new_message(message)
            case EditedMessage(message=message) if not self._passes(message):
                pass
            case _ if isinstance(update, self.watch.kinds) and self._is_about_ours(update):
                self._delivery.offer(UpdateReceived(session=self._session, monitor_id=self.id, update=update))

    def _new_message(self, message: Message) -> None:
        key = message.chat.key
        if self._chats and key not in self._chats:
            return
        if message.migrated_to is not None:
            self.follow(message.migrated_to)
        if not self.tells_messages or message.id <= self._marks.get(key, 0):
            return
        if self._passes(message) and self._is_first(message):
            self._marks[key] = message.id
            self._delivery.offer(MessageReceived(session=self._session, monitor_id=self.id, message=message))
        else:
            self.set_mark(message.chat, message.id)

    def follow(self, supergroup: Peer) -> bool:
        """Watch what a basic group has become as well, from its first message on; False if it does so already."""
        if self.wants(supergroup):
            return False
        self._chats.add(supergroup.key)
        self.watch = replace(self.watch, peers=(*self.watch.peers, supergroup))
        self.set_mark(supergroup, 0)
        self._on_follow(supergroup)
        return True

    def _passes(self, message: Message) -> bool:
        """Ask the filter; one that raises lets nothing pass, and is counted."""
        if self.watch.where is None:
            return True
        try:
            return bool(self.watch.where(message))
        except Exception as exc:  # noqa: BLE001  a filter of a user's: its errors are its own
            self._filter_errors += 1
            logger.warning("The filter of monitor %d of %s raised %s", self.id, self._session, type(exc).__name__)
            return False

    def _is_first(self, message: Message) -> bool:
        """Say whether no other session of the group has told it; message ids are the fleet's in channels alone."""
        group = self.watch.group
        return (
            group is None
            or message.chat.kind != "channel"
            or self._dedupe.is_first(group, message.chat.key, message.id)
        )

    def _is_about_ours(self, update: Update) -> bool:
        chat = update.message.chat if isinstance(update, NewMessage | EditedMessage) else update.chat
        if chat is None:  # deletions somewhere in private chats and basic groups: Telegram doesn't say where
            return self.watches_a_box
        return self.wants(chat)

    def _answered(self, event: Any) -> None:
        """Note how far the subscriber is, and how late it was."""
        if isinstance(event, MessageReceived):
            self._has_answered(event.message.chat.key, event.message.id)
            self._lag = _age(event.message)
        elif isinstance(event, MonitorGap) and event.reason == OVERFLOW:
            self._publish(event)

    def _has_answered(self, chat: str, message_id: int) -> None:
        """Move a chat's mark, but never past a message that was dropped: the marks bring it after a restart."""
        lost = self._first_lost.get(chat) if self._first_lost else None
        self._answered_marks[chat] = message_id if lost is None else min(message_id, lost - 1)

    def _dropped(self, event: Any) -> None:
        """Keep the mark before it, and let another session of the group tell what this one won't."""
        if not isinstance(event, MessageReceived):
            return
        chat, message_id = event.message.chat.key, event.message.id
        self._first_lost[chat] = min(message_id, self._first_lost.get(chat, message_id))
        if self.watch.group is not None:
            self._dedupe.release(self.watch.group, chat, message_id)

    def end(self, reason: MonitorEnd, detail: str = "") -> bool:
        """End it, with one `MonitorEnded` as its last event; say whether it still ran."""
        if self._ended.is_set():
            return False
        self._ended.set()
        self._delivery.offer_last(MonitorEnded(session=self._session, monitor_id=self.id, reason=reason, detail=detail))
        return True

    def status(self, is_unheard: Callable[[Peer], bool]) -> MonitorStatus:
        """Return a frozen copy for status. is_unheard(chat): whether the account is told of it no more."""
        oldest, watch = self._delivery.oldest, self.watch
        return MonitorStatus(
            id=self.id,
            chats=tuple(_name(peer) for peer in watch.peers),
            polled=tuple(_name(peer) for peer in watch.polled),
            unheard=tuple(_name(peer) for peer in watch.peers if is_unheard(peer)),
            until=self._until,
            delivered=self._delivery.delivered,
            queued=self._delivery.queued,
            dropped=self._delivery.dropped,
            errors=self._delivery.errors,
            filter_errors=self._filter_errors,
            lag=_age(oldest.message) if isinstance(oldest, MessageReceived) else self._lag,
            marks=dict(self._answered_marks),
        )


def _name(peer: Peer) -> str:
    return peer.username or f"{peer.kind} {peer.id}"


def _age(message: Message) -> float:
    """Return the seconds since a message was sent, by the server's clock and ours; Telegram tells whole seconds."""
    return max(0.0, (datetime.now(UTC) - message.date).total_seconds())


def _first_marks(watch: Watch) -> dict[str, int]:
    """Return up to where each chat's messages are no news: as they were seen, or as far as the subscriber has them.

    A mark beyond the newest message is of another chat or account; it must not keep this one silent.
    """
    seen = {peer.key: newest for peer, newest in watch.seen}
    return {**seen, **{chat: min(mark, seen.get(chat, mark)) for chat, mark in watch.marks.items()}}
