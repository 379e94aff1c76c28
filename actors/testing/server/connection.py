"""One client's TCP connection: bytes come in, messages go out. The server makes one for each client.

It doesn't know what a message means: server.py and service.py do. Whatever a stranger sends, only this connection
suffers: a broken frame or a wrong msg_key closes it.
"""

from __future__ import annotations

import asyncio
import logging
from enum import Enum
from typing import Any, Protocol

from actors.testing.server.clock import clock
from actors.testing.server.keys import Key, KeyRing
from actors.testing.server.service import NEVER_CONTENT, PINGS, SERVICES, Scene
from actors.testing.server.tl import MalformedRequest, encode, gzipped, inflate, parse, rpc_result, types
from actors.testing.server.wire.cipher import CannotDecrypt, Message, decrypt, encrypt
from actors.testing.server.wire.containers import BadContainer, Part, contents
from actors.testing.server.wire.framing import BrokenFrame, Encrypted, Framing, Plain
from actors.testing.server.wire.handshake import Handshake, HandshakeFailed
from actors.testing.server.wire.outgoing import NOTICE, REPLY, Outgoing, ids
from actors.testing.server.wire.received import Bad, Received, clock_error
from actors.testing.server.wire.rsa_key import ServerKey
from actors.testing.server.wire.slow_line import Pace, SlowLine
from actors.testing.server.world.parties import Account

__all__ = ["Connection", "Host", "Way"]

log = logging.getLogger(__name__)

UNKNOWN_KEY = 404  # transport error (https://core.telegram.org/mtproto/mtproto-transports#transport-errors)
MUCH = 64 * 1024  # bytes of a message that is worth a write of its own
BACKLOG = 64 * 1024 * 1024  # bytes that a client may leave unread before it is cut


class Way(Enum):
    """A direction of a connection, as the server sees it."""

    IN = "in"
    OUT = "out"


class Host(Protocol):
    """What a connection needs of the server."""

    server_key: ServerKey
    keys: KeyRing

    def opened(self, connection: Connection) -> None:
        """Note that a connection is open."""

    def closed(self, connection: Connection) -> None:
        """Note that a connection is closed."""

    def bind(self, connection: Connection) -> None:
        """Note that the account behind a connection may have changed."""

    def request(self, connection: Connection, message_id: int, request: Any) -> None:
        """Carry out an RPC, now or later, and reply."""

    def hears_ping(self, connection: Connection) -> bool:
        """Tell whether a ping is answered. It isn't while a fault keeps the server silent."""


