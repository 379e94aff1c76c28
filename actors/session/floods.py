"""What Telegram asks a session to wait with: told as soon as it says so, and kept until its end. It waits for nothing.

The holds themselves are the queue's. The session's client asks here before a request leaves, so that whatever an
operation calls is held, listed or not; the dispatcher asks what an operation waits for. Owned by a session.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from actors.model.errors import FloodScope, FloodWait
from actors.model.events import FloodWaiting
from actors.runtime.delivery import EventStream
from actors.runtime.mailbox import HeldKey
from actors.session.queue import OperationQueue
from actors.session.queued_operation import chat_key, method_key
from actors.session.retries import seconds_of_hold

__all__ = ["Floods", "flood_key", "flood_of"]


class Floods:
    """The flood waits of one session, by its queue's holds. look_at(at): have the session take a turn at that time."""

    def __init__(
        self,
        queue: OperationQueue,
        events: EventStream,
        *,
        session: str,
        now: Callable[[], float],
        look_at: Callable[[float], object],
    ) -> None:
        self._queue = queue
        self._events = events
        self._session = session
        self._now = now
        self._look_at = look_at

    @property
    def holds(self) -> Collection[str]:
        """What is held now, whatever the reason."""
        return self._queue.held

    def refusal(self, method: str, chat: str) -> FloodWait | None:
        """Return the error for a request of a method to a chat that must not leave yet; None: it may."""
        now = self._now()
        keys = (method_key(method), *((chat_key(chat),) if chat else ()))
        held = [hold for key in keys if (hold := self._queue.held.get(key)) is not None]
        last = max(held, key=lambda hold: hold.until or 0.0, default=None)
        if last is None or last.until is None or last.until <= now:
            return None
        error = flood_of(last, now, session=self._session, method=method)
        error.code = 0
        return error

    def keep(self, error: FloodWait) -> None:
        """Hold what an error of Telegram's asks for, and say so; once for each error."""
        if error.held:
            return
        error.held = True
        now, key, seconds = self._now(), flood_key(error), seconds_of_hold(error)
        self._queue.hold(key, error.name, now, until=now + seconds)
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._events.publish(FloodWaiting(session=self._session, key=key, seconds=seconds, until=until))
        self._look_at(now)  # it may outlast what waits

    def is_over(self, error: FloodWait) -> bool:
        """Say whether nothing is held any more for an error: its time has come since."""
        return flood_key(error) not in self._queue.held


def flood_key(error: FloodWait) -> str:
    """Return what a flood wait holds: its method, or the chat that is in slow mode."""
    return chat_key(error.chat) if error.scope is FloodScope.CHAT and error.chat else method_key(error.method)


def flood_of(held: HeldKey, now: float, *, session: str, method: str) -> FloodWait:
    """Return the error for what waits for a hold that has an end, as a call of `method` does."""
    kind, _, name = held.key.partition(":")
    is_chat = kind == "chat"
    return FloodWait(
        retry_after=max(0.0, (held.until or now) - now),
        name=held.reason,
        method=name if kind == "method" else method,
        scope=FloodScope.CHAT if is_chat else FloodScope.METHOD,
        chat=name if is_chat else "",
        session=session,
        held=True,
    )
