"""Messages that wait for their time, in the list of their writer alone. It is pure: time is a parameter.

The server asks `next_due` when to come back, and calls `release` to send what is due.
https://core.telegram.org/api/scheduled-messages
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.message_views import message_view
from actors.testing.server.world.messages import Kind, Message
from actors.testing.server.world.parties import Account, Party, kind_of
from actors.testing.server.world.party_views import peer, sort_faces
from actors.testing.server.world.posting import Draft, Posted, post
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import Due, World

__all__ = ["cancel", "hurry", "next_due", "release", "reschedule", "schedule", "send_now"]


def schedule(world: World, sender: Account, party: Party, draft: Draft, *, at: int, now: int) -> Posted:
    """Put a message into the sender's list for a chat."""
    sender.last_scheduled += 1
    message = Message(
        id=sender.last_scheduled,
        chat=party.id,
        kind=kind_of(party),
        sender=sender.id,
        text=draft.text,
        date=at,
        random_id=draft.random_id,
        reply_to=draft.reply_to,
        entities=draft.entities,
        origin=draft.origin,
        scheduled=True,
        media=draft.media,
        album=draft.album,
        source=draft.source,
        top=draft.top,
        quote=draft.quote,
    )
    sender.scheduled[party.id].append(message)
    _tell(world, sender, message, now)
    return Posted(message, None)


def _tell(world: World, sender: Account, message: Message, now: int) -> None:
    """Put a message on the agenda, and show it to its writer's sessions."""
    heapq.heappush(world.agenda, Due(message.date, sender.id, message.chat, message.id))
    update = types.UpdateNewScheduledMessage(message_view(sender, message))
    users, chats = sort_faces(world, sender, [world.party(message.kind, message.chat), sender])
    world.push((sender.id,), lambda _: wrap([update], users, chats, now))


def reschedule(
    world: World, sender: Account, message: Message, text: str, entities: list[Any] | None, *, at: int, now: int
) -> None:
    """Change the text and the time of a scheduled message."""
    message.text, message.entities, message.date = text, entities, at
    message.encoded.clear()
    _tell(world, sender, message, now)


def next_due(world: World) -> int | None:
    """Return the Unix time at which the next message is due; None when none waits."""
    return world.agenda[0].at if world.agenda else None


def release(world: World, *, now: int) -> None:
    """Send every message that is due."""
    while world.agenda and world.agenda[0].at <= now:
        _send_due(world, heapq.heappop(world.agenda), now)


def hurry(world: World, *, now: int) -> int:
    """Send everything as if its time had come, in the order of the times; return how many messages that were."""
    return sum(_send_due(world, heapq.heappop(world.agenda), now) for _ in range(len(world.agenda)))


def _send_due(world: World, due: Due, now: int) -> bool:
    """Send one message, unless it was deleted or put off."""
    sender = world.accounts[due.account]
    message = sender.scheduled[due.party].get(due.message)
    if message is None or message.date != due.at:
        return False
    send_now(world, sender, [message], now=now)
    return True


def send_now(world: World, sender: Account, messages: Iterable[Message], *, now: int) -> None:
    """Send scheduled messages of one chat, whether or not they are due."""
    sent: dict[int, int] = {}
    for message in messages:
        party = world.party(message.kind, message.chat)
        draft = Draft(
            message.text,
            message.random_id,
            message.reply_to,
            message.entities,
            origin=message.origin,
            scheduled=True,
            media=message.media,
            album=message.album,
            source=message.source,
            top=message.top,
            quote=message.quote,
        )
        sent[message.id] = post(world, sender, party, draft, now=now).message.id
        _drop(world, sender, message.kind, message.chat, sent, now)
        sent.clear()


def cancel(world: World, sender: Account, party: Party, ids: Iterable[int], *, now: int) -> None:
    """Delete messages from the list without sending them."""
    for message_id in ids:
        _drop(world, sender, kind_of(party), party.id, {message_id: 0}, now)


def _drop(world: World, sender: Account, kind: Kind, chat: int, sent: dict[int, int], now: int) -> None:
    """Drop messages from the list and say so. sent: their ids, with the ids that they got when they were sent."""
    gone = sender.scheduled[chat].discard(sent)
    if gone:
        became = [message_id for message_id in sent.values() if message_id]
        update = types.UpdateDeleteScheduledMessages(peer(kind, chat), gone, became or None)
        users, chats = sort_faces(world, sender, [world.party(kind, chat)])
        world.push((sender.id,), lambda _: wrap([update], users, chats, now))
