"""The short run: a few hundred strangers, and the hostile lengths that must set nothing aside."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.testing.server.frames import TAGS
from tests.whole.fuzz.siege import PATIENCE, Siege, siege

MEGABYTE = 1024 * 1024
CLAIMS = {
    "full": struct.pack("<II", MEGABYTE, 0),
    "abridged": TAGS["abridged"] + b"\x7f" + (MEGABYTE // 4).to_bytes(3, "little"),
    "intermediate": TAGS["intermediate"] + struct.pack("<I", MEGABYTE),
    "padded": TAGS["padded"] + struct.pack("<I", MEGABYTE),
}


@pytest.fixture(scope="module")
def besieged() -> Iterator[Siege]:
    """One server for this module."""
    with siege() as besieged:
        yield besieged


def test_the_server_outlives_strangers_and_answers_others_meanwhile(besieged: Siege) -> None:
    """Each is hung up on; after each batch a healthy client is answered, and memory is where it was."""
    besieged.run(200)
    assert besieged.count >= 200


@pytest.mark.parametrize("transport", CLAIMS)
def test_a_claim_of_a_megabyte_sets_no_megabyte_aside(besieged: Siege, transport: str) -> None:
    """200 connections that promise the longest packet there is, and wait."""
    besieged.look()
    before = besieged.memory()
    address = (besieged.telegram.address.host, besieged.telegram.address.port)
    strangers = [socket.create_connection(address, PATIENCE) for _ in range(200)]
    try:
        for stranger in strangers:
            stranger.sendall(CLAIMS[transport] + bytes(100))
        besieged.look()
        assert besieged.memory() - before < 20 * 1024
    finally:
        for stranger in strangers:
            stranger.close()


def test_a_stranger_who_never_reads_costs_no_memory_and_nobodys_time(besieged: Siege) -> None:
    """What waits for it is bounded, and others are answered."""
    address = (besieged.telegram.address.host, besieged.telegram.address.port)
    with socket.create_connection(address, PATIENCE) as stranger:
        unknown, before = struct.pack("<q", 7) + bytes(24 + 16), besieged.memory()
        stranger.settimeout(PATIENCE)
        stranger.sendall(TAGS["intermediate"])
        for _ in range(200):
            stranger.sendall((struct.pack("<I", len(unknown)) + unknown) * 1000)
        besieged.look()
        assert besieged.memory() - before < 20 * 1024
