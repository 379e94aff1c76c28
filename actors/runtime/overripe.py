"""What a mailbox gives out because it can't wait any more."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

from actors.runtime.holds import HeldKey
from actors.runtime.lane import E

__all__ = ["NOTHING_RIPE", "Overripe"]


class Overripe(NamedTuple, Generic[E]):
    """What can't wait any more, and is in the mailbox no more.

    expired: their wait limit has passed without a start; outlasted: a hold ends after their deadline, so that waiting
    is pointless; overdue: they have started, and a hold without an end has kept them beyond their deadline.
    """

    expired: tuple[E, ...]
    outlasted: tuple[tuple[E, HeldKey], ...]
    overdue: tuple[E, ...]


NOTHING_RIPE: Overripe[Any] = Overripe((), (), ())
"""What `Mailbox.ripe` returns when everything can wait: always this one, so that `is` tells."""
