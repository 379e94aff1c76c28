"""From Telethon's TL messages to snapshots: text, formatting, origin, media and reactions. The client calls it.

These are pure functions without network. A message names its sender by id alone, so `known` says what the account knows
of a marked id.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from telethon import types, utils

from actors.model.content import Forward, Media, Message, Peer, Reaction, TextEntity

__all__ = [
    "Known",
    "is_message",
    "nobody",
    "to_media",
    "to_message",
    "to_reactions",
    "to_short_message",
    "to_unknown_message",
]

Known = Callable[[int], Peer | None]
_Answered = tuple[int | None, int | None, int | None, bool]

CHANNELS = 1_000_000_000_000
"""What comes on top of a channel's id in a marked one, so that no group has the same."""

_LAST_OF_ONE_UNIT = "\uffff"
"""The last character that is one code unit in UTF-16, by which Telegram counts; those after it are two."""

_MEDIA = {
    types.MessageMediaContact: "contact",
    types.MessageMediaGeo: "location",
    types.MessageMediaGeoLive: "location",
    types.MessageMediaVenue: "location",
    types.MessageMediaPoll: "poll",
}
_WITH_CONTENT = (types.Message, types.MessageService)
_NO_REPLY: _Answered = (None, None, None, False)
_NO_MEDIA = (types.MessageMediaEmpty, type(None))


def nobody(_marked: int) -> Peer | None:
    """Know nothing of any id: the `known` of a caller that has no peers."""
    return None


def is_message(message: Any) -> bool:
    """Say whether it is a message with content, and not the trace of a deleted one."""
    return isinstance(message, _WITH_CONTENT)


def to_message(message: Any, chat: Peer, *, me: int, known: Known = nobody) -> Message:
    """Return a message of `chat`, as the account with the id `me` sees it."""
    out = _is_out(message, chat, me)
    sender_id = _sender_id(message, chat, me if out else chat.id)
    text = message.message or ""
    reply_to, reply_to_chat_id, thread_id, forum_topic = (
        _NO_REPLY if message.reply_to is None else _reply(message.reply_to, chat)
    )
    return Message(
        id=message.id,
        chat=chat,
        sender_id=sender_id,
        date=message.date,
        text=text,
        out=out,
        reply_to=reply_to,
        reply_to_chat_id=reply_to_chat_id,
        thread_id=thread_id,
        forum_topic=forum_topic,
        sender=chat if sender_id < 0 and message.from_id is None else known(sender_id),
        entities=_entities(message.entities, text) if message.entities else (),
        forward=None if message.fwd_from is None else _forward(message.fwd_from),
        media=None if message.media is None else to_media(message.media),
        views=message.views,
        forwards=message.forwards,
        replies=getattr(message.replies, "replies", None),
        reactions=() if message.reactions is None else to_reactions(message.reactions),
        edit_date=None if message.edit_hide else message.edit_date,
        pinned=bool(message.pinned),
        silent=bool(message.silent),
        post_author=message.post_author,
        grouped_id=message.grouped_id,
        via_bot_id=message.via_bot_id,
        service=None if message.action is None else type(message.action).__name__.removeprefix("MessageAction"),
        migrated_to=None if message.action is None else _migrated_to(message.action, known),
    )


def _migrated_to(action: Any, known: Known) -> Peer | None:
    if not isinstance(action, types.MessageActionChatMigrateTo):
        return None
    marked = int(utils.get_peer_id(types.PeerChannel(action.channel_id)))
    return known(marked) or Peer("channel", action.channel_id)


