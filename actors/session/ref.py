"""References to sessions: what users hold of one. Asks that block, asks that are awaited, and messages to iterate over.

The general reference is `runtime/ref.py`'s; the actor behind these is `actor.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from actors.model.content import Message
from actors.model.events import MessageReceived, MonitorEnded, MonitorStarted
from actors.model.status import SessionStatus
from actors.operations.monitor import Monitor, StopMonitor
from actors.runtime.future import ActorFuture
from actors.runtime.ref import Request, TypedRef
from actors.runtime.stream import Stream
from actors.session.messages import GetStatus, StopSession

if TYPE_CHECKING:
    from actors.runtime.actor import AsyncioActor

__all__ = ["AsyncSessionRef", "SessionRef"]

R = TypeVar("R")


class SessionRef(TypedRef[Any]):
    """A session as threads and Pykka actors see it: `ask` blocks unless told otherwise."""

    def __init__(self, actor: AsyncioActor, name: str) -> None:
        self.name = name
        super().__init__(actor, answers_in_turn=False)

    def __str__(self) -> str:
        return f"{self.actor_class.__name__} {self.name!r} ({self.actor_urn})"

    def status(self) -> SessionStatus:
        """Return the session's status; answered at once, whatever else it does."""
        return self.ask(GetStatus())

    def stop_session(self, *, drain: float | None = None) -> bool:
        """Stop after at most `drain` seconds for what was accepted; returns when it has stopped."""
        return self.ask(StopSession(drain=drain))


class AsyncSessionRef:
    """A session as asyncio programs see it: `ask` returns the future, to be awaited."""

    def __init__(self, ref: SessionRef) -> None:
        self.ref = ref

    def __repr__(self) -> str:
        return f"<AsyncSessionRef for {self.ref}>"

    @property
    def name(self) -> str:
        """The session's name."""
        return self.ref.name

    @overload
    def ask(self, message: Request[R]) -> ActorFuture[R]: ...

    @overload
    def ask(self, message: Any) -> ActorFuture[Any]: ...

    def ask(self, message: Any) -> ActorFuture[Any]:
        """Send, and return the future of the answer."""
        future: ActorFuture[Any] = self.ref.ask(message, block=False)
        return future

    def tell(self, message: Any) -> None:
        """Send without waiting for an answer; a refusal raises."""
        self.ref.tell(message)

    def status(self) -> ActorFuture[SessionStatus]:
        """Return the session's status."""
        return self.ask(GetStatus())

    def messages(
        self, chats: Any = (), *, lifetime: float | None = None, where: Callable[[Message], bool] | None = None
    ) -> AsyncGenerator[Message, None]:
        """Iterate over the new messages of `chats` (none given: of all), without an actor of one's own.

        lifetime: seconds after which it ends, None for no end; where: a function that says which are wanted. Leave it
        by `break`: the monitor is stopped then, at the latest when the iterator is closed. What lacks between two
        messages is told on the event stream alone (`MonitorGap`).
        """
        return _listen(self.ref, chats, lifetime, where)


async def _listen(ref: SessionRef, chats: Any, lifetime: float | None, where: Any) -> AsyncGenerator[Message, None]:
    """Iterate over new messages: a monitor for as long as the iteration lasts."""
    stream = Stream()
    setting_up = ref.ask(Monitor(chats, to=stream, lifetime=lifetime, where=where), block=False)
    try:
        await setting_up
        async for event in stream:
            if isinstance(event, MonitorEnded):
                return
            if isinstance(event, MessageReceived):  # gaps are published as well
                yield event.message
    finally:
        stream.close()
        setting_up.cancel()
        setting_up.add_done_callback(partial(_stop_listening, ref))


def _stop_listening(ref: SessionRef, setting_up: ActorFuture[MonitorStarted]) -> None:
    """End the monitor, if it was set up; nobody waits for that, and a session that has stopped ended it."""
    if setting_up.exception() is None:
        ref.ask(StopMonitor(setting_up.get().id), block=False)
