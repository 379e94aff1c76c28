"""An account's list of chats: its order, folders and pins, and each chat as a TL Dialog. It changes nothing.

methods/dialogs.py cuts the pages.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world import mentions
from actors.testing.server.world.messages import History, Message
from actors.testing.server.world.parties import Account, Channel, Group, Party
from actors.testing.server.world.party_views import peer_of
from actors.testing.server.world.world import World

__all__ = ["channel_dialog", "dialog", "dialogs_of", "history_of"]


def history_of(account: Account, party: Party) -> History:
    """Return the history of an account's chat with a party."""
    return party.history if isinstance(party, Channel) else account.chats[party.id]


def dialogs_of(world: World, account: Account) -> list[tuple[Message, Party]]:
    """Return the chats of an account with their last messages: pinned ones, then newest first."""
    parties: list[Party] = [world.channels[channel] for channel in account.channels]
    for chat, history in account.chats.items():
        if len(history):
            parties.append(world.groups.get(chat) or world.accounts[chat])
    found = [(history_of(account, party), party) for party in parties]
    tops = [(history.messages[-1], party) for history, party in found if len(history)]
    return sorted(tops, key=lambda pair: (_rank(account, pair[1]), -pair[0].date, pair[0].chat))


def _rank(account: Account, party: Party) -> int:
    return account.pinned.index(party.id) if party.id in account.pinned else len(account.pinned)


def dialog(account: Account, party: Party) -> Any:
    """Return one chat as a TL Dialog."""
    return channel_dialog(account, party) if isinstance(party, Channel) else _box_dialog(account, party)


def channel_dialog(account: Account, channel: Channel) -> Any:
    """Return a channel as a TL Dialog, with the pts from which updates go on."""
    read, outbox = account.channels.get(channel.id, 0), channel.outbox.get(account.id, 0)
    top = channel.history.ids[-1] if len(channel.history) else 0
    return _dialog(account, channel, top, read, outbox, channel.history.unread_after(read))


def _box_dialog(account: Account, party: Account | Group) -> Any:
    chat = account.chats[party.id]
    top = chat.ids[-1] if chat.ids else 0
    return _dialog(account, party, top, chat.read_inbox, chat.read_outbox, chat.unread_after(chat.read_inbox))


def _dialog(account: Account, party: Party, top: int, read: int, outbox: int, unread: int) -> Any:
    return types.Dialog(
        peer=peer_of(party),
        top_message=top,
        read_inbox_max_id=read,
        read_outbox_max_id=outbox,
        unread_count=unread,
        unread_mentions_count=len(mentions.unread(account, party.id, history_of(account, party))),
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
        pts=party.log.pts if isinstance(party, Channel) else None,
        pinned=party.id in account.pinned or None,
        folder_id=account.folders.get(party.id),
    )
