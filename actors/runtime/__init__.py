"""The asyncio runtime for Pykka, and the only place that knows Pykka's insides."""

from pykka import ActorDeadError, ThreadingActor
from pykka._envelope import Envelope

from actors.runtime.actor import AsyncioActor, later
from actors.runtime.envelope import context_of
from actors.runtime.future import ActorFuture
from actors.runtime.host import LoopHost, hosted
from actors.runtime.inbox import Inbox
from actors.runtime.priority import PriorityActor
from actors.runtime.refs import AsyncioRef, AsyncSessionRef, SessionRef, TypedRef, ask_any, tell_if_alive
from actors.runtime.replies import reply, reply_error
from actors.runtime.stream import Stream
from actors.runtime.waits import Node, Occupant, occupy
from actors.runtime.watchdog import Watchdog

__all__ = [
    "ActorDeadError",
    "ActorFuture",
    "AsyncSessionRef",
    "AsyncioActor",
    "AsyncioRef",
    "Envelope",
    "Inbox",
    "LoopHost",
    "Node",
    "Occupant",
    "PriorityActor",
    "SessionRef",
    "Stream",
    "ThreadingActor",
    "TypedRef",
    "Watchdog",
    "ask_any",
    "context_of",
    "hosted",
    "later",
    "occupy",
    "reply",
    "reply_error",
    "tell_if_alive",
]
