"""messages.forwardMessages: copies of messages that say where they come from. Each random_id counts once.

How a copy gets into the boxes is in world/posting.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actors.testing.server.methods.peers import party_of
from actors.testing.server.methods.registry import Call, method
from actors.testing.server.methods.replies import told
from actors.testing.server.methods.sending import due_date, may_write, remember
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import functions, types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Message, Origin
from actors.testing.server.world.parties import Channel, Party
from actors.testing.server.world.party_views import sort_faces
from actors.testing.server.world.posting import Draft, Posted, post
from actors.testing.server.world.scheduled import schedule
from actors.testing.server.world.updates import channel_update, private_update

__all__: list[str] = []

AT_ONCE = 100  # messages (https://core.telegram.org/method/messages.forwardMessages)


@method(functions.messages.ForwardMessagesRequest)
def forward_messages(call: Call, request: Any) -> Any:
    """Copy messages from one chat to another, in order. Those that aren't there are left out."""
    source, target = party_of(call, request.from_peer), party_of(call, request.to_peer)
    if not request.id or len(request.id) != len(request.random_id) or len(request.id) > AT_ONCE:
        raise RpcFailure("RANDOM_ID_INVALID" if request.id else "MESSAGE_IDS_EMPTY")
    may_write(call, target)
    history = history_of(call.account, source)
    pairs = zip(map(history.get, request.id), request.random_id, strict=True)
    found = [(message, random) for message, random in pairs if message is not None and message.action is None]
    if not found:
        raise RpcFailure("MESSAGE_ID_INVALID")
    at = due_date(call, request.schedule_date)
    old, ids = [], []
    for message, random_id in found:
        before = call.account.sent.get(random_id)
        posted = before or _forward(call, target, message, random_id, at=at, named=not request.drop_author)
        old += [posted] if before is not None else []
        ids.append(types.UpdateMessageID(posted.message.id, random_id))
    answer = told(call, *ids, *[_again(call, target, posted) for posted in old])
    users, chats = sort_faces(call.world, call.account, [target])
    answer.users, answer.chats = answer.users or users, answer.chats or chats
    return answer


def _forward(call: Call, target: Party, message: Message, random_id: int, *, at: int | None, named: bool) -> Posted:
    origin = replace(message.origin or Origin.of(message), saved_from=None) if named else None
    if origin is not None and target is call.account:
        origin = replace(origin, saved_from=(message.kind, message.chat, message.id))
    draft = Draft(message.text, random_id, entities=message.entities, origin=origin, media=message.media)
    if at is None:
        posted = post(call.world, call.account, target, draft, now=call.now)
    else:
        posted = schedule(call.world, call.account, target, draft, at=at, now=call.now)
    remember(call.account, posted)
    return posted


def _again(call: Call, target: Party, posted: Posted) -> Any:
    """Return the update of a message that an earlier, identical request made."""
    if posted.stamped is None:
        return types.UpdateNewScheduledMessage(message_view(call.account, posted.message))
    if isinstance(target, Channel):
        return channel_update(call.account, target, posted.stamped)
    return private_update(call.account, posted.stamped)
