"""What the kit answers with: frozen records of messages and calls. The kit makes them, and tests read them.

They are not the server's own objects, which never leave its process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Rpc", "StoredMessage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message as the server holds it.

    chat: the name of the other account, channel or group. out: whether the viewer wrote it.
    """

    id: int
    chat: str
    sender: str
    text: str
    date: datetime
    out: bool
    random_id: int

    @classmethod
    def of(cls, *, date: int, **fields: object) -> StoredMessage:
        """Return the record for one message in the control channel's JSON."""
        return cls(date=datetime.fromtimestamp(date, UTC), **fields)  # type: ignore[arg-type]  # the server's own record


class Rpc(str):
    """The name of an RPC that the server saw, such as `messages.sendMessage`. `at` is when it came, in Unix seconds."""

    __slots__ = ("at",)
    at: float

    @classmethod
    def of(cls, method: str, at: float) -> Rpc:
        """Return the record for one call in the control channel's JSON."""
        call = cls(method)
        call.at = at
        return call
