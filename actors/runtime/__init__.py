"""The asyncio runtime for Pykka, and the only place that knows Pykka's insides."""

from pykka import ActorDeadError, ThreadingActor
from pykka._envelope import Envelope

from actors.runtime import forks  # noqa: F401  a forked child of the process begins anew
from actors.runtime.actor import AsyncioActor
from actors.runtime.envelope import context_of, reply, reply_error
from actors.runtime.future import ActorFuture
from actors.runtime.inbox import Inbox
from actors.runtime.later import later
from actors.runtime.loop import LoopGone, LoopHost, hosted
from actors.runtime.place import Node, Stay, enter
from actors.runtime.priority import PriorityActor
from actors.runtime.ref import AsyncioRef, TypedRef, ask_any, tell_if_alive
from actors.runtime.stream import Stream
from actors.runtime.watchdog import Watchdog

__all__ = [
    "ActorDeadError",
    "ActorFuture",
    "AsyncioActor",
    "AsyncioRef",
    "Envelope",
    "Inbox",
    "LoopGone",
    "LoopHost",
    "Node",
    "PriorityActor",
    "Stay",
    "Stream",
    "ThreadingActor",
    "TypedRef",
    "Watchdog",
    "ask_any",
    "context_of",
    "enter",
    "hosted",
    "later",
    "reply",
    "reply_error",
    "tell_if_alive",
]