def to_short_message(update: Any, chat: Peer, *, me: int, known: Known = nobody) -> Message:
    """Return the message that an UpdateShortMessage or UpdateShortChatMessage holds."""
    out = _is_out(update, chat, me)
    sender_id = update.from_id if isinstance(update, types.UpdateShortChatMessage) else update.user_id
    sender_id = me if out else sender_id
    text = update.message or ""
    reply_to, reply_to_chat_id, thread_id, forum_topic = (
        _NO_REPLY if update.reply_to is None else _reply(update.reply_to, chat)
    )
    return Message(
        id=update.id,
        chat=chat,
        sender_id=sender_id,
        date=update.date,
        text=text,
        out=out,
        reply_to=reply_to,
        reply_to_chat_id=reply_to_chat_id,
        thread_id=thread_id,
        forum_topic=forum_topic,
        sender=known(sender_id),
        entities=_entities(update.entities, text) if update.entities else (),
        forward=None if update.fwd_from is None else _forward(update.fwd_from),
        silent=bool(update.silent),
        via_bot_id=update.via_bot_id,
    )


def to_unknown_message(message: Any, chat: Peer, *, me: int) -> Message:
    """Return what is left of a message that can't be converted: its id, its date, its text, and that it is unknown."""
    service = isinstance(message, types.MessageService)
    return Message(
        id=message.id,
        chat=chat,
        sender_id=None,
        date=message.date,
        text=getattr(message, "message", None) or "",
        out=_is_out(message, chat, me),
        media=None if service else Media("unknown"),
        service="unknown" if service else None,
    )


def _is_out(message: Any, chat: Peer, me: int) -> bool:
    """Say whether this account sent it. In Saved Messages Telegram marks nothing as outgoing.

    What was forwarded there is incoming to Telegram's own apps, and what was written there is outgoing: TDLib's
    get_message_object and Telethon's Message._finish_init say so whatever the flag.
    """
    if chat.id == me and chat.kind == "user":
        return message.fwd_from is None
    return bool(message.out)


def _sender_id(message: Any, chat: Peer, partner: int) -> int:
    """Return the sender's marked id. Where Telegram names none, it is `partner` in a private chat, else the chat.

    In a group's own name its anonymous administrators write, and in a channel's all who post (as TDLib takes them).
    """
    sender = message.from_id
    if sender is None:
        return partner if chat.kind == "user" else _marked(chat)
    return sender.user_id if isinstance(sender, types.PeerUser) else int(utils.get_peer_id(sender))


def _marked(chat: Peer) -> int:
    return -chat.id if chat.kind == "chat" else -CHANNELS - chat.id


def _reply(header: Any, chat: Peer) -> _Answered:
    """Return what a message answers, and where it belongs.

    That is the id that it answers, the marked chat of that one if it is another, the thread's first id, and whether
    that is a forum's topic. A header may say no more than that the message is in a topic; it then names the topic as
    what is answered. An answer to the very message that a thread starts with names that message only once, too. What
    is answered may be hidden from the account, and isn't named then (https://core.telegram.org/api/threads).
    """
    if not isinstance(header, types.MessageReplyHeader):
        return _NO_REPLY
    answered, top, in_topic = header.reply_to_msg_id, header.reply_to_top_id, bool(header.forum_topic)
    if header.reply_to_peer_id is not None:
        elsewhere = None if answered is None else int(utils.get_peer_id(header.reply_to_peer_id))
        return answered, elsewhere, top, in_topic
    if in_topic and top is None:
        return None, None, answered, True
    starts_threads = chat.kind == "channel" and not chat.broadcast and not header.reply_to_scheduled
    return answered, None, top or (answered if starts_threads else None), in_topic


def _entities(found: Any, text: str) -> tuple[TextEntity, ...]:
    place = _places(text)
    return tuple(_entity(each, place(each.offset), place(each.offset + each.length)) for each in found)


def _places(text: str) -> Callable[[int], int]:
    """Return a function from offsets in UTF-16 code units to indices of a str.

    An offset inside a character gives the character's start.
    """
    if not text or max(text) <= _LAST_OF_ONE_UNIT:
        return lambda offset: min(offset, len(text))
    units = [index for index, char in enumerate(text) for _ in range(1 + (char > _LAST_OF_ONE_UNIT))]
    units.append(len(text))
    return lambda offset: units[min(offset, len(units) - 1)]


