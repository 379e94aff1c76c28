"""Sending. Every request carries a `random_id`, fixed when the operation is accepted: no retry sends twice."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from actors.errors import InvalidInput
from actors.operations.base import Operation, OperationContext, checked_peer, checked_range
from actors.policies import SENDING
from actors.ports import Client
from actors.snapshots import Peer, SentMessage

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SendMessage"]

LONGEST_TEXT = 4096
"""Characters of one message (core.telegram.org/api/config, message_length_max)."""

_LONG_BITS = 63


def _new_random_id() -> int:
    """Return a random_id as messages.sendMessage takes it: a signed 64-bit integer that isn't zero."""
    return secrets.randbits(_LONG_BITS) or 1


@dataclass(frozen=True, slots=True)
class SendMessage(Operation[SentMessage]):
    """Send a text of 1 to 4,096 characters to a peer (messages.sendMessage); answered with a `SentMessage`.

    reply_to: the id of a message in that chat; silent: without a notification; random_id: only to repeat a send
    whose outcome is unknown, on the same session. Raises InvalidInput for what Telegram would refuse anyway;
    the outcome may be `OutcomeUnknown`, `FloodWait`, `TelegramError` or any other `OperationError`.
    """

    operation_type: ClassVar[str] = SENDING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.sendMessage"})
    writes: ClassVar[bool] = True

    peer: str | int | Peer
    text: str = field(repr=False)
    reply_to: int | None = None
    silent: bool = False
    random_id: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be sent, without showing it."""
        object.__setattr__(self, "peer", checked_peer(self.peer))
        if not isinstance(self.text, str) or not self.text.strip():
            raise InvalidInput(field="text", problem="must be a text that is not empty")
        if len(self.text) > LONGEST_TEXT:
            raise InvalidInput(
                field="text", problem=f"has {len(self.text)} characters; Telegram takes at most {LONGEST_TEXT}"
            )
        if self.reply_to is not None:
            checked_range("reply_to", self.reply_to, least=1)
        if not isinstance(self.random_id, int) or not -(1 << _LONG_BITS) <= self.random_id < 1 << _LONG_BITS:
            raise InvalidInput(field="random_id", problem="must be a signed 64-bit integer")

    def accepted(self) -> Self:
        """Fix the random_id."""
        return self if self.random_id else self._copy(random_id=_new_random_id())

    def slow_mode_chat(self) -> str:
        """Return the chat whose slow mode holds this send."""
        peer = self.peer
        return str(peer.id if isinstance(peer, Peer) else peer).lstrip("@").lower()

    def repeat_id(self) -> int:
        """Return the random_id: the server does the same one once."""
        return self.random_id

    async def run(self, client: Client, context: OperationContext) -> SentMessage:
        """Resolve the peer, then send."""
        chat = await client.resolve(self.peer)
        context.leaving()
        return await client.send_message(
            chat, self.text, random_id=self.random_id, reply_to=self.reply_to, silent=self.silent
        )
