"""messages.sendMessage: who may write what, and only once.

What happens then is in world/posting.py, or in world/scheduled.py. Media are in media.py.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.answers import answered
from actors.testing.server.methods.peers import party_of, user_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.parties import Account, Channel, Group, Party
from actors.testing.server.world.party_views import look, sort_faces
from actors.testing.server.world.posting import Draft, Posted, post
from actors.testing.server.world.roles import is_admin, is_denied, may
from actors.testing.server.world.scheduled import schedule
from actors.testing.server.world.updates import channel_update, private_update, wrap

__all__ = ["checked_text", "due_date", "entities_of", "may_write", "remember"]

MESSAGE_LENGTH = 4096  # characters (https://core.telegram.org/method/messages.sendMessage)
RANDOM_IDS = 100_000  # remembered per account: Telegram's own memory is time-bound, ours is bounded all the same
AT_ONCE = 10  # seconds: what is scheduled for sooner is sent now (https://core.telegram.org/api/scheduled-messages)
YEAR = 365 * 24 * 3600


def checked_text(text: str) -> str:
    """Return a text that can be sent."""
    if not text.strip():
        raise RpcFailure("MESSAGE_EMPTY")
    if len(text) > MESSAGE_LENGTH:
        raise RpcFailure("MESSAGE_TOO_LONG")
    return text


def entities_of(call: Call, entities: list[Any] | None) -> list[Any] | None:
    """Return formatting as it is kept. Mentions by access hash become mentions by id."""
    if not entities:
        return None
    return [_entity(call, entity) for entity in entities]


def _entity(call: Call, entity: Any) -> Any:
    if not isinstance(entity, types.InputMessageEntityMentionName):
        return entity
    return types.MessageEntityMentionName(entity.offset, entity.length, user_of(call, entity.user_id).id)


def may_write(call: Call, party: Party) -> None:
    """Refuse unless the account may write to a chat."""
    me = call.account
    if isinstance(party, Account):
        if party.deleted:
            raise RpcFailure("INPUT_USER_DEACTIVATED")
        return
    if isinstance(party, Group) and party.migrated_to is not None:
        raise RpcFailure("PEER_ID_INVALID")
    if me.id not in party.members:
        raise RpcFailure("CHAT_WRITE_FORBIDDEN")
    if isinstance(party, Channel) and party.broadcast:
        if not may(party, me, "post_messages"):
            raise RpcFailure("CHAT_ADMIN_REQUIRED")
    elif is_denied(party, me, "send_messages", call.now):
        raise RpcFailure("USER_BANNED_IN_CHANNEL")
    elif "send_messages" in party.forbidden and not is_admin(party, me):
        raise RpcFailure("CHAT_WRITE_FORBIDDEN")


def due_date(call: Call, date: Any) -> int | None:
    """Return the Unix time that something is scheduled for; None for now."""
    at = int(date.timestamp()) if date is not None else 0
    if at > call.now + YEAR:
        raise RpcFailure("SCHEDULE_DATE_TOO_LATE")
    return at if at >= call.now + AT_ONCE else None


def remember(me: Account, posted: Posted) -> None:
    """Keep what an account's random_id led to, so that a repeat gets the same answer."""
    me.sent[posted.message.random_id] = posted
    if len(me.sent) > RANDOM_IDS:
        del me.sent[next(iter(me.sent))]


@method(functions.messages.SendMessageRequest)
def send_message(call: Call, request: Any) -> Any:
    """Send a text once. A random_id seen before gets the message that it made then."""
    me, party = call.account, party_of(call, request.peer)
    if not request.random_id:
        raise RpcFailure("RANDOM_ID_EMPTY")
    known = me.sent.get(request.random_id)
    if known is not None:
        return _answer(call, party, known)
    may_write(call, party)
    text, entities = checked_text(request.message), entities_of(call, request.entities)
    draft = Draft(text, request.random_id, entities=entities, **answered(call, request.reply_to))
    at = due_date(call, request.schedule_date)
    if at is None:
        posted = post(call.world, me, party, draft, now=call.now)
    else:
        posted = schedule(call.world, me, party, draft, at=at, now=call.now)
    remember(me, posted)
    return _answer(call, party, posted)


def _answer(call: Call, party: Party, posted: Posted) -> Any:
    """Answer as Telegram does: briefly in a private chat or group, with the whole message in a channel, or to oneself.

    https://core.telegram.org/method/messages.sendMessage says no more than that it is Updates.
    """
    me, message, stamped = call.account, posted.message, posted.stamped
    if stamped is not None and isinstance(party, Account | Group) and party is not me:
        return types.UpdateShortSentMessage(
            message.id, stamped.pts, stamped.count, message.date, out=True, entities=message.entities
        )
    if stamped is None:
        update = types.UpdateNewScheduledMessage(message_view(me, message))
    elif isinstance(party, Channel):
        update = channel_update(me, party, stamped)
    else:
        update = private_update(me, stamped)
    users, chats = sort_faces(call.world, me, [party])
    users = users or [look(call.world, me, me)]
    return wrap([types.UpdateMessageID(message.id, message.random_id), update], users, chats, call.now)
