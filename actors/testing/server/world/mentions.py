"""Who is mentioned in a message, and which mentions are unread. It is pure; posting.py asks it, and dialogs.py counts.

In a group that is whoever is named in it, by link or by username, and whose message it answers
(https://core.telegram.org/api/mentions). Nobody is mentioned in private chats and channels.
"""

from __future__ import annotations

import re

from actors.testing.server.tl import types
from actors.testing.server.world.messages import History, Message
from actors.testing.server.world.parties import Account, Channel, Group
from actors.testing.server.world.world import World

__all__ = ["mentioned", "note", "unread"]

NAME = re.compile(r"(?<!\w)@([A-Za-z]\w{2,31})", re.ASCII)


def mentioned(world: World, chat: Group | Channel, message: Message, answered: Message | None) -> frozenset[int]:
    """Return the members whom a message mentions."""
    if isinstance(chat, Channel) and chat.broadcast:
        return frozenset()
    found = {each.user_id for each in message.entities or () if isinstance(each, types.MessageEntityMentionName)}
    if "@" in message.text:
        named = (world.usernames.get(name.lower()) for name in NAME.findall(message.text))
        found |= {party.id for party in named if isinstance(party, Account)}
    if answered is not None:
        found.add(answered.sender)
    return frozenset((found & chat.members.keys()) - {message.sender})


def note(account: Account, message: Message) -> None:
    """Keep a message that mentions an account until it is read."""
    account.mentions.setdefault(message.chat, set()).add(message.id)


def unread(account: Account, chat: int, history: History) -> list[Message]:
    """Return the messages of a chat that mention an account and are unread, oldest first."""
    found = (history.get(message_id) for message_id in sorted(account.mentions.get(chat, ())))
    return [message for message in found if message is not None]
