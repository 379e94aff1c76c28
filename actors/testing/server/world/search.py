"""Which messages a search finds: words, kinds, writers and dates. These are pure predicates.

Pages are cut in messages.py. methods/search.py uses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.dialogs import history_of
from actors.testing.server.world.files import Kind
from actors.testing.server.world.media import Attached
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Account, Channel, Party
from actors.testing.server.world.world import World

__all__ = ["everywhere", "matcher"]

Wanted = Callable[[Message], bool]
LINKS = (types.MessageEntityUrl, types.MessageEntityTextUrl)


def _is_photo(message: Message) -> bool:
    return isinstance(message.media, Attached) and message.media.file.kind is Kind.PHOTO


def _attributes(message: Message) -> dict[type, Any]:
    """Return what is said of a message's document, by class of attribute; nothing for anything else."""
    media = message.media
    if not isinstance(media, Attached) or media.file.kind is not Kind.DOCUMENT:
        return {}
    return {types.Document: media.file, **{type(attribute): attribute for attribute in media.file.attributes}}


def _is_plain_document(message: Message) -> bool:
    """Tell whether it is a file, and no voice, music, film, animation or sticker, which have filters of their own."""
    found = _attributes(message)
    return bool(found) and not any(kind in found for kind in PLAYED)


def _is_video(message: Message, *, round_one: bool = False) -> bool:
    found = _attributes(message)
    video = found.get(types.DocumentAttributeVideo)
    return video is not None and GIF not in found and bool(video.round_message) is round_one


def _is_audio(message: Message, *, voice: bool) -> bool:
    audio = _attributes(message).get(types.DocumentAttributeAudio)
    return audio is not None and bool(audio.voice) is voice


def _is_round_video(message: Message) -> bool:
    return _is_video(message, round_one=True)


def _is_voice(message: Message) -> bool:
    return _is_audio(message, voice=True)


def _has_link(message: Message) -> bool:
    """Tell whether there is a link in the text: the server finds plain ones as well."""
    return (
        any(isinstance(item, LINKS) for item in message.entities or ()) or PLAIN_LINK.search(message.text) is not None
    )


def _has(*kinds: type) -> Wanted:
    return lambda message: isinstance(message.media, kinds)


GIF = types.DocumentAttributeAnimated
PLAYED = (types.DocumentAttributeAudio, types.DocumentAttributeVideo, GIF, types.DocumentAttributeSticker)
PLAIN_LINK = re.compile(r"\bhttps?://\S", re.IGNORECASE)

KINDS: dict[type, Wanted] = {
    types.InputMessagesFilterEmpty: lambda _: True,
    types.InputMessagesFilterPinned: lambda message: message.pinned,
    types.InputMessagesFilterPhotos: _is_photo,
    types.InputMessagesFilterVideo: _is_video,
    types.InputMessagesFilterPhotoVideo: lambda message: _is_photo(message) or _is_video(message),
    types.InputMessagesFilterRoundVideo: _is_round_video,
    types.InputMessagesFilterVoice: _is_voice,
    types.InputMessagesFilterRoundVoice: lambda message: _is_voice(message) or _is_round_video(message),
    types.InputMessagesFilterMusic: lambda message: _is_audio(message, voice=False),
    types.InputMessagesFilterGif: lambda message: GIF in _attributes(message),
    types.InputMessagesFilterDocument: _is_plain_document,
    types.InputMessagesFilterUrl: _has_link,
    types.InputMessagesFilterContacts: _has(types.MessageMediaContact),
    types.InputMessagesFilterGeo: _has(types.MessageMediaGeo, types.MessageMediaGeoLive, types.MessageMediaVenue),
}
"""By TL filter (https://core.telegram.org/type/MessagesFilter); what isn't here finds nothing."""


def _nothing(_message: Message) -> bool:
    return False


def matcher(text: str, kind: Any, *, sender: int | None = None, since: int = 0, until: int = 0) -> Wanted:
    """Return a predicate: all words of the text occur, in any case of letters, and all other conditions hold."""
    of_kind = KINDS.get(type(kind), _nothing)
    words = text.casefold().split()

    def wanted(message: Message) -> bool:
        return (
            (sender is None or message.sender == sender)
            and (not since or message.date >= since)
            and (not until or message.date <= until)
            and of_kind(message)
            and _has_words(message, words)
        )

    return wanted


def _has_words(message: Message, words: list[str]) -> bool:
    if not words:
        return True
    text = message.text.casefold()
    return message.action is None and all(word in text for word in words)


def everywhere(world: World, account: Account, wanted: Wanted, kinds: Callable[[Party], bool]) -> list[Message]:
    """Return the wanted messages of all chats of an account, newest first."""
    found = [
        message
        for party in _chats(world, account)
        if kinds(party)
        for message in history_of(account, party).messages
        if wanted(message)
    ]
    return sorted(found, key=lambda message: (-message.date, message.chat, -message.id))


def _chats(world: World, account: Account) -> Iterator[Account | Channel | Any]:
    yield from (world.channels[channel] for channel in account.channels)
    yield from (world.groups.get(chat) or world.accounts[chat] for chat in account.chats)
