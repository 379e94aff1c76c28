"""Writing, editing, deleting and reading messages. Pure: changes the world and fills its outbox.

Rules about who may do it are the methods' (methods/sending.py); the control channel may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from actors.loopback.world.log import Deleted, Edited, Event, New, Read, Stamped
from actors.loopback.world.messages import Message
from actors.loopback.world.parties import Account, Channel, Party
from actors.loopback.world.views import account_updates, channel_updates
from actors.loopback.world.world import World

__all__ = ["Draft", "Posted", "delete", "edit", "fill", "post", "read"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say. `push=False`: the update is lost on the way, as a gap in the client's eyes."""

    text: str = field(repr=False)
    random_id: int = 0
    reply_to: int | None = None
    entities: list[Any] | None = field(default=None, repr=False)
    push: bool = True


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in the sender's box (or the channel), with its event."""

    message: Message
    stamped: Stamped


def post(world: World, sender: Account, party: Party, draft: Draft, *, now: int) -> Posted:
    """Say something in a chat: to every box that it belongs in."""
    if isinstance(party, Channel):
        return _post_channel(world, sender, party, draft, now=now)
    return _post_private(world, sender, party, draft, now=now)


def _post_channel(world: World, sender: Account, channel: Channel, draft: Draft, *, now: int) -> Posted:
    message = Message(
        id=channel.next_id(),
        chat=channel.id,
        is_channel=True,
        sender=sender.id,
        text=draft.text,
        date=now,
        post=channel.broadcast,
        random_id=draft.random_id,
        reply_to=draft.reply_to,
        entities=draft.entities,
    )
    channel.history.append(message)
    if channel.id in sender.channels:
        sender.channels[channel.id] = message.id
    return Posted(message, _tell_channel(world, channel, New(message), now=now, push=draft.push))


def _tell_channel(
    world: World, channel: Channel, event: Event, *, now: int, count: int = 1, push: bool = True
) -> Stamped:
    stamped = channel.log.add(event, now=now, count=count)
    if push:
        world.push(channel.members, lambda viewer: channel_updates(world, viewer, channel, stamped, now))
    return stamped


def _tell_account(
    world: World, account: Account, event: Event, *, now: int, count: int = 1, push: bool = True
) -> Stamped:
    stamped = account.log.add(event, now=now, count=count)
    if push:
        world.push((account.id,), lambda viewer: account_updates(world, viewer, stamped, now))
    return stamped


def _post_private(world: World, sender: Account, receiver: Account, draft: Draft, *, now: int) -> Posted:
    mine = _into_box(sender, receiver.id, sender, draft, now)
    if receiver is not sender:
        theirs = _into_box(receiver, sender.id, sender, draft, now)
        mine.twin, theirs.twin = theirs.id, mine.id
        theirs.reply_to = _twin_of(sender, draft.reply_to)
        _tell_account(world, receiver, New(theirs), now=now, push=draft.push)
    return Posted(mine, _tell_account(world, sender, New(mine), now=now, push=draft.push))


def _into_box(box: Account, chat: int, sender: Account, draft: Draft, now: int) -> Message:
    message = Message(
        id=box.next_id(),
        chat=chat,
        is_channel=False,
        sender=sender.id,
        text=draft.text,
        date=now,
        random_id=draft.random_id,
        reply_to=draft.reply_to,
        entities=draft.entities,
    )
    box.messages[message.id] = message
    box.chats[chat].append(message)
    if box is sender:
        box.chats[chat].read_inbox = message.id  # who answers has read
    return message


def _twin_of(account: Account, message_id: int | None) -> int | None:
    message = account.messages.get(message_id or 0)
    return message.twin or None if message is not None else None


def fill(world: World, channel: Channel, count: int, *, now: int) -> None:
    """Give a channel a past: `title 1`, `title 2`, ... a second apart, written by its members in turn, no updates."""
    authors = [channel.creator] if channel.broadcast else list(channel.members)
    for place in range(count):
        message = Message(
            id=channel.next_id(),
            chat=channel.id,
            is_channel=True,
            sender=authors[place % len(authors)],
            text=f"{channel.title} {place + 1}",
            date=now - count + place,
            post=channel.broadcast,
        )
        channel.history.append(message)
    channel.log.forget(count)
    for member in channel.members:
        world.accounts[member].channels[channel.id] = channel.last_id


def edit(world: World, message: Message, text: str, entities: list[Any] | None, *, now: int) -> Stamped:
    """Change a message's text in every box that holds it; return the editor's own event."""
    if message.is_channel:
        _rewrite(message, text, entities, now)
        return _tell_channel(world, world.channels[message.chat], Edited(message), now=now)
    other = world.accounts[message.chat]
    twin = other.messages.get(message.twin)
    if twin is not None:
        _rewrite(twin, text, entities, now)
        _tell_account(world, other, Edited(twin), now=now)
    _rewrite(message, text, entities, now)
    return _tell_account(world, world.accounts[message.sender], Edited(message), now=now)


def _rewrite(message: Message, text: str, entities: list[Any] | None, now: int) -> None:
    message.text, message.entities, message.edit_date = text, entities, now
    message.encoded.clear()


def delete(world: World, box: Party, ids: Iterable[int], *, now: int) -> Stamped | None:
    """Delete messages from one box; None when none of them was there."""
    if isinstance(box, Channel):
        gone = box.history.discard(ids)
        return _tell_channel(world, box, Deleted(tuple(gone)), now=now, count=len(gone)) if gone else None
    gone = [message_id for message_id in ids if message_id in box.messages]
    for message_id in gone:
        box.chats[box.messages.pop(message_id).chat].discard((message_id,))
    return _tell_account(world, box, Deleted(tuple(gone)), now=now, count=len(gone)) if gone else None


def read(world: World, reader: Account, other: Account, max_id: int, *, now: int) -> Stamped | None:
    """Mark a private chat as read, here and at the other side; None when it already was."""
    history = reader.chats[other.id]
    max_id = min(max_id or reader.last_id, reader.last_id)
    if max_id <= history.read_inbox:
        return None
    history.read_inbox = max_id
    mine = Read(other.id, max_id, by_other=False, unread=history.unread_after(max_id))
    last = next((m for m in reversed(history.messages) if m.id <= max_id and m.sender == other.id), None)
    if last is not None and other is not reader:
        other.chats[reader.id].read_outbox = last.twin
        _tell_account(world, other, Read(reader.id, last.twin, by_other=True, unread=0), now=now)
    return _tell_account(world, reader, mine, now=now)
