"""The three transports: TcpFull, abridged, intermediate, by Telethon and byte by byte."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st
from telethon.network import ConnectionTcpAbridged, ConnectionTcpFull, ConnectionTcpIntermediate

from actors.testing import Loopback
from actors.testing.server.wire.framing import Encrypted, Framing
from actors.testing.server.wire.packets import PACKET_LIMIT, BrokenFrame, Cutter
from tests.testing.server.clients import connected, stranger
from tests.testing.server.frames import FRAMES
from tests.testing.server.pictures import named

TRANSPORTS = [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_megabytes_go_both_ways_on_every_transport(telegram: Loopback, transport: type) -> None:
    """Packets far longer than a read of the socket, of all lengths."""
    data = Random(7).randbytes(1_234_567)  # noqa: S311  noise for a test
    name = f"up-{transport.__name__}"
    async with connected(telegram.add_session(name), connection=transport) as client:
        message = await client.send_file("me", named(data, "noise.bin"))
        assert await client.download_media(message, bytes) == data
        texts = [await client.send_message("me", "x" * length) for length in range(100, 1000, 44)]
        assert len(texts) == 21


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_stranger_gets_a_key_on_every_transport(telegram: Loopback, transport: type) -> None:
    """The whole key exchange."""
    async with stranger(telegram.address, connection=transport) as client:
        assert client.session.auth_key is not None


def _payloads(draw: Any) -> list[bytes]:
    lengths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=5))
    longer = draw(st.sampled_from([0, 8, 120]))
    return [bytes(range(1, 25)) + bytes([place + 1]) * (length + longer) * 16 for place, length in enumerate(lengths)]


@st.composite
def _streams(draw: Any) -> tuple[str, list[bytes], list[int]]:
    kind = draw(st.sampled_from(sorted(FRAMES)))
    payloads = _payloads(draw)
    total = sum(len(FRAMES[kind](payload, number)) for number, payload in enumerate(payloads))
    return kind, payloads, sorted(draw(st.lists(st.integers(0, total), max_size=6)))


@given(_streams())
def test_packets_arrive_whole_however_the_bytes_are_cut(stream: tuple[str, list[bytes], list[int]]) -> None:
    """Every transport, every way to split the bytes."""
    kind, payloads, cuts = stream
    data = b"".join(FRAMES[kind](payload, number) for number, payload in enumerate(payloads))
    framing, packets = Framing(), []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        packets += list(framing.feed(data[start:end]))
    assert all(isinstance(packet, Encrypted) for packet in packets)
    assert [bytes(packet.encrypted_data) for packet in packets] == [payload[24:] for payload in payloads]  # type: ignore[union-attr]  # as just checked


@pytest.mark.parametrize(
    "head",
    [
        struct.pack("<II", 2**31 - 4, 0),
        struct.pack("<II", PACKET_LIMIT + 4, 0),
        struct.pack("<II", 8, 0),
        struct.pack("<II", 13, 0),
        struct.pack("<II", 100, 1),
        b"\xef\x7f\xff\xff\xff",
        b"\xef\x00\x00\x00",
        b"\xee" * 4 + struct.pack("<I", 2**31 - 1),
        b"\xdd" * 4 + struct.pack("<I", PACKET_LIMIT + 1),
        b"POST /api HTTP/1.1\r\n",
        b"GET /apiws HTTP/1.1\r\n",
        bytes(range(64, 128)),
    ],
)
def test_a_hostile_length_is_refused_at_once_and_nothing_is_set_aside_for_it(head: bytes) -> None:
    """As are HTTP and obfuscated transports."""
    tracemalloc.start()
    with pytest.raises(BrokenFrame):
        list(Framing().feed(head))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


@given(st.binary(max_size=300), st.integers(1, 40))
def test_a_cutter_loses_and_invents_no_byte(data: bytes, step: int) -> None:
    """What comes out is what went in, in order, up to where it breaks."""
    cutter, out = Cutter(), b""
    with contextlib.suppress(BrokenFrame):
        for place in range(0, len(data), step):
            out += b"".join(cutter.feed(data[place : place + step]))
    assert data.startswith(out)
