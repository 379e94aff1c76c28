"""What pages don't show though it is there and counted, as Telegram leaves rows out of its lists. It changes no list.

A test says what is left out (control/left_out.py). The methods that cut pages ask after they have cut them, so a page
has fewer rows than were asked for, and may have none.
"""

from __future__ import annotations

from collections.abc import Collection

from actors.testing.server.world.messages import Kind, Message
from actors.testing.server.world.parties import Account, Channel, Party, kind_of

__all__ = ["LeftOut"]

EVERYBODY = 0


class LeftOut:
    """Messages, chats in lists of chats, and members, by who doesn't see them."""

    def __init__(self) -> None:
        self._messages: dict[tuple[int, Kind, int], frozenset[int]] = {}  # viewer, kind and id of the chat -> ids
        self._dialogs: set[tuple[int, int]] = set()  # viewer, id of the chat
        self._members: set[tuple[int, int]] = set()  # channel, account

    def hide(self, viewer: Account | None, party: Party, ids: Collection[int]) -> None:
        """Leave these messages of a chat out, and no others. viewer: whose pages; None for everybody's."""
        self._messages[viewer.id if viewer is not None else EVERYBODY, kind_of(party), party.id] = frozenset(ids)

    def hide_dialog(self, viewer: Account, party: Party) -> None:
        """Leave a chat out of an account's list of chats."""
        self._dialogs.add((viewer.id, party.id))

    def hide_member(self, channel: Channel, member: Account) -> None:
        """Leave somebody out of a channel's list of members."""
        self._members.add((channel.id, member.id))

    def shows(self, viewer: Account, message: Message) -> bool:
        """Tell whether pages show a message."""
        if not self._messages:
            return True
        hidden = [self._messages.get((who, message.kind, message.chat), ()) for who in (EVERYBODY, viewer.id)]
        return not any(message.id in ids for ids in hidden)

    def shows_dialog(self, viewer: Account, party: Party) -> bool:
        """Tell whether an account's list of chats shows a chat."""
        return (viewer.id, party.id) not in self._dialogs

    def shows_member(self, channel: Channel, account_id: int) -> bool:
        """Tell whether a channel's list of members shows an account."""
        return (channel.id, account_id) not in self._members
