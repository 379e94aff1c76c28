"""Editing, deleting, pinning and reacting to messages. It is pure: it changes the world and fills its outbox.

Who may do it is decided in methods/editing.py, methods/pins.py and methods/reactions.py, which call it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from actors.testing.server.tl import types
from actors.testing.server.world.log import Deleted, Edited, Pinned, Stamped
from actors.testing.server.world.message_views import reactions_view
from actors.testing.server.world.messages import Message
from actors.testing.server.world.parties import Account, Channel
from actors.testing.server.world.party_views import faces, peer
from actors.testing.server.world.recording import tell_account, tell_channel
from actors.testing.server.world.updates import wrap
from actors.testing.server.world.world import World

__all__ = ["delete", "delete_for_all", "edit", "pin", "react"]


def _copies(world: World, message: Message) -> Iterator[tuple[Account, Message]]:
    """Yield the copies of a message that are still in accounts' boxes, each with its box."""
    for account_id, message_id in (message.copies or {}).items():
        box = world.accounts[account_id]
        copy = box.messages.get(message_id)
        if copy is not None:
            yield box, copy


def edit(world: World, message: Message, text: str, entities: list[Any] | None, *, now: int) -> None:
    """Change a message's text in every box that holds it."""
    if message.is_channel:
        _rewrite(message, text, entities, now)
        tell_channel(world, world.channels[message.chat], Edited(message), now=now)
        return
    for box, copy in list(_copies(world, message)):
        _rewrite(copy, text, entities, now)
        tell_account(world, box, Edited(copy), now=now)


def _rewrite(message: Message, text: str, entities: list[Any] | None, now: int) -> None:
    message.text, message.entities, message.edit_date = text, entities, now
    message.encoded.clear()


def delete(world: World, box: Account | Channel, ids: Iterable[int], *, now: int) -> Stamped | None:
    """Delete messages from one box; None when none of them was there."""
    if isinstance(box, Channel):
        gone = box.history.discard(ids)
        # Also to the session that deletes: Telethon can't tell from the answer that the channel's pts moved.
        return tell_channel(world, box, Deleted(tuple(gone)), now=now, count=len(gone), echo=True) if gone else None
    gone = [message_id for message_id in dict.fromkeys(ids) if message_id in box.messages]
    for message_id in gone:
        box.chats[box.messages.pop(message_id).chat].discard((message_id,))
    return tell_account(world, box, Deleted(tuple(gone)), now=now, count=len(gone)) if gone else None


def delete_for_all(world: World, messages: Iterable[Message], *, now: int) -> None:
    """Delete messages of accounts' boxes from every box that holds a copy."""
    doomed: defaultdict[int, list[int]] = defaultdict(list)
    for message in messages:
        for account_id, message_id in (message.copies or {}).items():
            doomed[account_id].append(message_id)
    for account_id, ids in doomed.items():
        delete(world, world.accounts[account_id], ids, now=now)


def pin(
    world: World, messages: list[Message], *, pinned: bool, now: int, only: Account | None = None, echo: bool = False
) -> None:
    """Pin or unpin messages of one chat, for everybody or in one account's box only."""
    first = messages[0]
    if first.is_channel:
        event = _set_pinned(messages, pinned=pinned)
        tell_channel(world, world.channels[first.chat], event, now=now, count=len(messages), echo=echo)
        return
    boxes: defaultdict[int, list[Message]] = defaultdict(list)
    for message in messages:
        for box, copy in _copies(world, message):
            if (only is None or only is box) and copy.pinned is not pinned:
                boxes[box.id].append(copy)
    for account_id, copies in boxes.items():
        event = _set_pinned(copies, pinned=pinned)
        tell_account(world, world.accounts[account_id], event, now=now, count=len(copies))


def _set_pinned(messages: list[Message], *, pinned: bool) -> Pinned:
    for message in messages:
        message.pinned = pinned
        message.encoded.clear()
    return Pinned(messages[0].kind, messages[0].chat, tuple(message.id for message in messages), pinned)


def react(world: World, account: Account, message: Message, emojis: tuple[str, ...], *, now: int) -> None:
    """Set an account's reactions to a message. Everybody online learns it. No pts counts it, as on Telegram."""
    given = message.reactions if message.reactions is not None else {}
    given.pop(account.id, None)
    if emojis:
        given[account.id] = emojis
    if message.is_channel:
        _tell_reaction(world, message, world.channels[message.chat].members, given, now)
        return
    for box, copy in _copies(world, message):
        _tell_reaction(world, copy, (box.id,), given, now)


def _tell_reaction(world: World, message: Message, receivers: Any, given: dict[int, tuple[str, ...]], now: int) -> None:
    message.reactions = given

    def build(viewer: Account) -> Any:
        update = types.UpdateMessageReactions(
            peer(message.kind, message.chat), message.id, reactions_view(viewer, message)
        )
        users, chats = faces(world, viewer, (message,))
        return wrap([update], users, chats, now)

    world.push(receivers, build)
