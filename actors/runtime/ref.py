"""References. A reference is all that others hold of an actor: it can be kept, sent and compared, and never goes stale.

A `Request` knows the type of its reply, and `TypedRef.ask` passes that on to the type checker. Sessions have faces of
their own on top of these (`session/ref.py`).
"""

from __future__ import annotations

import logging
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast, overload

from pykka import Actor, ActorDeadError, ActorRef
from pykka.messages import _ActorStop

from actors.model.checks import check_seconds
from actors.runtime.envelope import Carrier
from actors.runtime.future import ActorFuture
from actors.runtime.place import Node
from actors.runtime.recipient import Recipient

__all__ = ["AsyncioRef", "Request", "TypedRef", "ask_any", "tell_if_alive"]

logger = logging.getLogger("actors.runtime")

A = TypeVar("A", bound=Actor)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Request(Generic[R_co]):
    """A message that is answered with an `R_co`."""


class AsyncioRef(ActorRef[A]):
    """Pykka's ref, with context variables that travel along and a future of `stop()` that can be awaited.

    answers_in_turn: whether an ask waits for the handler before it; False for actors whose handlers never wait.
    """

    def __init__(self, actor: A, *, answers_in_turn: bool = True) -> None:
        super().__init__(actor)
        self._node = Node(actor.actor_urn, str(self)) if answers_in_turn else None

    def tell(self, message: Any) -> None:
        """Send without waiting for an answer, as `pykka.ActorRef.tell`; a refusal raises."""
        self.actor_inbox.put(Carrier(message))

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:
        """Send and wait for the answer, as `pykka.ActorRef.ask`; block=False returns an `ActorFuture`."""
        future: ActorFuture[Any] = ActorFuture(self._node)
        self.actor_inbox.put(Carrier(message, future))
        return future.get(timeout=timeout) if block else future

    def stop(self, *, block: bool = True, timeout: float | None = None) -> Any:
        """Stop the actor, as `pykka.ActorRef.stop`: True, or False when it was dead already."""
        asked = cast("ActorFuture[Any]", self.ask(_ActorStop(), block=False))
        answer: ActorFuture[bool] = ActorFuture(self._node)

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
        Raises what the operation came to, and `pykka.ActorDeadError` when the session has stopped; InvalidInput for a
        timeout that can't be waited for, and then nothing was sent.
        """
        if timeout is not None:
            check_seconds("timeout", timeout, or_zero=True)
        return super().ask(message, block=block, timeout=timeout)


def ask_any(recipient: Recipient, message: Any, context: Context | None = None) -> ActorFuture[Any]:
    """Ask any Pykka actor, whatever its runtime, and get a future with done-callbacks.

    Pykka's actors answer by `reply_to.set(...)`, so the future needn't be of their own kind. A recipient without an
    inbox is told, and counts as having answered. context: what the handler runs in a copy of, by default the sender's.
    """
    future: ActorFuture[Any] = ActorFuture()
    try:
        inbox = getattr(recipient, "actor_inbox", None)
        if inbox is not None and recipient.is_alive():
            inbox.put(Carrier(message, future, context))
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
