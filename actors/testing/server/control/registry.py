"""The register of the control channel's commands, and how commands find what is named to them.

A command is a function of the server and keyword arguments. It returns something that JSON can carry, or Slow. It
raises CommandError with a sentence for the person at the other end. channel.py carries commands out; the commands
themselves are in commands.py, oddities.py, people.py and trouble.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actors.testing.server.server import Server
from actors.testing.server.world.parties import Account, Channel, Group, Party

__all__ = [
    "COMMANDS",
    "CommandError",
    "account_named",
    "channel_named",
    "chat_named",
    "command",
    "members_named",
    "new_title",
    "party_named",
]

Command = Callable[..., Any]
COMMANDS: dict[str, Command] = {}


class CommandError(Exception):
    """The command can't be carried out. The text says why."""


def command(function: Command) -> Command:
    """Register the decorated function under its name."""
    COMMANDS[function.__name__] = function
    return function


def account_named(server: Server, name: str) -> Account:
    """Return the account of that name. Raises CommandError."""
    account = server.world.by_name.get(name)
    if account is None:
        raise CommandError(f"there is no account {name!r}")
    return account


def chat_named(server: Server, name: str) -> Group | Channel:
    """Return the channel or basic group of that title or username. Raises CommandError."""
    chat = server.world.chat_named(name)
    if chat is None:
        raise CommandError(f"there is no channel {name!r}")
    return chat


def channel_named(server: Server, name: str) -> Channel:
    """Return the channel of that title or username. Raises CommandError."""
    chat = chat_named(server, name)
    if not isinstance(chat, Channel):
        raise CommandError(f"{name!r} is a basic group: it has no messages but those of its members")
    return chat


def party_named(server: Server, name: str) -> Party:
    """Return the channel or group of that name, or else the account of that name. Raises CommandError."""
    return server.world.chat_named(name) or account_named(server, name)


def members_named(server: Server, names: list[str]) -> list[Account]:
    """Return accounts by name, created if need be. Raises CommandError when no name is given."""
    if not names:
        raise CommandError("a chat needs a member: the first one is its creator")
    return [server.world.by_name.get(name) or server.world.add_account(name) for name in names]


def new_title(server: Server, title: str) -> str:
    """Return a title that no chat has yet. Raises CommandError."""
    if server.world.chat_named(title) is not None:
        raise CommandError(f"there is a chat {title!r} already")
    return title
