"""Messages as TL, seen by one account: text, service notes, answers and reactions. It changes nothing.

`out` depends on who looks. A message is encoded at most twice and reused, unless more of it does.
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
    if message.is_personal:
        return _message(viewer, message, out=out)
    encoded = message.encoded.get(out)
    if encoded is None:
        encoded = message.encoded[out] = Encoded(encode(_message(viewer, message, out=out)))
    return encoded


def _message(viewer: Account, message: Message, *, out: bool) -> Any:
    saved = message.kind is Kind.PRIVATE and message.chat == message.sender
    unsigned = message.kind is Kind.PRIVATE or message.is_unsigned
    mentioned = viewer.id in message.mentions
    shared = {
        "id": message.id,
        "peer_id": peer(message.kind, message.chat),
        "date": message.date,
        "out": (out and not message.post and not saved) or None,  # Telegram marks nothing in Saved Messages
        "mentioned": mentioned or None,
        "media_unread": (mentioned and message.id in viewer.mentions.get(message.chat, ())) or None,
        "post": message.post or None,
        "from_id": None if unsigned else types.PeerUser(message.sender),
        "saved_peer_id": _saved_peer(message) if saved else None,
        "reply_to": _reply(viewer, message),
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
        post_author=message.title or None,
        from_scheduled=message.scheduled or None,
        replies=types.MessageReplies(message.replies, message.replies) if message.replies else None,
        **shared,
    )


def _saved_peer(message: Message) -> Any:
    """Return the part of Saved Messages that a message is in (https://core.telegram.org/api/saved-messages)."""
    origin = message.origin
    if origin is None or origin.saved_from is None:
        return peer(message.kind, message.chat)
    kind, chat, _ = origin.saved_from
    return peer(kind, chat)


def _reply(viewer: Account, message: Message) -> Any:
    """Return what a message answers, and where it belongs; None for nothing and nowhere in particular.

    A message that only goes to a topic names that as what it answers. What is answered in another chat is named to the
    members of that chat alone (https://core.telegram.org/constructor/messageReplyHeader).
    """
    source, answered = message.source, message.reply_to
    top = message.top if message.in_topic or message.top != answered else None
    more: dict[str, Any] = {}
    if source is not None:
        more["reply_from"] = _origin(Origin.of(source))
        if source.is_channel and source.chat in viewer.channels:
            answered, more["reply_to_peer_id"] = source.id, peer(source.kind, source.chat)
    elif answered is None:
        if not message.in_topic:
            return None
        answered, top = message.top, None
    if message.quote is not None:
        quote = message.quote
        more |= {
            "quote": True,
            "quote_text": quote.text,
            "quote_entities": quote.entities,
            "quote_offset": quote.offset,
        }
    return types.MessageReplyHeader(
        forum_topic=message.in_topic or None, reply_to_msg_id=answered, reply_to_top_id=top, **more
    )


def _origin(origin: Origin | None) -> Any:
    if origin is None:
        return None
    by = types.PeerUser(origin.account) if origin.channel is None else types.PeerChannel(origin.channel)
    saved: dict[str, Any] = {}
    if origin.saved_from is not None:
        kind, chat, message_id = origin.saved_from
        saved = {"saved_from_peer": peer(kind, chat), "saved_from_msg_id": message_id}
    return types.MessageFwdHeader(origin.date, from_id=by, channel_post=origin.post, **saved)


def reactions_view(viewer: Account, message: Message, *, whole: bool = False) -> Any:
    """Return a message's reactions as TL: the count of each, the viewer's own, and in groups who gave the last ones.

    An account that is told the least (`min`) gets the counts alone, unless it has asked for the whole.
    """
    given = message.reactions or {}
    counts = Counter(emoji for emojis in given.values() for emoji in emojis)
    mine = given.get(viewer.id, ())
    results = [
        types.ReactionCount(types.ReactionEmoji(emoji), count, mine.index(emoji) if emoji in mine else None)
        for emoji, count in counts.most_common()
    ]
    if viewer.min_reactions and not whole:
        counted = [types.ReactionCount(types.ReactionEmoji(emoji), count) for emoji, count in counts.most_common()]
        return types.MessageReactions(counted, min=True)
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
