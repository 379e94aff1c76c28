"""A Pykka envelope that carries the sender's context variables to the handler."""

from __future__ import annotations

from contextvars import Context, copy_context
from typing import Any

from pykka._envelope import Envelope

__all__ = ["Carrier", "context_of"]


class Carrier(Envelope[Any]):
    """See the module. A handler, and what it awaits, runs in a copy of the context that its message was sent in."""

    __slots__ = ["context"]

    def __init__(self, message: Any, reply_to: Any = None) -> None:
        self.message = message
        self.reply_to = reply_to
        self.context = copy_context()


def context_of(envelope: Envelope[Any]) -> Context:
    """Return the context that a message came with; that of the handler's turn, when it came through others."""
    return envelope.context if isinstance(envelope, Carrier) else copy_context()
