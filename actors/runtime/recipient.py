"""Whoever messages can be sent to, as Protocols, and how what comes of it is told.

The ref of any Pykka actor is a `Recipient`. It is not known here how it takes them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, runtime_checkable

from actors.model.checks import check_kind

__all__ = ["Receipt", "Recipient", "Reply", "check_recipient"]


class Reply(Protocol):
    """The receiving end of an ask."""

    def set(self, value: Any = None) -> None:
        """Answer with a value."""

    def set_exception(self, exc_info: Any = None) -> None:
        """Answer with an exception, as `sys.exc_info()` gives it."""


class Receipt(Protocol):
    """What comes of handing something over: it is done when the receiver has answered, or failed."""

    def done(self) -> bool:
        """Say whether there is an outcome."""

    def exception(self) -> BaseException | None:
        """Return what the receiver failed with; None when it took what it was given, or isn't done."""

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the outcome, and raise the exception if there is one."""


@runtime_checkable
class Recipient(Protocol):
    """Whoever events and results can be sent to: the ref of any Pykka actor."""

    def is_alive(self) -> bool:
        """Say whether it still takes messages, as far as can be known."""

    def tell(self, message: Any) -> None:
        """Send without waiting for an answer; raises `pykka.ActorDeadError` when it is stopped."""


def check_recipient(field: str, value: object) -> None:
    """Raise InvalidInput, which names the field, for what nothing can be sent to."""
    check_kind(field, value, Recipient, "the ref of an actor")
