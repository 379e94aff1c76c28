"""References. A ref is all that others hold of an actor: it can be kept, sent and compared, and never goes stale.

`SessionRef` and `AsyncSessionRef` are the two typed faces of a session: asks that block, and asks that are awaited.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from pykka import ActorDeadError, ActorRef
from pykka.messages import _ActorStop

from actors.messages import GetStatus, Request, StopSession
from actors.model.content import Message
from actors.model.status import SessionStatus
from actors.ports import Recipient
from actors.runtime.envelope import Carrier
from actors.runtime.future import ActorFuture
from actors.runtime.waits import Node

if TYPE_CHECKING:
    from actors.runtime.actor import AsyncioActor

__all__ = ["AsyncSessionRef", "AsyncioRef", "SessionRef", "TypedRef", "ask_any", "tell_if_alive"]

logger = logging.getLogger("actors.runtime")

A = TypeVar("A", bound="AsyncioActor")
R = TypeVar("R")


class AsyncioRef(ActorRef[A]):
    """Pykka's ref, with context variables that travel along and a future of `stop()` that can be awaited."""

    def __init__(self, actor: A) -> None:
        super().__init__(actor)
        self._node = Node(actor.actor_urn, str(self)) if actor.answers_in_turn else None

    def tell(self, message: Any) -> None:
        """Send without waiting for an answer, as `pykka.ActorRef.tell`; a refusal raises."""
        self.actor_inbox.put(Carrier(message))

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:
        """Send and wait for the answer, as `pykka.ActorRef.ask`; block=False returns an `ActorFuture`."""
        future: ActorFuture[Any] = ActorFuture()
        future.answered_by = self._node
        self.actor_inbox.put(Carrier(message, future))
        return future.get(timeout=timeout) if block else future

    def stop(self, *, block: bool = True, timeout: float | None = None) -> Any:
        """Stop the actor, as `pykka.ActorRef.stop`: True, or False when it was dead already."""
        asked = cast("ActorFuture[Any]", self.ask(_ActorStop(), block=False))
        answer: ActorFuture[bool] = ActorFuture()

        def settle(future: ActorFuture[Any]) -> None:
            error = future.exception()
            if error is None or isinstance(error, ActorDeadError):
                answer.set(error is None)
            else:
                answer.set_exception((type(error), error, error.__traceback__))

        asked.add_done_callback(settle)
        return answer.get(timeout=timeout) if block else answer


class TypedRef(AsyncioRef[A]):
    """A ref whose `ask` has the reply type of the message."""

    @overload  # type: ignore[override]  # the reply type comes from the message, which Pykka's ref can't know
    def ask(self, message: Request[R], *, block: Literal[True] = ..., timeout: float | None = ...) -> R: ...

    @overload
    def ask(self, message: Request[R], *, block: Literal[False], timeout: float | None = ...) -> ActorFuture[R]: ...

    @overload
    def ask(self, message: Any, *, block: bool = ..., timeout: float | None = ...) -> Any: ...

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:
        """Send and wait for the answer; block=False returns an `ActorFuture` instead.

        timeout: seconds that the caller is ready to wait (`pykka.Timeout` then); the operation goes on.
        Raises what the operation came to, and `pykka.ActorDeadError` when the session has stopped.
        """
        return super().ask(message, block=block, timeout=timeout)


class SessionRef(TypedRef[Any]):
    """A session as threads and Pykka actors see it: `ask` blocks unless told otherwise."""

    def __init__(self, actor: AsyncioActor, name: str) -> None:
        self.name = name
        super().__init__(actor)

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

    def __init__(self, ref: SessionRef, listen: Callable[..., AsyncGenerator[Message, None]]) -> None:
        self.ref = ref
        self._listen = listen

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
        return cast("ActorFuture[Any]", self.ref.ask(message, block=False))

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
        by `break`: the monitor is stopped then, at the latest when the iterator is closed.
        """
        return self._listen(self.ref, chats, lifetime, where)


def ask_any(recipient: Recipient, message: Any) -> ActorFuture[Any]:
    """Ask any Pykka actor, whatever its runtime, and get a future with done-callbacks.

    Pykka's actors answer by `reply_to.set(...)`, so the future needn't be of their own kind. A recipient without an
    inbox is told, and counts as having answered.
    """
    future: ActorFuture[Any] = ActorFuture()
    try:
        inbox = getattr(recipient, "actor_inbox", None)
        if inbox is not None and recipient.is_alive():
            inbox.put(Carrier(message, future))
        else:
            recipient.tell(message)
            future.set(None)
    except Exception:
        future.set_exception()
    return future


def tell_if_alive(ref: Recipient, message: Any) -> bool:
    """Tell an actor that may have stopped in the meantime, in which case it has no need of the message."""
    try:
        ref.tell(message)
    except ActorDeadError:
        logger.debug("%s has stopped; %s is dropped", ref, type(message).__name__)
        return False
    return True
