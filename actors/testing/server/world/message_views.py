"""Messages as TL, seen by one account: text, service notes and reactions. It changes nothing.

`out` depends on who looks. A message is encoded at most twice and reused, unless it has reactions.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from actors.testing.server.tl import Encoded, encode, types
from actors.testing.server.world.media import media_view
from actors.testing.server.world.messages import Kind, Message, Origin
from actors.testing.server.world.parties import Account
from actors.testing.server.world.party_views import peer

__all__ = ["message_view", "reactions_view"]

RECENT_REACTIONS = 10


def message_view(viewer: Account, message: Message) -> Any:
    """Return a message as TL, encoded once for its writer and once for everybody else."""
    if message.disguise is not None:
        return message.disguise
    out = message.sender == viewer.id
    if message.reactions:
        return _message(viewer, message, out=out)
    encoded = message.encoded.get(out)
    if encoded is None:
        encoded = message.encoded[out] = Encoded(encode(_message(viewer, message, out=out)))
    return encoded


def _message(viewer: Account, message: Message, *, out: bool) -> Any:
    shared = {
        "id": message.id,
        "peer_id": peer(message.kind, message.chat),
        "date": message.date,
        "out": (out and not message.post) or None,
        "post": message.post or None,
        "from_id": None if message.kind is Kind.PRIVATE or message.post else types.PeerUser(message.sender),
        "reply_to": _reply(message),
        "reactions": reactions_view(viewer, message) if message.reactions else None,
    }
    if message.action is not None:
        return types.MessageService(action=message.action, **shared)
    return types.Message(
        message=message.text,
        entities=message.entities,
        edit_date=message.edit_date,
        fwd_from=_origin(message.origin),
        media=media_view(message.media),
        grouped_id=message.album or None,
        pinned=message.pinned or None,
        from_scheduled=message.scheduled or None,
        replies=types.MessageReplies(message.replies, message.replies) if message.replies else None,
        **shared,
    )


def _reply(message: Message) -> Any:
    if message.reply_to is None:
        return None
    top = message.top if message.top != message.reply_to else None
    return types.MessageReplyHeader(reply_to_msg_id=message.reply_to, reply_to_top_id=top)


def _origin(origin: Origin | None) -> Any:
    if origin is None:
        return None
    if origin.channel is not None:
        return types.MessageFwdHeader(origin.date, from_id=types.PeerChannel(origin.channel), channel_post=origin.post)
    return types.MessageFwdHeader(origin.date, from_id=types.PeerUser(origin.account))


def reactions_view(viewer: Account, message: Message) -> Any:
    """Return a message's reactions as TL: the count of each, the viewer's own, and in groups who gave the last ones."""
    given = message.reactions or {}
    counts = Counter(emoji for emojis in given.values() for emoji in emojis)
    mine = given.get(viewer.id, ())
    results = [
        types.ReactionCount(types.ReactionEmoji(emoji), count, mine.index(emoji) if emoji in mine else None)
        for emoji, count in counts.most_common()
    ]
    named = not message.post
    recent = [
        types.MessagePeerReaction(
            types.PeerUser(account), message.date, types.ReactionEmoji(emoji), my=account == viewer.id or None
        )
        for account, emojis in reversed(given.items())
        for emoji in emojis
    ]
    return types.MessageReactions(
        results, can_see_list=named or None, recent_reactions=recent[:RECENT_REACTIONS] if named and recent else None
    )
