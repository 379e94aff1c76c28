"""Which requests Telegram refuses bots: data alone, of those that this library makes.

"Bots can use this method" stands on the page of every other one (https://core.telegram.org/methods), and in the column
of Telethon's methods.csv. The client refuses these before they are sent, in Telegram's own words.
"""

from __future__ import annotations

from telethon import functions

__all__ = ["NOT_FOR_BOTS"]

NOT_FOR_BOTS: frozenset[type] = frozenset(
    {
        functions.messages.GetDialogsRequest,
        functions.messages.GetHistoryRequest,
        functions.messages.GetPeerDialogsRequest,
        functions.messages.SearchRequest,
    }
)
"""Requests that are answered with BOT_METHOD_INVALID."""
