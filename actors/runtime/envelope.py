"""Envelopes and answers. An envelope of ours carries its sender's context variables to the handler.

Whoever answers isn't hurt by a future that somebody has settled already, or by what hangs on it. Used by whatever sends
or handles messages.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from pykka import ActorDeadError
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

__all__ = ["Carrier", "answer_all_dead", "context_of", "reply", "reply_error", "safely"]

logger = logging.getLogger("actors.runtime")


class Carrier(Envelope[Any]):
    """A message with its sender's context variables: its handler, and what that awaits, runs in a copy of them."""

    __slots__ = ["context"]

    def __init__(self, message: Any, reply_to: Any = None, context: Context | None = None) -> None:
        self.message = message
        self.reply_to = reply_to
        self.context = context or copy_context()


def context_of(envelope: Envelope[Any]) -> Context:
    """Return the context that a message came with; that of the handler's turn, when it came through others."""
    return envelope.context if isinstance(envelope, Carrier) else copy_context()


def reply(reply_to: Any, value: Any) -> None:
    """Answer with a value, if an answer is wanted."""
    if reply_to is not None:
        try:
            reply_to.set(value)
        except queue.Full:
            logger.debug("A future was settled by somebody else; the answer is dropped")


def reply_error(reply_to: Any, error: BaseException) -> None:
    """Answer with an exception, if an answer is wanted."""
    if reply_to is not None:
        try:
            reply_to.set_exception((type(error), error, error.__traceback__))
        except queue.Full:
            logger.debug("A future was settled by somebody else; the error is dropped")


def answer_all_dead(envelopes: list[Envelope[Any]], owner: str) -> None:
    """Answer what an actor never came to: a stop is done, anything else is refused."""
    for envelope in envelopes:
        if isinstance(envelope.message, _ActorStop):
            reply(envelope.reply_to, None)
        else:
            reply_error(envelope.reply_to, ActorDeadError(f"{owner} stopped before handling the message"))


def safely(callback: Callable[[], Any]) -> None:
    """Call back; what goes wrong there is logged, and stops nobody else."""
    try:
        callback()
    except Exception:
        logger.exception("A callback on the loop failed; the others go on")
