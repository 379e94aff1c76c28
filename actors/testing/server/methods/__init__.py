"""The RPCs that the loopback answers, in small files by area. The server calls `invoke`, which finds the right one.

Importing this package registers them all. What is not registered is refused as an unknown method.
"""

from actors.testing.server.methods import (
    auth,
    bans,
    channels,
    chats,
    datacentres,
    dialogs,
    editing,
    forwarding,
    help,  # noqa: A004  Telegram's name of the area
    history,
    invites,
    media,
    members,
    passwords,
    pins,
    reactions,
    scheduled,
    search,
    sending,
    sessions,
    tokens,
    updates,
    upload,
    usernames,
    users,
)
from actors.testing.server.methods.registry import Call, Slow, invoke

__all__ = [
    "Call",
    "Slow",
    "auth",
    "bans",
    "channels",
    "chats",
    "datacentres",
    "dialogs",
    "editing",
    "forwarding",
    "help",
    "history",
    "invites",
    "invoke",
    "media",
    "members",
    "passwords",
    "pins",
    "reactions",
    "scheduled",
    "search",
    "sending",
    "sessions",
    "tokens",
    "updates",
    "upload",
    "usernames",
    "users",
]
