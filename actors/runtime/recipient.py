"""What others implement for us, as Protocols. No behaviour here.

`telegram/` implements `Client`; any Pykka actor's ref is a `Recipient`.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, runtime_checkable

__all__ = ["Receipt", "Recipient", "Reply"]


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
