"""What a client missed: the differences of an account's box and of a channel's, as TL. It changes nothing.

https://core.telegram.org/api/updates#recovering-gaps. Slices are small enough for a client's page. The events in a
difference have no pts of their own: its state covers them. Telethon takes over that state first, and would pass over
every edit and deletion with an older pts. methods/updates.py answers with it.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.dialogs import channel_dialog
from actors.testing.server.world.log import Edited, New, Stamped
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Message, Window
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import faces, look, sort_faces
from actors.testing.server.world.updates import channel_update, parties_of, private_update
from actors.testing.server.world.world import World

__all__ = ["account_difference", "channel_difference", "state"]

ACCOUNT_SLICE = 500
CHANNEL_SLICE = (
    100  # a user's client asks for at most 100 (https://core.telegram.org/method/updates.getChannelDifference)
)
LATEST = 10  # messages that come with a too-long channel difference


def state(account: Account, now: int, *, pts: int | None = None) -> Any:
    """Return the account's update state. pts: for a state in the middle of a difference."""
    unread = sum(chat.unread_after(chat.read_inbox) for chat in account.chats.values())
    return types.updates.State(account.log.pts if pts is None else pts, 0, now, 0, unread)


def _split(stampeds: list[Stamped]) -> tuple[list[Message], list[Stamped], list[Message]]:
    """Return the new messages, the other events, and all messages mentioned. What is deleted by now is left out."""
    new, other, edited = [], [], []
    for stamped in stampeds:
        event = stamped.event
        if isinstance(event, New | Edited) and event.message.gone:
            continue
        if isinstance(event, New):
            new.append(event.message)
        else:
            other.append(Stamped(event, 0, 0))
        if isinstance(event, Edited):
            edited.append(event.message)
    return new, other, new + edited


def account_difference(world: World, account: Account, pts: int, since: int, now: int) -> Any:
    """Return what happened in an account's box after `pts`, and which of its channels had events `since`."""
    stampeds = account.log.since(pts, ACCOUNT_SLICE)
    if stampeds is None:
        return types.updates.DifferenceTooLong(account.log.pts)
    active = [channel for channel in map(world.channels.__getitem__, account.channels) if channel.log.date >= since]
    moved = [world.channels[channel] for channel, date in account.moved.items() if date >= since]
    if not stampeds and not active and not moved:
        return types.updates.DifferenceEmpty(now, 0)
    new, other, mentioned = _split(stampeds)
    users, chats = faces(world, account, mentioned)
    more_users, more_chats = sort_faces(world, account, (p for event in other for p in parties_of(world, event)))
    chats += more_chats + [look(world, account, channel) for channel in dict.fromkeys([*active, *moved])]
    updates = [private_update(account, stamped) for stamped in other]
    updates += [types.UpdateChannel(channel.id) for channel in moved]
    updates += [types.UpdateChannelTooLong(channel.id, channel.log.pts) for channel in active]
    messages = [message_view(account, message) for message in new]
    reached = stampeds[-1].pts if stampeds else account.log.pts
    kind = types.updates.Difference if reached == account.log.pts else types.updates.DifferenceSlice
    return kind(messages, [], updates, chats, users + more_users, state(account, now, pts=reached))


def channel_difference(world: World, account: Account, channel: Channel, pts: int, limit: int) -> Any:
    """Return what happened in a channel after `pts`."""
    if pts >= channel.log.pts:
        return types.updates.ChannelDifferenceEmpty(channel.log.pts, final=True, timeout=world.poll_timeout)
    stampeds = channel.log.since(pts, max(1, min(limit, CHANNEL_SLICE)))
    if stampeds is None:
        return _too_long(world, account, channel)
    new, other, mentioned = _split(stampeds)
    users, chats = faces(world, account, mentioned)
    reached = stampeds[-1].pts
    final = reached == channel.log.pts
    return types.updates.ChannelDifference(
        pts=reached,
        new_messages=[message_view(account, message) for message in new],
        other_updates=[channel_update(account, channel, stamped) for stamped in other],
        chats=chats or [look(world, account, channel)],
        users=users,
        final=final or None,
        timeout=world.poll_timeout if final else None,
    )


def _too_long(world: World, account: Account, channel: Channel) -> Any:
    latest = channel.history.window(Window(limit=LATEST)).messages
    users, chats = faces(world, account, latest)
    return types.updates.ChannelDifferenceTooLong(
        dialog=channel_dialog(account, channel),
        messages=[message_view(account, message) for message in latest],
        chats=chats or [look(world, account, channel)],
        users=users,
        final=True,
        timeout=world.poll_timeout,
    )
