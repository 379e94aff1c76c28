"""Read marks of private chats, groups and channels. It is pure: it changes the world and fills its outbox.

methods/history.py calls it.
"""

from __future__ import annotations

from actors.testing.server.tl import types
from actors.testing.server.world.log import Read
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Account, Channel, Group, kind_of
from actors.testing.server.world.party_views import look
from actors.testing.server.world.recording import tell_account
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = ["read", "read_channel"]


def _last_by_sender(messages: list[Message], reader: Account) -> dict[int, Message]:
    """Return the newest of these messages by each other writer."""
    return {message.sender: message for message in messages if message.sender != reader.id}


def read(world: World, reader: Account, party: Account | Group, max_id: int, *, now: int) -> bool:
    """Mark a private chat or a group as read, here and for those who wrote; False when it already was."""
    history = reader.chats[party.id]
    max_id = min(max_id or reader.last_id, reader.last_id)
    before = history.read_inbox
    if max_id <= before:
        return False
    history.read_inbox = max_id
    for account_id, last in _last_by_sender(history.between(before, max_id), reader).items():
        _seen_by(world, world.accounts[account_id], reader, party, last, now)
    mine = Read(kind_of(party), party.id, max_id, by_other=False, unread=history.unread_after(max_id))
    tell_account(world, reader, mine, now=now)
    return True


def _seen_by(world: World, writer: Account, reader: Account, party: Account | Group, last: Message, now: int) -> None:
    chat = party.id if isinstance(party, Group) else reader.id
    upto = (last.copies or {}).get(writer.id, 0)
    if upto > writer.chats[chat].read_outbox:
        writer.chats[chat].read_outbox = upto
        tell_account(world, writer, Read(kind_of(party), chat, upto, by_other=True, unread=0), now=now)


def read_channel(world: World, reader: Account, channel: Channel, max_id: int, *, now: int) -> bool:
    """Mark a channel as read, and tell those who wrote in a supergroup; False when there is nothing to mark."""
    upto = min(max_id or channel.last_id, channel.last_id)
    before = reader.channels.get(channel.id)
    if before is None or upto <= before:
        return False
    reader.channels[channel.id] = upto
    mine = types.UpdateReadChannelInbox(channel.id, upto, channel.history.unread_after(upto), channel.log.pts)
    world.push((reader.id,), lambda viewer: wrap([mine], [], [look(world, viewer, channel)], now))
    if not channel.broadcast:
        for account_id, last in _last_by_sender(channel.history.between(before, upto), reader).items():
            _seen_in(world, channel, account_id, last.id, now)
    return True


def _seen_in(world: World, channel: Channel, writer: int, upto: int, now: int) -> None:
    if upto > channel.outbox.get(writer, 0):
        channel.outbox[writer] = upto
        update = types.UpdateReadChannelOutbox(channel.id, upto)
        world.push((writer,), lambda viewer: wrap([update], [], [look(world, viewer, channel)], now))
