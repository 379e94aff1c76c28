"""The asyncio runtime for Pykka, and the only place that knows Pykka's insides."""

from pykka import ActorDeadError
from pykka._envelope import Envelope

from actors.runtime.actor import AsyncioActor, later
from actors.runtime.future import ActorFuture
from actors.runtime.host import LoopHost, hosted
from actors.runtime.inbox import Inbox
from actors.runtime.refs import AsyncioRef, AsyncSessionRef, SessionRef, TypedRef, ask_any
from actors.runtime.stream import Stream

__all__ = [
    "ActorDeadError",
    "ActorFuture",
    "AsyncSessionRef",
    "AsyncioActor",
    "AsyncioRef",
    "Envelope",
    "Inbox",
    "LoopHost",
    "SessionRef",
    "Stream",
    "TypedRef",
    "ask_any",
    "hosted",
    "later",
]
