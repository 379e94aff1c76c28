"""Writing messages into every box that they belong in. It is pure: it changes the world and fills its outbox.

Who may write is decided in methods/sending.py; the control channel may write anything. Later changes of a message are
in changing.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actors.testing.server.world.log import New, Stamped
from actors.testing.server.world.mentions import mentioned, note
from actors.testing.server.world.messages import Kind, Message, Origin, Quote
from actors.testing.server.world.parties import Account, Channel, Group, Party
from actors.testing.server.world.recording import tell_account, tell_channel
from actors.testing.server.world.world import World

__all__ = ["Draft", "Posted", "fill", "post"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to write. push=False: the update is lost on the way, which is a gap to clients."""

    text: str = field(repr=False)
    random_id: int = 0
    reply_to: int | None = None
    entities: list[Any] | None = field(default=None, repr=False)
    push: bool = True
    action: Any = field(default=None, repr=False)
    origin: Origin | None = None
    scheduled: bool = False
    media: Any = field(default=None, repr=False)  # as Message.media
    album: int = 0
    source: Message | None = None  # what it answers in another chat instead
    top: int | None = None  # the topic that it goes to, where the answered message doesn't tell
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in the sender's box (or the channel), and its event. A message that is only scheduled has no event."""

    message: Message
    stamped: Stamped | None


def post(world: World, sender: Account, party: Party, draft: Draft, *, now: int) -> Posted:
    """Write a message to a chat: into every box that it belongs in."""
    if isinstance(party, Channel):
        return _post_channel(world, sender, party, draft, now=now)
    boxes = [sender, party] if isinstance(party, Account) else [world.accounts[member] for member in party.members]
    return _post_boxes(world, sender, party, list(dict.fromkeys(boxes)), draft, now=now)


def _message(message_id: int, chat: int, kind: Kind, sender: Account, draft: Draft, now: int) -> Message:
    return Message(
        id=message_id,
        chat=chat,
        kind=kind,
        sender=sender.id,
        text=draft.text,
        date=now,
        random_id=draft.random_id,
        entities=draft.entities,
        action=draft.action,
        origin=draft.origin,
        scheduled=draft.scheduled,
        media=draft.media,
        album=draft.album,
        source=draft.source,
        quote=draft.quote,
    )


def _post_channel(world: World, sender: Account, channel: Channel, draft: Draft, *, now: int) -> Posted:
    message = _message(channel.next_id(), channel.id, Kind.CHANNEL, sender, draft, now)
    message.post = channel.broadcast
    admin = channel.admins.get(sender.id)
    if admin is not None and "anonymous" in admin.rights and not channel.broadcast:
        message.anonymous, message.title = True, admin.rank
    _thread(channel, message, draft)
    channel.history.append(message)
    answered = channel.history.get(message.reply_to or 0)
    message.mentions = mentioned(world, channel, message, answered)
    for account_id in message.mentions:
        note(world.accounts[account_id], message)
    if channel.id in sender.channels:
        sender.channels[channel.id] = message.id  # who writes has read
    return Posted(message, tell_channel(world, channel, New(message), now=now, push=draft.push))


def _thread(channel: Channel, message: Message, draft: Draft) -> None:
    """Tie a reply to the message it answers and, in a supergroup, to the thread or topic of that message."""
    answered = channel.history.get(draft.reply_to or 0)
    topic = _topic(channel, draft, answered)
    if answered is not None and answered.id != topic:
        message.reply_to = answered.id
    if topic is not None:
        message.top, message.in_topic = topic, True
    elif answered is not None and not channel.broadcast:
        message.top = answered.top or answered.id
    root = channel.history.get(message.top or 0)
    if root is not None:
        root.replies += 1
        root.encoded.clear()


def _topic(channel: Channel, draft: Draft, answered: Message | None) -> int | None:
    """Return the topic that a message goes to; None for none, which is a forum's General topic."""
    if answered is not None and answered.in_topic:
        return answered.top
    return next((place for place in (draft.top, draft.reply_to) if place in (channel.topics or {})), None)


def _post_boxes(
    world: World, sender: Account, party: Account | Group, boxes: list[Account], draft: Draft, *, now: int
) -> Posted:
    copies: dict[int, int] = {}
    answered = sender.messages.get(draft.reply_to or 0)
    written = []
    for box in boxes:
        chat = sender.id if isinstance(party, Account) and box is not sender else party.id
        kind = Kind.PRIVATE if isinstance(party, Account) else Kind.GROUP
        message = _message(box.next_id(), chat, kind, sender, draft, now)
        message.copies = copies
        message.reply_to = answered.copies.get(box.id) if answered is not None and answered.copies else None
        if isinstance(party, Group):
            message.mentions = mentioned(world, party, message, answered)
        copies[box.id] = message.id
        _into_box(box, message)
        written.append((box, message))
    stampeds = {box.id: tell_account(world, box, New(m), now=now, push=draft.push) for box, m in written}
    return Posted(sender.messages[copies[sender.id]], stampeds[sender.id])


def _into_box(box: Account, message: Message) -> None:
    box.messages[message.id] = message
    box.chats[message.chat].append(message)
    if box.id == message.sender:
        box.chats[message.chat].read_inbox = message.id  # who answers has read
    elif box.id in message.mentions:
        note(box, message)


def fill(world: World, channel: Channel, count: int, *, now: int) -> None:
    """Give a channel a past: `title 1`, `title 2`, ... a second apart, written by its members in turn, no updates."""
    authors = [channel.creator] if channel.broadcast else list(channel.members)
    for place in range(count):
        message = Message(
            id=channel.next_id(),
            chat=channel.id,
            kind=Kind.CHANNEL,
            sender=authors[place % len(authors)],
            text=f"{channel.title} {place + 1}",
            date=now - count + place,
            post=channel.broadcast,
        )
        channel.history.append(message)
    channel.log.forget(count)
    for member in channel.members:
        world.accounts[member].channels[channel.id] = channel.last_id
