"""Whether Telegram tells an account of what happens in a chat, as the chat's TL object has it. Pure.

Telegram tells members. Others are told nothing, unless they poll a public channel (`polls.py`).
"""

from __future__ import annotations

from typing import Any

from telethon import types

__all__ = ["CLOSED_TO_OTHERS", "LEFT", "why_unheard"]

LEFT = "the account is not, or no longer, a member of it"
CLOSED_TO_OTHERS = f"{LEFT}, and may not read it (CHANNEL_PRIVATE)"
BANNED = "the account was banned from it, or it was deleted (CHANNEL_PRIVATE)"
REMOVED = "the account has left it, or was removed from it"
CLOSED = "it was closed"


def why_unheard(chat: Any) -> str:
    """Return why the account isn't told of a chat; empty when it is, and when the TL object doesn't say.

    LEFT is a public channel's, which the account may read, and poll.
    A basic group that has become a supergroup isn't lost: its messages come from there.
    """
    match chat:
        case types.ChannelForbidden():
            return BANNED
        case types.ChatForbidden():
            return REMOVED
        case types.Channel(left=True):
            return LEFT if chat.username or chat.usernames else CLOSED_TO_OTHERS
        case types.Chat() if chat.migrated_to is None:
            return CLOSED if chat.deactivated else LEFT if chat.left else ""
        case _:
            return ""
