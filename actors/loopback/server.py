"""The server: listens, knows who is connected, has RPCs answered, pushes updates, and acts out the scripted faults.

Not the state (world/), not the answers (methods/), not the wire (connection.py). Made and run by run.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, NamedTuple, assert_never

from actors.loopback.connection import Connection
from actors.loopback.faults import PING, Cut, Delay, Fail, Faults, Silence, When
from actors.loopback.keys import KeyRing
from actors.loopback.methods import Call, invoke
from actors.loopback.methods.peers import chat_name
from actors.loopback.rpcerrors import RpcFailure
from actors.loopback.rsakey import ServerKey
from actors.loopback.tl import Encoded, encode, functions, method_name, types
from actors.loopback.world.parties import Account
from actors.loopback.world.world import World

__all__ = ["Seen", "Server"]

log = logging.getLogger(__name__)

REMEMBERED_CALLS = 200_000  # per account
BACKLOG = 4096  # connections waiting to be accepted: thousands of clients start at once
WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithoutUpdatesRequest,
)


class Seen(NamedTuple):
    """An RPC that came in: its name and the Unix time."""

    method: str
    at: float


class Server:
    """One Telegram on one port."""

    def __init__(self) -> None:
        self.server_key = ServerKey()
        self.keys = KeyRing()
        self.world = World()
        self.faults = Faults()
        self.calls: defaultdict[str | None, deque[Seen]] = defaultdict(lambda: deque(maxlen=REMEMBERED_CALLS))
        self.host, self.port = "", 0
        self._online: defaultdict[int, dict[Connection, None]] = defaultdict(dict)
        self._connections: dict[Connection, None] = {}
        self._delayed: set[asyncio.TimerHandle] = set()
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one, then found in `port`."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), host, port, backlog=BACKLOG)
        self.host, self.port = self._listener.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._listener is not None:
            self._listener.close()
        for timer in self._delayed:
            timer.cancel()
        for connection in list(self._connections):
            connection.cut()
        if self._listener is not None:
            await self._listener.wait_closed()

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection."""
        self._connections[connection] = None

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.pop(connection, None)
        self._unbind(connection)

    def bind(self, connection: Connection) -> None:
        """File a connection under the account that its key is now logged in with."""
        account = connection.key.account if connection.key is not None else None
        if account is not connection.account and connection in self._connections:
            self._unbind(connection)
            connection.account = account
            if account is not None:
                self._online[account.id][connection] = None

    def _unbind(self, connection: Connection) -> None:
        if connection.account is not None:
            there = self._online[connection.account.id]
            there.pop(connection, None)
            if not there:
                del self._online[connection.account.id]
            connection.account = None

    def connections_of(self, account: Account) -> list[Connection]:
        """Return an account's live connections."""
        return list(self._online.get(account.id, ()))

    def hears_ping(self, connection: Connection) -> bool:
        """Tell whether a ping gets its pong: a fault swallows it, and a cut cuts."""
        name = connection.account.name if connection.account is not None else None
        outcome = self.faults.decide(name, PING, None) if self.faults else None
        if isinstance(outcome, Cut):
            connection.cut()
        return outcome is None

    def request(self, connection: Connection, message_id: int, request: Any) -> None:
        """Have an RPC answered, unless a fault says otherwise."""
        while isinstance(request, WRAPPERS):
            if isinstance(request, functions.InvokeWithoutUpdatesRequest):
                connection.wants_updates = False
            request = request.query
        method = method_name(type(request))
        name = connection.account.name if connection.account is not None else None
        self.calls[name].append(Seen(method, time.time()))
        outcome = self._fault(name, method, request) if self.faults else None
        match outcome:
            case None:
                self._answer(connection, message_id, request)
            case Fail(message, code):
                connection.reply(message_id, types.RpcError(code, message))
            case Silence():
                pass
            case Cut(When.BEFORE):
                connection.cut()
            case Cut():
                self._result(connection, request)
                connection.cut()
            case Delay(seconds):
                self._later(seconds, connection, message_id, request)
            case _:
                assert_never(outcome)

    def _fault(self, name: str | None, method: str, request: Any) -> Any:
        chat = chat_name(self.world, request) if self.faults.need_chat else None
        return self.faults.decide(name, method, chat)

    def _later(self, seconds: float, connection: Connection, message_id: int, request: Any) -> None:
        """Do it after a while, also when the client has left by then."""

        def due() -> None:
            self._delayed.discard(timer)
            self._answer(connection, message_id, request)

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._delayed.add(timer)

    def _answer(self, connection: Connection, message_id: int, request: Any) -> None:
        result = self._result(connection, request)
        connection.reply(message_id, result)

    def _result(self, connection: Connection, request: Any) -> Any:
        """Return the TL answer to a request, an RpcError if it must be, and push what it brought about."""
        assert connection.key is not None  # noqa: S101  RPCs come encrypted
        call = Call(self.world, connection.key, int(time.time()), self.host, self.port)
        try:
            result = invoke(call, request)
        except RpcFailure as failure:
            if failure.message.startswith("METHOD_NOT_SUPPORTED"):
                log.warning("%s", failure.message)
            result = types.RpcError(failure.code, failure.message)
        except Exception as error:  # a bug of ours: say so to both sides, without the request's contents
            log.exception("%s failed", method_name(type(request)), exc_info=_bare(error))
            result = types.RpcError(400, f"LOOPBACK_BUG_{type(error).__name__}".upper())
        self.bind(connection)
        self.push(origin=connection)
        return result

    def push(self, *, origin: Connection | None = None) -> None:
        """Send the world's outbox to everybody it is for who is connected, except over `origin`."""
        for push in self.world.drain():
            for account_id in self._reached(push.receivers):
                connections = [c for c in self._online[account_id] if c is not origin and c.wants_updates]
                if connections:
                    updates = Encoded(encode(push.build(self.world.accounts[account_id])))
                    for connection in connections:
                        connection.notify(updates)

    def _reached(self, receivers: Any) -> Iterator[int]:
        if len(receivers) <= len(self._online):
            return iter([account for account in receivers if account in self._online])
        return iter([account for account in self._online if account in receivers])


def _bare(error: BaseException) -> BaseException:
    """Return an exception's type and traceback without its text, which may quote a message."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
