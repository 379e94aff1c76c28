"""Answers that say what a request brought about: the updates that other sessions get pushed, as one Updates.

Methods that change something use it; nothing is changed here.
"""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.registry import Call
from actors.testing.server.world.updates import wrap

__all__ = ["told"]


def told(call: Call, *first: Any) -> Any:
    """Return Updates of `first` and of everything in the outbox that the caller's account may see.

    The caller's session gets no push of it, so its answer must not leave anything out.
    """
    me = call.account
    updates = list(first)
    users: dict[int, Any] = {}
    chats: dict[int, Any] = {}
    for push in call.world.outbox:
        if me.id in push.receivers and not push.echo:
            built = push.build(me)
            updates += built.updates
            users.update((id(user), user) for user in built.users)  # views are cached: the same user is the same object
            chats.update((id(chat), chat) for chat in built.chats)
    return wrap(updates, list(users.values()), list(chats.values()), call.now)
