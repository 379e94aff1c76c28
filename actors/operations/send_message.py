"""Sending a text. Every request carries a `random_id`, fixed when the operation is accepted: no retry sends twice.

It doesn't split long texts and sends no files. Users send `SendMessage` to a session.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from actors.model.checks import HIGHEST_ID, HIGHEST_LONG, check_count, check_kind, check_text
from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.policies import SENDING
from actors.model.results import SentMessage
from actors.operations.operation import Operation, OperationContext, check_peer
from actors.operations.random_ids import find_sent, new_random_id, send_once

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SendMessage"]

LONGEST_TEXT = 4096
"""Characters of one message (core.telegram.org/api/config, message_length_max)."""


@dataclass(frozen=True, slots=True)
class SendMessage(Operation[SentMessage]):
    """Send a text of 1 to 4,096 characters to a peer (messages.sendMessage); answered with a `SentMessage`.

    - reply_to: the id of a message in that chat.
    - silent: send it without a notification.
    - random_id: only to repeat a send whose outcome is unknown, on the same session.

    When Telegram keeps calling it a duplicate, the message is looked up in the chat (messages.getHistory). Raises
    InvalidInput for what Telegram would refuse anyway. The outcome may be `OutcomeUnknown`, `FloodWait`,
    `TelegramError` or any other `OperationError`.
    """

    operation_type: ClassVar[str] = SENDING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.sendMessage"})
    writes: ClassVar[bool] = True

    peer: str | int | Peer
    text: str = field(repr=False)
    reply_to: int | None = None
    silent: bool = False
    random_id: int = field(default=0, kw_only=True)
    is_repeat: bool = field(default=False, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what can't be sent. The error doesn't show the text."""
        Operation.__post_init__(self)
        check_peer(self.peer)
        check_text("text", self.text, most=LONGEST_TEXT)
        if self.reply_to is not None:
            check_count("reply_to", self.reply_to, least=1, most=HIGHEST_ID)
        if self.silent is not False:
            check_kind("silent", self.silent, bool)
        if self.random_id != 0:
            check_count("random_id", self.random_id, least=-HIGHEST_LONG - 1, most=HIGHEST_LONG)

    def accepted(self) -> Self:
        """Fix the random_id. One that was given means that the text has been sent before."""
        return self._copy(is_repeat=True) if self.random_id else self._copy(random_id=new_random_id())

    def repeat_id(self) -> int:
        """Return the random_id. The server carries out each one once."""
        return self.random_id

    async def run(self, client: Client, context: OperationContext) -> SentMessage:
        """Resolve the peer, then send."""
        chat = await client.resolve(self.peer, to_write=True)

        def send() -> Awaitable[SentMessage]:
            return client.send_message(
                chat,
                self.text,
                random_id=self.random_id,
                reply_to=self.reply_to,
                silent=self.silent,
                leaving=context.leaving,
            )

        def find(since: datetime) -> Awaitable[SentMessage | None]:
            return find_sent(
                client, chat, random_id=self.random_id, since=since, reply_to=self.reply_to, matches=self._is_mine
            )

        return await send_once(context, send, find, random_id=self.random_id, is_repeat=self.is_repeat)

    def _is_mine(self, message: Message) -> bool:
        """Say whether a message has what this operation sends. Telegram trims texts."""
        return message.text.strip() == self.text.strip()
