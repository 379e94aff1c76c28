"""The random_ids of sends, and what becomes of RANDOM_ID_DUPLICATE. This module sends nothing itself.

The error says that a message with this `random_id` is on its way or has arrived, but not which message it is. The first
such error counts as transient: the policy waits and repeats the identical request, and by then the server answers with
the original. If it doesn't, the message is looked up in the chat. `SendMessage` and `SendFile` use it.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.errors import OutcomeUnknown, TelegramError
from actors.model.results import SentMessage
from actors.operations.operation import OperationContext

__all__ = ["find_sent", "new_random_id", "send_once"]

DUPLICATE = "RANDOM_ID_DUPLICATE"

CLOCK_AHEAD = timedelta(seconds=30)
"""How far our clock may be ahead of Telegram's, which dates the messages: beyond it the server refuses what we send
(bad_msg_notification 17, core.telegram.org/mtproto/service_messages_about_messages). A wrong message is not found
easily through it: only those count that were sent by this account, have the same content, and were never answered."""

REMEMBERED = timedelta(minutes=72)
"""For how long the server has been seen to know a random_id: a send that is a repeat may have its original then."""

LOOKED_THROUGH = 100
"""Messages that are looked at: one page of messages.getHistory."""

_DUPLICATES, _FIRST_ATTEMPT = "duplicates", "first_attempt"


async def send_once(
    context: OperationContext,
    send: Callable[[], Awaitable[SentMessage]],
    find: Callable[[datetime], Awaitable[SentMessage | None]],
    *,
    random_id: int,
    is_repeat: bool,
) -> SentMessage:
    """Send; when the server calls it a duplicate for the second time, return the message that `find` finds.

    random_id: of the request; is_repeat: another operation may have sent it before. Raises what `send` and `find`
    raise: RANDOM_ID_DUPLICATE, which is transient to a sender, the first time; OutcomeUnknown when nothing
    is to be found.
    """
    first: datetime = context.metadata.setdefault(_FIRST_ATTEMPT, context.start_time)
    try:
        return await send()
    except TelegramError as error:
        if error.name != DUPLICATE:
            raise
        duplicates = context.metadata[_DUPLICATES] = context.metadata.get(_DUPLICATES, 0) + 1
        if duplicates == 1:
            raise
        found = await find(first - (REMEMBERED if is_repeat else CLOCK_AHEAD))
        if found is None:
            raise OutcomeUnknown(random_id=random_id, reason=DUPLICATE) from error
        return found


async def find_sent(
    client: Client,
    chat: Peer,
    *,
    random_id: int,
    since: datetime,
    reply_to: int | None,
    matches: Callable[[Message], bool],
) -> SentMessage | None:
    """Return this account's newest message in `chat` that matches and whose send had no answer; None for none.

    It looks at the last 100 messages, and at none older than `since` (aware); `reply_to` is what the send named. Raises
    what `Client.history` does.
    """
    page = await client.history(chat, limit=LOOKED_THROUGH)
    for message in page.messages:
        is_it = message.out and not message.forward and message.date >= since and _answers(message, reply_to)
        if is_it and matches(message) and not client.has_sent(chat, message.id):
            return SentMessage(message.id, chat, message.date, random_id)
    return None


def _answers(message: Message, reply_to: int | None) -> bool:
    """Say whether a send that named `reply_to` makes such a message. Who names a topic's first message writes in it."""
    if message.reply_to is None and message.forum_topic:
        return message.thread_id == reply_to
    return message.reply_to == reply_to


_LONG_BITS = 63


def new_random_id() -> int:
    """Return a random_id as messages.sendMessage takes it: a signed 64-bit integer that isn't zero."""
    return secrets.randbits(_LONG_BITS) or 1
