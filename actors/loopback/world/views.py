"""The world as TL, seen by one account: users, channels, messages, updates. Changes nothing.

Access hashes, `out` and `is_self` depend on who looks. Users, channels and messages are encoded once and reused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from actors.loopback.tl import Encoded, encode, types
from actors.loopback.world.log import Deleted, Edited, New, Read, Stamped
from actors.loopback.world.messages import Message
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.world import World

__all__ = [
    "account_updates",
    "channel_update",
    "channel_updates",
    "faces",
    "look",
    "message_view",
    "private_update",
    "wrap",
]


def look(world: World, viewer: Account, party: Party) -> Any:
    """Return a party as a TL User or Channel, as `viewer` sees it."""
    version = party.version if isinstance(party, Channel) else 0
    cached = world.views.get((viewer.id, party.id))
    if cached is not None and cached[0] == version:
        return cached[1]
    view = _channel(world, viewer, party) if isinstance(party, Channel) else _user(world, viewer, party)
    encoded = Encoded(encode(view))
    world.views[viewer.id, party.id] = (version, encoded)
    return encoded


def _user(world: World, viewer: Account, account: Account) -> Any:
    me = viewer is account
    return types.User(
        id=account.id,
        is_self=me or None,
        access_hash=world.access_hash(viewer.id, account.id),
        first_name=account.name,
        username=account.username,
        phone=account.phone if me else None,
    )


def _channel(world: World, viewer: Account, channel: Channel) -> Any:
    return types.Channel(
        id=channel.id,
        title=channel.title,
        photo=types.ChatPhotoEmpty(),
        date=channel.members.get(viewer.id, channel.date),
        creator=channel.creator == viewer.id or None,
        left=viewer.id not in channel.members or None,
        broadcast=channel.broadcast or None,
        megagroup=not channel.broadcast or None,
        access_hash=world.access_hash(viewer.id, channel.id),
        username=channel.username,
        participants_count=len(channel.members),
    )


def message_view(viewer: Account, message: Message) -> Any:
    """Return a message as TL, encoded once for its writer and once for everybody else."""
    out = message.sender == viewer.id
    encoded = message.encoded.get(out)
    if encoded is None:
        encoded = message.encoded[out] = Encoded(encode(_message(message, out=out)))
    return encoded


def _message(message: Message, *, out: bool) -> Any:
    chat = types.PeerChannel(message.chat) if message.is_channel else types.PeerUser(message.chat)
    reply = types.MessageReplyHeader(reply_to_msg_id=message.reply_to) if message.reply_to else None
    return types.Message(
        id=message.id,
        peer_id=chat,
        date=message.date,
        message=message.text,
        out=(out and not message.post) or None,
        post=message.post or None,
        from_id=types.PeerUser(message.sender) if message.is_channel and not message.post else None,
        reply_to=reply,
        entities=message.entities,
        edit_date=message.edit_date,
    )


def private_update(viewer: Account, stamped: Stamped) -> Any:
    """Return an event of an account's own box as a TL Update."""
    event, pts, count = stamped.event, stamped.pts, stamped.count
    match event:
        case New(message):
            return types.UpdateNewMessage(message_view(viewer, message), pts, count)
        case Edited(message):
            return types.UpdateEditMessage(message_view(viewer, message), pts, count)
        case Deleted(ids):
            return types.UpdateDeleteMessages(list(ids), pts, count)
        case Read(chat, max_id, True):
            return types.UpdateReadHistoryOutbox(types.PeerUser(chat), max_id, pts, count)
        case Read(chat, max_id, _, unread):
            return types.UpdateReadHistoryInbox(types.PeerUser(chat), max_id, unread, pts, count)
        case _:
            assert_never(event)


def channel_update(viewer: Account, channel: Channel, stamped: Stamped) -> Any:
    """Return an event of a channel as a TL Update."""
    event, pts, count = stamped.event, stamped.pts, stamped.count
    match event:
        case New(message):
            return types.UpdateNewChannelMessage(message_view(viewer, message), pts, count)
        case Edited(message):
            return types.UpdateEditChannelMessage(message_view(viewer, message), pts, count)
        case Deleted(ids):
            return types.UpdateDeleteChannelMessages(channel.id, list(ids), pts, count)
        case Read():
            raise TypeError("reading a channel is no event of the channel")
        case _:
            assert_never(event)


def faces(world: World, viewer: Account, messages: Iterable[Message]) -> tuple[list[Any], list[Any]]:
    """Return the (users, chats) that these messages mention."""
    users: dict[int, None] = {}
    chats: dict[int, None] = {}
    for message in messages:
        users[message.sender] = None
        (chats if message.is_channel else users)[message.chat] = None
    return (
        [look(world, viewer, world.accounts[user]) for user in users],
        [look(world, viewer, world.channels[chat]) for chat in chats],
    )


def wrap(updates: list[Any], users: list[Any], chats: list[Any], now: int) -> Any:
    """Return Updates with seq 0: a client must not wait for a sequence that sessions don't share."""
    return types.Updates(updates, users, chats, now, 0)


def _messages_of(stamped: Stamped) -> list[Message]:
    return [stamped.event.message] if isinstance(stamped.event, New | Edited) else []


def account_updates(world: World, viewer: Account, stamped: Stamped, now: int) -> Any:
    """Return an event of an account's box as Updates to push."""
    users, chats = faces(world, viewer, _messages_of(stamped))
    return wrap([private_update(viewer, stamped)], users, chats, now)


def channel_updates(world: World, viewer: Account, channel: Channel, stamped: Stamped, now: int) -> Any:
    """Return an event of a channel as Updates to push."""
    users, _ = faces(world, viewer, _messages_of(stamped))
    return wrap([channel_update(viewer, channel, stamped)], users, [look(world, viewer, channel)], now)
