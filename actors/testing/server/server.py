"""The server: it listens, knows who is connected, has RPCs answered, pushes updates, and acts out the scripted faults.

The state is in world/, the answers are in methods/, and the wire is in connection.py. run.py makes it and runs it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, assert_never

from actors.testing.server.clock import clock
from actors.testing.server.connection import Connection
from actors.testing.server.faults import PING, PUSH, Cut, Delay, Fail, Faults, Newer, Outcome, Say, Silence, When
from actors.testing.server.keys import Device, KeyRing
from actors.testing.server.limits import Limits
from actors.testing.server.methods import Call, Slow, invoke
from actors.testing.server.methods.peers import chat_name, party_meant
from actors.testing.server.ports import reserved_port
from actors.testing.server.rpc_errors import RpcFailure
from actors.testing.server.state import State, save
from actors.testing.server.timetable import Timetable
from actors.testing.server.tl import Encoded, encode, functions, method_name, newer, types
from actors.testing.server.wire.outgoing import ids
from actors.testing.server.wire.rsa_key import ServerKey
from actors.testing.server.wire.slow_line import Pace
from actors.testing.server.world.parties import Account
from actors.testing.server.world.world import World

__all__ = ["Seen", "Server"]

log = logging.getLogger(__name__)

REMEMBERED_CALLS = 200_000  # per account
BACKLOG = 4096  # connections waiting to be accepted: thousands of clients start at once
IN_FLIGHT = 2  # seconds before a connection's end from which updates may not have arrived
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
    """One Telegram on one port, new or as a saved state says."""

    def __init__(self, state: State | None = None, *, state_file: Path | None = None) -> None:
        self.state_file = state_file
        self.server_key = state.server_key if state is not None else ServerKey()
        self.host, self.port = "", 0
        self._online: defaultdict[int, dict[Connection, None]] = defaultdict(dict)
        self._connections: dict[Connection, None] = {}
        self._delayed: set[asyncio.TimerHandle] = set()
        self._slow: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._coming_back: asyncio.Task[None] | None = None
        self._hold(*((state.keys, state.world) if state is not None else (KeyRing(), World())))

    def _hold(self, keys: KeyRing, world: World) -> None:
        """Hold these logins and this world, with nothing seen and nothing wrong."""
        self.keys = keys
        self.world = world
        self.faults = Faults()
        self.limits = Limits()
        self.paces: dict[int, Pace] = {}  # account -> how slow its lines are
        self.calls: defaultdict[str | None, deque[Seen]] = defaultdict(lambda: deque(maxlen=REMEMBERED_CALLS))
        self._timetable = Timetable(self.world, self.push)

    def save(self) -> None:
        """Write the state to its file, if there is one. Raises OSError."""
        if self.state_file is not None:
            save(State(self.server_key, self.keys, self.world), self.state_file)

    async def start(self, host: str, port: int) -> None:
        """Listen. Port 0 takes a free one, which `port` then names."""
        await self._listen(host=host, port=port)

    async def _listen(self, **where: Any) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), backlog=BACKLOG, **where)
        self.host, self.port = self._listener.sockets[0].getsockname()[:2]
        self._timetable.arm()

    async def restart(self, down_for: float) -> None:
        """Go down as a crash would look to clients, and be back after so many seconds on the same port.

        What the server holds stays; MTProto sessions and delayed answers are forgotten. With 0 it is back on return.
        """
        await self.close()
        self.keys.forget_sessions()
        reserved = reserved_port(self.host, self.port)
        if down_for > 0:
            self._coming_back = asyncio.get_running_loop().create_task(self._come_back(reserved, down_for))
        else:
            await self._listen(sock=reserved)

    async def reset(self) -> None:
        """Become as new, but for address and RSA key: cut everybody, and hold nothing of what was.

        A server that is down is back on return. The clock is the machine's again.
        """
        if self._coming_back is not None:
            await self.restart(0.0)
        self._drop()
        clock.offset = 0.0
        ids.start_over()
        self._hold(KeyRing(), World())

    async def _come_back(self, reserved: socket.socket, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
            await self._listen(sock=reserved)
        except asyncio.CancelledError:
            reserved.close()
            raise
        except OSError as error:
            log.error("cannot listen again: %s", error.strerror)  # noqa: TRY400  a traceback would say no more
        self._coming_back = None

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._coming_back is not None:
            self._coming_back.cancel()
            self._coming_back = None
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        self._drop()
        if listener is not None:
            await listener.wait_closed()  # since Python 3.12, until the last connection has ended

    def _drop(self) -> None:
        """Cut every connection and forget what was to happen later."""
        self._timetable.cancel()
        for timer in self._delayed:
            timer.cancel()
        for task in self._slow:
            task.cancel()
        self._delayed.clear()
        for connection in list(self._connections):
            connection.cut()

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection; cut one that was accepted just before the server went down."""
        self._connections[connection] = None
        if self._listener is None:
            connection.cut()

    def closed(self, connection: Connection) -> None:
        """Forget a connection, but keep since when its login may miss updates."""
        self._connections.pop(connection, None)
        if connection.account is not None and connection.key is not None and connection.key.lost is None:
            connection.key.lost = clock.now() - IN_FLIGHT
        self._unbind(connection)

    def bind(self, connection: Connection) -> None:
        """File a connection under the account that its key is now logged in with."""
        account = connection.key.account if connection.key is not None else None
        if account is not connection.account and connection in self._connections:
            self._unbind(connection)
            connection.account = account
            if account is not None:
                self._online[account.id][connection] = None
                if account.id in self.paces:
                    connection.set_pace(self.paces[account.id])

    def _unbind(self, connection: Connection) -> None:
        if connection.account is not None:
            there = self._online[connection.account.id]
            there.pop(connection, None)
            if not there:
                del self._online[connection.account.id]
            connection.account = None

    def _rebind(self) -> None:
        """File the connections of logins that others have ended."""
        if self.keys.ended:
            self.keys.ended.clear()
            for connection in list(self._connections):
                self.bind(connection)

    def connections_of(self, account: Account) -> list[Connection]:
        """Return an account's live connections."""
        return list(self._online.get(account.id, ()))

    def hears_ping(self, connection: Connection) -> bool:
        """Tell whether a ping gets its pong. A fault may swallow the ping, or cut the connection."""
        name = connection.account.name if connection.account is not None else None
        outcome = self.faults.decide(name, PING, None) if self.faults else None
        if isinstance(outcome, Cut):
            connection.cut()
        return outcome is None

    def request(self, connection: Connection, message_id: int, request: Any) -> None:
        """Answer an RPC, unless a fault says otherwise."""
        request = self._unwrapped(connection, request)
        method = method_name(type(request))
        name = connection.account.name if connection.account is not None else None
        self.calls[name].append(Seen(method, time.time()))
        outcome = self._trouble(connection.account, method, request) if self.faults or self.limits else None
        match outcome:
            case None:
                self._answer(connection, message_id, request)
            case Fail(message, code):
                connection.reply(message_id, types.RpcError(code, message))
            case Say(data):
                connection.reply(message_id, Encoded(data))
            case Silence():
                pass
            case Cut(When.BEFORE):
                connection.cut()
            case Cut() | Newer():
                self._answer(connection, message_id, request, outcome)
            case Delay(seconds):
                self._after(seconds, lambda: self._answer(connection, message_id, request))
            case _:
                assert_never(outcome)

    def _unwrapped(self, connection: Connection, request: Any) -> Any:
        """Return the RPC inside its wrappers, after noting what the wrappers say."""
        key = connection.key
        assert key is not None  # noqa: S101  RPCs come encrypted
        while isinstance(request, WRAPPERS):
            if isinstance(request, functions.InvokeWithoutUpdatesRequest):
                connection.wants_updates = False
            elif isinstance(request, functions.InitConnectionRequest):
                key.device = Device(request.api_id, request.device_model, request.system_version, request.app_version)
            request = request.query
        key.active = clock.now()
        return request

    def _trouble(self, account: Account | None, method: str, request: Any) -> Outcome | None:
        """Return what happens to a call by a scripted fault, or else by a limit; None when nothing special happens."""
        chat = chat_name(self.world, request) if self.faults.need_chat else None
        outcome = self.faults.decide(account.name if account is not None else None, method, chat)
        if outcome is None and account is not None and self.limits:
            party = party_meant(self.world, request)
            return self.limits.judge(account, method, request, party, time.monotonic())
        return outcome

    def _after(self, seconds: float, deed: Callable[[], None]) -> None:
        """Do something after a while; a request is carried out then also when the client has left."""

        def due() -> None:
            self._delayed.discard(timer)
            deed()

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._delayed.add(timer)

    def _answer(self, connection: Connection, message_id: int, request: Any, outcome: Outcome | None = None) -> None:
        """Carry a request out and reply: at once, or when a thread has finished its work."""
        assert connection.key is not None  # noqa: S101  RPCs come encrypted
        call = Call(self.world, self.keys, connection.key, clock.now(), self.host, self.port)
        result = self._result(connection, request, lambda: invoke(call, request))
        if isinstance(result, Slow):
            task = asyncio.get_running_loop().create_task(self._work(connection, message_id, request, result, outcome))
            self._slow.add(task)
            task.add_done_callback(self._slow.discard)
            return
        self._reply(connection, message_id, result, outcome)

    async def _work(
        self, connection: Connection, message_id: int, request: Any, slow: Slow, outcome: Outcome | None
    ) -> None:
        work = asyncio.ensure_future(asyncio.to_thread(slow.work))
        await asyncio.wait([work])
        result = self._result(connection, request, lambda: slow.then(work.result()))
        self._reply(connection, message_id, result, outcome)

    def _reply(self, connection: Connection, message_id: int, result: Any, outcome: Outcome | None) -> None:
        if isinstance(outcome, Cut):
            connection.cut()
        else:
            connection.reply(message_id, result if outcome is None else newer(encode(result)))

    def _result(self, connection: Connection, request: Any, answer: Callable[[], Any]) -> Any:
        """Return the TL answer to a request, which may be an RpcError, and push what the request brought about."""
        try:
            result = answer()
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
        """Send the world's outbox to all its receivers who are connected. `origin` gets only what is to be echoed."""
        self._rebind()
        for push in self.world.drain():
            for account_id in self._reached(push.receivers):
                there = self._online[account_id]
                connections = [c for c in there if (push.echo or c is not origin) and c.wants_updates]
                if connections:
                    account = self.world.accounts[account_id]
                    self._deliver(account, connections, Encoded(encode(push.build(account))))
        for key, notice in self.keys.take_notices():
            for connection in [c for c in self._connections if c.key is key]:
                connection.notify(notice)
        self._timetable.arm()

    def _deliver(self, account: Account, connections: list[Connection], updates: Encoded) -> None:
        """Send an update to an account's connections, unless a fault loses it, delays it, or cuts them."""
        outcome = self.faults.decide(account.name, PUSH, None) if self.faults else None
        if isinstance(outcome, Delay):
            self._after(outcome.seconds, lambda: self._tell(connections, updates))
        elif isinstance(outcome, Newer):
            self._tell(connections, types.Updates([newer(updates.data)], [], [], clock.now(), 0))
        elif outcome is None or outcome == Cut(When.AFTER):
            self._tell(connections, updates)
        if isinstance(outcome, Cut):
            for connection in connections:
                connection.cut()

    def _tell(self, connections: list[Connection], updates: Any) -> None:
        for connection in connections:
            connection.notify(updates)

    def _reached(self, receivers: Any) -> Iterator[int]:
        few, many = sorted((receivers, self._online), key=len)
        return iter([account for account in few if account in many])


def _bare(error: BaseException) -> BaseException:
    """Return an exception's type and traceback without its text, which may quote a message."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
