"""Events as TL updates, seen by one account, and packed to be pushed. It changes nothing; the events are in log.py."""

from __future__ import annotations

from typing import Any, assert_never

from actors.testing.server.tl import types
from actors.testing.server.world.log import Deleted, Edited, Filed, New, Pinned, Read, Stamped
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Account, Channel, Party
from actors.testing.server.world.party_views import faces, look, peer, sort_faces
from actors.testing.server.world.world import World

__all__ = ["account_updates", "channel_update", "channel_updates", "parties_of", "private_update", "wrap"]


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
        case Read(kind, chat, max_id, True):
            return types.UpdateReadHistoryOutbox(peer(kind, chat), max_id, pts, count)
        case Read(kind, chat, max_id, _, unread):
            return types.UpdateReadHistoryInbox(peer(kind, chat), max_id, unread, pts, count)
        case Pinned(kind, chat, ids, pinned):
            return types.UpdatePinnedMessages(peer(kind, chat), list(ids), pts, count, pinned=pinned or None)
        case Filed(peers, folder):
            filed = [types.FolderPeer(peer(kind, chat), folder) for kind, chat in peers]
            return types.UpdateFolderPeers(filed, pts, count)
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
        case Pinned(_, _, ids, pinned):
            return types.UpdatePinnedChannelMessages(channel.id, list(ids), pts, count, pinned=pinned or None)
        case Read() | Filed():
            raise TypeError("that is an event of an account's box")
        case _:
            assert_never(event)


def _messages_of(stamped: Stamped) -> list[Message]:
    return [stamped.event.message] if isinstance(stamped.event, New | Edited) else []


def parties_of(world: World, stamped: Stamped) -> list[Party]:
    """Return the chats that an event without a message is about."""
    event = stamped.event
    if isinstance(event, Read | Pinned):
        return [world.party(event.kind, event.chat)]
    return [world.party(kind, chat) for kind, chat in event.peers] if isinstance(event, Filed) else []


def wrap(updates: list[Any], users: list[Any], chats: list[Any], now: int) -> Any:
    """Return Updates with seq 0, because a client must not wait for a sequence that sessions don't share."""
    return types.Updates(updates, users, chats, now, 0)


def account_updates(world: World, viewer: Account, stamped: Stamped, now: int) -> Any:
    """Return an event of an account's box as Updates to push."""
    users, chats = faces(world, viewer, _messages_of(stamped))
    more_users, more_chats = sort_faces(world, viewer, parties_of(world, stamped))
    return wrap([private_update(viewer, stamped)], users + more_users, chats + more_chats, now)


def channel_updates(world: World, viewer: Account, channel: Channel, stamped: Stamped, now: int) -> Any:
    """Return an event of a channel as Updates to push."""
    users, chats = faces(world, viewer, _messages_of(stamped))
    return wrap([channel_update(viewer, channel, stamped)], users, chats or [look(world, viewer, channel)], now)