class Connection(asyncio.Protocol):
    """The server's end of one connection. `key` is None until the client has shown one."""

    def __init__(self, host: Host) -> None:
        self.key: Key | None = None
        self.account: Account | None = None  # as the host has bound it
        self.wants_updates = True
        self._host = host
        self._framing = Framing()
        self._handshake: Handshake | None = None
        self._session = 0
        self._outgoing = Outgoing()
        self._flush_due = False
        self._transport: asyncio.Transport | None = None
        self._line: SlowLine | None = None
        self._swallows: frozenset[Way] = frozenset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note that the socket is open (asyncio's hook)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  asyncio's promise for TCP
        transport.set_write_buffer_limits(high=BACKLOG)
        self._transport = transport
        self._host.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Note that the socket is closed (asyncio's hook)."""
        self._transport = None
        self.set_pace(None)
        self._host.closed(self)

    def set_pace(self, pace: Pace | None) -> None:
        """Make the line slow; with None, as fast as it can be."""
        line, self._line = self._line, None
        if line is not None:
            line.end(flush=self._transport is not None)
        if pace is not None and self._transport is not None:
            self._line = SlowLine(self._transport, pace)

    def swallow(self, ways: frozenset[Way]) -> None:
        """Be dead in these directions from now on, and stay open, as behind a NAT that has forgotten the line."""
        self._swallows |= ways

    def pause_writing(self) -> None:
        """Note that the client has stopped reading (asyncio's hook)."""
        log.warning("a client reads nothing: cut")
        self.cut()

    def data_received(self, data: bytes) -> None:
        """Take bytes that came (asyncio's hook)."""
        if Way.IN in self._swallows:
            return
        if self._line is not None:
            self._line.received(len(data))
        self._flush_due = True  # below, in this turn of the loop: a turn more would cost as much as the call itself
        try:
            for packet in self._framing.feed(data):
                if self._transport is not None:
                    self._packet(packet)
            self._flush()
        except (BrokenFrame, CannotDecrypt, HandshakeFailed) as error:
            log.info("a connection was closed: %s", type(error).__name__)
            self.cut()

    def cut(self) -> None:
        """Close the connection at once. Unsent bytes are dropped."""
        transport, self._transport = self._transport, None
        if transport is not None:
            self.set_pace(None)
            transport.abort()
            self._host.closed(self)

    def _packet(self, packet: Encrypted | Plain) -> None:
        if isinstance(packet, Plain):
            self._exchange(packet.message_data)
            return
        key = self._host.keys.get(packet.auth_key_id)
        if key is None:
            self._write(self._framing.error(UNKNOWN_KEY))
            return
        self._message(key, decrypt(key.auth, packet.message_key, packet.encrypted_data))

    def _exchange(self, body: bytes) -> None:
        """Take a step of the key exchange. A client may start over."""
        self._handshake = self._handshake or Handshake(self._host.server_key)
        answer = self._handshake.answer(body, clock.now())
        if self._handshake.key is not None:
            self._host.keys.add(self._handshake.key)
            self._handshake = None
        self._write(self._framing.plain(ids.next(REPLY), encode(answer)))

    def _message(self, key: Key, message: Message) -> None:
        if key is not self.key or message.session_id != self._session:
            self._flush()
            self._flush_due = True
            self.key, self._session, self._outgoing = key, message.session_id, Outgoing()
            self._host.bind(self)
        problem = self._envelope_problem(key, message)
        if problem is not None:
            self._correct(problem)
            return
        received = key.sessions.get(message.session_id)
        if received is None:
            received = key.begin(message.session_id)
            self.notify(types.NewSessionCreated(message.message_id, ids.next(0), key.salt))
        for part in self._parts(received, message):
            self._part(key, received, part)

    def _envelope_problem(self, key: Key, message: Message) -> Any:
        if message.salt != key.salt:
            return types.BadServerSalt(message.message_id, message.sequence, Bad.SALT, key.salt)
        code = clock_error(message.message_id, clock.now())
        return None if code is None else types.BadMsgNotification(message.message_id, message.sequence, code)

    def _refuse(self, part: Part | Message, code: Bad) -> None:
        message_id = part.id if isinstance(part, Part) else part.message_id
        self._correct(types.BadMsgNotification(message_id, part.sequence, code))

    def _parts(self, received: Received, message: Message) -> list[Part]:
        """Return the messages in a message. A bad container gives none, and its sender is told why."""
        try:
            parts = contents(message.body)
        except BadContainer:
            self._refuse(message, Bad.CONTAINER)
            return []
        if parts is None:
            return [Part(message.message_id, message.sequence, message.body)]
        bad = Bad.SEQUENCE_ODD if message.sequence % 2 else None
        if message.message_id in received:
            bad = Bad.CONTAINER_REPLAYED
        bad = bad or received.problem(message.message_id, message.sequence, clock.now())
        if bad is not None:
            self._refuse(message, bad)
            return []
        received.add(message.message_id, message.sequence)
        return parts

    def _part(self, key: Key, received: Received, part: Part) -> None:
        if self._transport is None:
            return
        if part.id in received:  # done already, or being done: only the acknowledgement was lost
            self._send(encode(types.MsgsAck([part.id])), content=False)
            return
        try:
            request = parse(inflate(part.body))
        except MalformedRequest as error:
            log.warning("no such request: constructor %08x", error.constructor)
            received.add(part.id, part.sequence)
            self.reply(part.id, types.RpcError(400, f"INPUT_METHOD_INVALID_{error.constructor}"))
            return
        bad = received.problem(part.id, part.sequence, clock.now()) or _parity_problem(request, part.sequence)
        if bad is not None:
            self._refuse(part, bad)
            return
        received.add(part.id, part.sequence)
        self._do(Scene(key, received, part.id, clock.now()), request)

    def _do(self, scene: Scene, request: Any) -> None:
        service = SERVICES.get(type(request))
        if service is None:
            self._host.request(self, scene.message_id, request)
        elif type(request) not in PINGS or self._host.hears_ping(self):
            answer = service(scene, request)
            if answer is not None:
                self._send(encode(answer), content=False)

    def reply(self, message_id: int, result: Any) -> None:
        """Answer an RPC with a TL object, a bool or a list."""
        body = encode(result)
        packed = body if isinstance(result, types.upload.File) else gzipped(body)  # files are dense already
        self._send(rpc_result(message_id, packed))

    def notify(self, message: Any) -> None:
        """Send a message that nobody asked for, such as updates."""
        self._send(encode(message), kind=NOTICE)

    def _correct(self, message: Any) -> None:
        """Tell a client what was wrong, in a message of its own: a client with a wrong clock heeds nothing else."""
        self._send(encode(message), kind=NOTICE, content=False, alone=True)

    def _send(self, body: bytes, *, kind: int = REPLY, content: bool = True, alone: bool = False) -> None:
        """Queue a message, and send all queued ones at the end of this turn of the loop."""
        if self._transport is None or self.key is None:
            return
        self._outgoing.add(body, kind=kind, content=content, alone=alone)
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Send what has gathered in this turn of the loop: in one write, unless it is much.

        The parts of a file leave one by one, so that the first is on its way while the others are encrypted.
        """
        self._flush_due = False
        packets: list[bytes] = []
        for parcel in self._outgoing.take():
            if self._transport is None or self.key is None:
                return
            message = Message(self.key.salt, self._session, parcel.id, parcel.sequence, parcel.body)
            packets.append(self._framing.encrypted(self.key.auth.id, *encrypt(self.key.auth, message)))
            if len(parcel.body) > MUCH:
                self._write(b"".join(packets))
                packets = []
        self._write(b"".join(packets))

    def _write(self, data: bytes) -> None:
        if self._transport is None or not data or Way.OUT in self._swallows:
            return
        if self._line is None:
            self._transport.write(data)
            return
        self._line.write(data)
        if self._line.backlog > BACKLOG:
            self.pause_writing()


def _parity_problem(request: Any, sequence: int) -> Bad | None:
    """Return what is wrong with a sequence number; None when it is right.

    It is odd for what must be acknowledged, and even for an acknowledgement.
    """
    if type(request) in NEVER_CONTENT:
        return Bad.SEQUENCE_ODD if sequence % 2 else None
    return Bad.SEQUENCE_EVEN if sequence % 2 == 0 and type(request) not in SERVICES else None
