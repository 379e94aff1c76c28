"""Which function answers which RPC. The files of the areas register theirs with `@method(...)`; no name is looked up.

A handler takes the Call and the request, and returns a TL object, a bool or a list. It refuses with RpcFailure. What
takes long it returns as Slow: work for a thread, and what to answer then. The server calls `invoke`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.testing.server.keys import Key, KeyRing
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.tl import method_name
from actors.testing.server.world.parties import Account
from actors.testing.server.world.world import World

__all__ = ["Call", "Handler", "Slow", "invoke", "method"]


@dataclass(frozen=True, slots=True)
class Slow:
    """An answer that takes long: `work` runs in a thread, and `then` makes the answer of its result."""

    work: Callable[[], Any]
    then: Callable[[Any], Any]


@dataclass(slots=True)
class Call:
    """What a handler may know: the world, the caller's key, the Unix time, and the server's address."""

    world: World
    keys: KeyRing
    key: Key
    now: int
    host: str
    port: int

    @property
    def account(self) -> Account:
        """The account that is logged in with this key. Raises RpcFailure when there is none."""
        if self.key.account is None:
            raise RpcFailure(self.key.dead or "AUTH_KEY_UNREGISTERED")
        return self.key.account


Handler = Callable[[Call, Any], Any]
HANDLERS: dict[type, Handler] = {}
NOT_FOR_BOTS: set[type] = set()


def method(request_class: type, *, bots: bool = True) -> Callable[[Handler], Handler]:
    """Register the decorated function as the answer to a request class. bots: whether bots may call it."""

    def register(handler: Handler) -> Handler:
        HANDLERS[request_class] = handler
        if not bots:
            NOT_FOR_BOTS.add(request_class)
        return handler

    return register


def invoke(call: Call, request: Any) -> Any:
    """Return the answer to a request. Raises RpcFailure, also for a method that nobody registered."""
    handler = HANDLERS.get(type(request))
    if handler is None:
        # Not a 500: Telethon would quietly try those again.
        raise RpcFailure(f"METHOD_NOT_SUPPORTED: {method_name(type(request))}", code=400)
    if call.key.account is not None and call.key.account.bot and type(request) in NOT_FOR_BOTS:
        raise RpcFailure("BOT_METHOD_INVALID")
    return handler(call, request)
