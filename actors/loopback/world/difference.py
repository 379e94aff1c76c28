"""What a client missed: differences of an account's box and of a channel's, as TL. Changes nothing.

https://core.telegram.org/api/updates#recovering-gaps. Slices are small enough for a client's page.
"""

from __future__ import annotations

from typing import Any

from actors.loopback.tl import types
from actors.loopback.world.log import Edited, New, Stamped
from actors.loopback.world.messages import Message, Window
from actors.loopback.world.parties import Account, Channel
from actors.loopback.world.views import channel_update, faces, look, message_view, private_update
from actors.loopback.world.world import World

__all__ = ["account_difference", "channel_dialog", "channel_difference", "private_dialog", "state"]

ACCOUNT_SLICE = 500
CHANNEL_SLICE = (
    100  # a user's client asks for at most 100 (https://core.telegram.org/method/updates.getChannelDifference)
)
LATEST = 10  # messages that come with a too-long channel difference


def state(account: Account, now: int, *, pts: int | None = None) -> Any:
    """Return the account's update state; `pts` for one in the middle of a difference."""
    unread = sum(chat.unread_after(chat.read_inbox) for chat in account.chats.values())
    return types.updates.State(account.log.pts if pts is None else pts, 0, now, 0, unread)


def _split(stampeds: list[Stamped]) -> tuple[list[Message], list[Stamped], list[Message]]:
    """Return (new messages, other events, all messages mentioned)."""
    new = [stamped.event.message for stamped in stampeds if isinstance(stamped.event, New)]
    other = [stamped for stamped in stampeds if not isinstance(stamped.event, New)]
    edited = [stamped.event.message for stamped in other if isinstance(stamped.event, Edited)]
    return new, other, new + edited


def account_difference(world: World, account: Account, pts: int, date: int, now: int) -> Any:
    """Return what happened in an account's box after `pts`, and which of its channels moved since `date`."""
    stampeds = account.log.since(pts, ACCOUNT_SLICE)
    if stampeds is None:
        return types.updates.DifferenceTooLong(account.log.pts)
    moved = [channel for channel in map(world.channels.__getitem__, account.channels) if channel.log.date >= date]
    if not stampeds and not moved:
        return types.updates.DifferenceEmpty(now, 0)
    new, other, mentioned = _split(stampeds)
    users, chats = faces(world, account, mentioned)
    chats += [look(world, account, channel) for channel in moved]
    updates = [private_update(account, stamped) for stamped in other]
    updates += [types.UpdateChannelTooLong(channel.id, channel.log.pts) for channel in moved]
    messages = [message_view(account, message) for message in new]
    reached = stampeds[-1].pts if stampeds else account.log.pts
    kind = types.updates.Difference if reached == account.log.pts else types.updates.DifferenceSlice
    return kind(messages, [], updates, chats, users, state(account, now, pts=reached))


def channel_difference(world: World, account: Account, channel: Channel, pts: int, limit: int) -> Any:
    """Return what happened in a channel after `pts`."""
    if pts >= channel.log.pts:
        return types.updates.ChannelDifferenceEmpty(channel.log.pts, final=True)
    stampeds = channel.log.since(pts, max(1, min(limit, CHANNEL_SLICE)))
    if stampeds is None:
        return _too_long(world, account, channel)
    new, other, mentioned = _split(stampeds)
    users, _ = faces(world, account, mentioned)
    reached = stampeds[-1].pts
    return types.updates.ChannelDifference(
        pts=reached,
        new_messages=[message_view(account, message) for message in new],
        other_updates=[channel_update(account, channel, stamped) for stamped in other],
        chats=[look(world, account, channel)],
        users=users,
        final=reached == channel.log.pts or None,
    )


def _too_long(world: World, account: Account, channel: Channel) -> Any:
    latest = channel.history.window(Window(limit=LATEST))
    users, _ = faces(world, account, latest)
    return types.updates.ChannelDifferenceTooLong(
        dialog=channel_dialog(account, channel),
        messages=[message_view(account, message) for message in latest],
        chats=[look(world, account, channel)],
        users=users,
        final=True,
    )


def channel_dialog(account: Account, channel: Channel) -> Any:
    """Return a channel as a TL Dialog, with the pts from which updates go on."""
    read = account.channels.get(channel.id, 0)
    return _dialog(
        types.PeerChannel(channel.id), channel.last_id, read, channel.history.unread_after(read), channel.log.pts
    )


def private_dialog(account: Account, other: int) -> Any:
    """Return a private chat as a TL Dialog."""
    chat = account.chats[other]
    top = chat.ids[-1] if chat.ids else 0
    unread = chat.unread_after(chat.read_inbox)
    return _dialog(types.PeerUser(other), top, chat.read_inbox, unread, None, read_outbox=chat.read_outbox)


def _dialog(peer: Any, top: int, read: int, unread: int, pts: int | None, *, read_outbox: int = 0) -> Any:
    return types.Dialog(
        peer=peer,
        top_message=top,
        read_inbox_max_id=read,
        read_outbox_max_id=read_outbox or read,
        unread_count=unread,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
        pts=pts,
    )
