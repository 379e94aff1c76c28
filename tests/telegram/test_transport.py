"""The connection's own work: packets are cut from bytes however these arrive, and every end is told."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from zlib import crc32

import hypothesis.strategies as st
import pytest
from hypothesis import given
from telethon.errors import InvalidBufferError, InvalidChecksumError

from actors.telegram.transport import AHEAD, DirectConnection


class Wire(asyncio.Transport):
    """What a connection writes to: it notes whether it reads, and whether it was cut."""

    def __init__(self) -> None:
        super().__init__()
        self.is_reading_on = True
        self.was_cut = False

    def pause_reading(self) -> None:
        """Stop."""
        self.is_reading_on = False

    def resume_reading(self) -> None:
        """Go on."""
        self.is_reading_on = True

    def abort(self) -> None:
        """Be cut."""
        self.was_cut = True


def framed(body: bytes, number: int) -> bytes:
    """Return a packet as a server sends it."""
    packet = struct.pack("<ii", len(body) + 12, number) + body
    return packet + struct.pack("<I", crc32(packet))


def connected() -> tuple[DirectConnection, Wire]:
    """Return a connection that is up, without a network."""
    connection, wire = DirectConnection("127.0.0.1", 1, 2, loggers={}), Wire()
    connection._wire, connection._connected = wire, True
    return connection, wire


async def read(connection: DirectConnection, many: int) -> list[bytes]:
    """Return so many packets."""
    return [await connection.recv() for _ in range(many)]


@given(bodies=st.lists(st.binary(max_size=300), max_size=8), cuts=st.lists(st.integers(1, 50), max_size=40))
def test_packets_are_the_same_however_their_bytes_arrive(bodies: list[bytes], cuts: Sequence[int]) -> None:
    """In order, each once, at every way to cut the stream."""
    connection, _ = connected()
    stream = b"".join(framed(body, number) for number, body in enumerate(bodies))
    for cut in cuts:
        connection.data_received(stream[:cut])
        stream = stream[cut:]
    connection.data_received(stream)
    assert asyncio.run(read(connection, len(bodies))) == bodies


def test_a_damaged_packet_is_told_and_the_next_one_is_read() -> None:
    """The checksum is looked at."""
    connection, _ = connected()
    damaged = bytearray(framed(b"hello", 0))
    damaged[9] ^= 1
    connection.data_received(bytes(damaged) + framed(b"again", 1))

    async def main() -> None:
        with pytest.raises(InvalidChecksumError):
            await connection.recv()
        assert await connection.recv() == b"again"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(struct.pack("<iii", -429, -429, -429), 429, id="twice in the head and once after it"),
        pytest.param(struct.pack("<iii", -404, -404, -404), 404, id="no such key"),
    ],
)
def test_an_error_of_the_servers_is_told_by_its_code(data: bytes, code: int) -> None:
    """It comes in the place of a packet."""
    connection, _ = connected()
    connection.data_received(data)
    with pytest.raises(InvalidBufferError) as caught:
        asyncio.run(read(connection, 1))
    assert caught.value.code == code


def test_what_can_be_no_packet_ends_the_connection() -> None:
    """A length that leaves no room for head and checksum."""
    connection, wire = connected()
    connection.data_received(struct.pack("<ii", 3, 0))
    assert wire.was_cut
    with pytest.raises(InvalidBufferError):
        asyncio.run(read(connection, 1))


def test_what_a_server_said_before_it_closed_is_read_before_the_end() -> None:
    """Whole packets, four bytes that refuse a key, and then the end, which stays."""
    connection, wire = connected()
    connection.data_received(framed(b"last words", 0) + struct.pack("<i", -404))
    connection.eof_received()
    connection.connection_lost(None)
    assert wire.was_cut

    async def main() -> None:
        assert await read(connection, 2) == [b"last words", struct.pack("<i", -404)]
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await connection.recv()
        with pytest.raises(ConnectionError):
            await connection.send(b"too late")

    asyncio.run(main())


def test_a_server_waits_while_nobody_asks_for_what_has_arrived() -> None:
    """So memory is bounded; it goes on once there is room."""
    connection, wire = connected()
    body = bytes(AHEAD // 4)
    for number in range(5):
        connection.data_received(framed(body, number))
    assert not wire.is_reading_on
    assert asyncio.run(read(connection, 1)) == [body]
    assert wire.is_reading_on


def test_who_waits_for_a_packet_is_woken_by_the_end() -> None:
    """At once, by a disconnect as well."""

    async def main() -> None:
        connection, _ = connected()
        waiting = asyncio.create_task(connection.recv())
        await asyncio.sleep(0)
        await connection.disconnect()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(waiting, 1)

    asyncio.run(main())
