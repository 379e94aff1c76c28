"""Commands for answers that aren't as one expects: rows left out of pages, and messages that show as something else.

Scripted answers to whole calls are faults (commands.py). channel.py imports this module, which registers them.
"""

from __future__ import annotations

from actors.testing.server.control.registry import CommandError, account_named, channel_named, command, party_named
from actors.testing.server.server import Server
from actors.testing.server.tl import Encoded
from actors.testing.server.world.parties import Account, Channel, Party

__all__: list[str] = []


def _viewer(server: Server, party: Party, account: str | None) -> Account | None:
    if account is None and not isinstance(party, Channel):
        raise CommandError("outside channels each account numbers its messages: say whose they are (account)")
    return None if account is None else account_named(server, account)


@command
def hide(server: Server, *, chat: str, ids: list[int], account: str | None = None) -> None:
    """Leave these messages of a chat, and no others, out of pages, for one account or all; they are counted still."""
    party = party_named(server, chat)
    server.world.left_out.hide(_viewer(server, party, account), party, ids)


@command
def hide_dialog(server: Server, *, chat: str, account: str) -> None:
    """Leave a chat out of an account's list of chats; it is counted still."""
    server.world.left_out.hide_dialog(account_named(server, account), party_named(server, chat))


@command
def hide_member(server: Server, *, channel: str, account: str) -> None:
    """Leave somebody out of a channel's list of members; they are counted still."""
    server.world.left_out.hide_member(channel_named(server, channel), account_named(server, account))


@command
def disguise(server: Server, *, chat: str, message_id: int, tl: str, account: str | None = None) -> None:
    """Show a message as other TL bytes (in hexadecimal), wherever it is shown."""
    party = party_named(server, chat)
    viewer = _viewer(server, party, account)
    message = party.history.get(message_id) if isinstance(party, Channel) else None
    if viewer is not None and message is None:
        message = viewer.messages.get(message_id)
    if message is None:
        raise CommandError(f"there is no message {message_id} in {chat!r}")
    message.disguise = Encoded(bytes.fromhex(tl))