def _entity(entity: Any, start: int, end: int) -> TextEntity:
    return TextEntity(
        _kind(type(entity).__name__),
        start,
        end - start,
        url=getattr(entity, "url", None),
        user_id=getattr(entity, "user_id", None),
        language=getattr(entity, "language", None),
        document_id=getattr(entity, "document_id", None),
    )


@functools.cache
def _kind(class_name: str) -> str:
    """Return an entity's name in snake case: MessageEntityTextUrl is a text_url."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name.removeprefix("MessageEntity")).lower()


def _forward(header: Any) -> Forward:
    return Forward(
        header.date,
        None if header.from_id is None else int(utils.get_peer_id(header.from_id)),
        header.from_name,
        header.channel_post,
        header.post_author,
    )


def to_reactions(reactions: Any) -> tuple[Reaction, ...]:
    """Return the reactions of a TL MessageReactions; an empty tuple for None. `min` ones are the same for everybody."""
    if reactions is None:
        return ()
    return tuple(
        Reaction(_emoji(each.reaction), each.count, chosen=None if reactions.min else each.chosen_order is not None)
        for each in reactions.results
    )


def _emoji(reaction: Any) -> str:
    match reaction:
        case types.ReactionEmoji():
            return str(reaction.emoticon)
        case types.ReactionCustomEmoji():
            return f"custom:{reaction.document_id}"
        case _:
            return "paid"


def to_media(media: Any) -> Media | None:
    """Return what is attached to a message; None for nothing."""
    match media:
        case types.MessageMediaPhoto():
            return _photo(media.photo)
        case types.MessageMediaDocument():
            return _document(media)
        case types.MessageMediaWebPage():
            return Media("webpage", id=getattr(media.webpage, "id", None))
        case _ if isinstance(media, _NO_MEDIA):
            return None
        case _:
            return Media(_MEDIA.get(type(media), "other"))


def _photo(photo: Any) -> Media:
    """Return a photo in its largest size. A photo without any size was shown once and is gone."""
    if not isinstance(photo, types.Photo):
        return Media("photo")
    sizes = [each for each in photo.sizes if getattr(each, "w", 0)]
    largest = max(sizes, key=lambda size: size.w * size.h, default=None)
    width, height = (None, None) if largest is None else (largest.w, largest.h)
    return Media("photo", _bytes_of(largest), mime_type="image/jpeg", width=width, height=height, id=photo.id)


def _bytes_of(size: Any) -> int | None:
    match size:
        case types.PhotoSize():
            return int(size.size)
        case types.PhotoSizeProgressive():
            return max(size.sizes, default=None)
        case types.PhotoCachedSize():
            return len(size.bytes)
        case _:
            return None


def _document(media: Any) -> Media:
    document = media.document
    if not isinstance(document, types.Document):
        return Media(_kind_of_document(media, {}))
    attributes = {type(each): each for each in document.attributes}
    named = attributes.get(types.DocumentAttributeFilename)
    video = attributes.get(types.DocumentAttributeVideo)
    picture = video or attributes.get(types.DocumentAttributeImageSize)
    played = video or attributes.get(types.DocumentAttributeAudio)
    return Media(
        _kind_of_document(media, attributes),
        document.size,
        None if named is None else named.file_name,
        document.mime_type,
        None if played is None else float(played.duration),
        None if picture is None else picture.w,
        None if picture is None else picture.h,
        document.id,
    )


def _kind_of_document(media: Any, attributes: dict[type, Any]) -> str:
    if types.DocumentAttributeSticker in attributes or types.DocumentAttributeCustomEmoji in attributes:
        return "sticker"
    if types.DocumentAttributeAnimated in attributes:
        return "animation"
    if media.video or media.round or types.DocumentAttributeVideo in attributes:
        return "video"
    audio = attributes.get(types.DocumentAttributeAudio)
    if media.voice or (audio is not None and audio.voice):
        return "voice"
    return "document" if audio is None else "audio"
