"""A forked child of the process, in which no thread of the parent's runs: what it finds here is made anew.

The parent's loops and the actors on them stay where they are. To the child they are dead, and say why; actors of its
own live on loops of its own. Nothing calls this but `os.fork`, in the child (multiprocessing's default on Linux before
Python 3.14, servers that fork their workers). What other threads held at that moment is locked for ever, so every lock
is a new one.
"""

from __future__ import annotations

import os
import threading

from pykka import ActorRegistry

from actors.runtime import cycles, loop
from actors.runtime.actor import AsyncioActor
from actors.runtime.place import NOWHERE, go

__all__: list[str] = []

_of_the_parent: list[loop.LoopHost] = []
"""Kept for ever: a loop that is collected closes itself, and its selector is one with the parent's."""


def _begin_anew() -> None:
    hosts = loop.begin_anew()
    _of_the_parent.extend(hosts)
    cycles.begin_anew()
    go(NOWHERE)
    ActorRegistry._actor_refs_lock = threading.RLock()
    left = [actor for host in hosts for actor in host.actors.values() if isinstance(actor, AsyncioActor)]
    for actor in left:
        actor.actor_inbox.orphan()
        actor.actor_stopped._at_fork_reinit()  # type: ignore[attr-defined]  # as `threading` itself does in a child
        actor.actor_stopped.set()
    dead = {actor.actor_urn for actor in left}
    ActorRegistry._actor_refs[:] = [ref for ref in ActorRegistry._actor_refs if ref.actor_urn not in dead]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
