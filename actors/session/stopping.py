"""A session's stop under way: until when accepted operations may still run, and who waits for the end.

Owned by a session actor, which carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from actors.model.errors import TelegramError
from actors.runtime import reply
from actors.runtime.recipient import Reply

__all__ = ["Stopping", "error_name"]


def error_name(error: BaseException | None) -> str:
    """Return Telegram's name of an error, empty for any other."""
    return error.name if isinstance(error, TelegramError) else ""


@dataclass(slots=True, eq=False)
class Stopping:
    """A stop under way. deadline: when what is left is rejected, in monotonic seconds.

    reason: why the session's life ends, empty when the stop was asked for; cause: Telegram's name of the error that
    ended it, if one did; is_closing: nothing runs any more, and the client is being disconnected.
    """

    deadline: float
    reason: str = ""
    cause: str = ""
    repliers: list[Reply] = field(default_factory=list)
    is_closing: bool = False

    @property
    def why(self) -> str:
        """What those are told whose operations or monitors end with the session."""
        return self.reason or "the session was stopped"

    def hurry(self, deadline: float) -> None:
        """End no later than at `deadline`."""
        self.deadline = min(self.deadline, deadline)

    def answer(self) -> None:
        """Tell everybody who waits for the end that it has come."""
        for reply_to in self.repliers:
            reply(reply_to, value=True)

    def next_due(self, now: float) -> float | None:
        """Return when to look again, None once the deadline has passed: everything was rejected then."""
        return None if self.is_closing or self.deadline <= now else self.deadline
