"""Which messages a search finds: words, kinds, writers and dates. These are pure predicates.

Pages are cut in messages.py. methods/search.py uses it.
"""

from __future__ import annotations

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


def _is_document(message: Message) -> bool:
    return isinstance(message.media, Attached) and message.media.file.kind is Kind.DOCUMENT


KINDS: dict[type, Wanted] = {
    types.InputMessagesFilterEmpty: lambda _: True,
    types.InputMessagesFilterPinned: lambda message: message.pinned,
    types.InputMessagesFilterPhotos: _is_photo,
    types.InputMessagesFilterDocument: _is_document,
    types.InputMessagesFilterUrl: lambda message: any(isinstance(item, LINKS) for item in message.entities or ()),
}
"""By TL filter; what isn't here finds nothing."""


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
