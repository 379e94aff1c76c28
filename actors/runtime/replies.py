"""Answering. Whoever answers isn't hurt by a future that somebody has settled already, or by what hangs on it."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pykka import ActorDeadError
from pykka.messages import _ActorStop

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["answer_all_dead", "reply", "reply_error", "safely"]

logger = logging.getLogger("actors.runtime")


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
