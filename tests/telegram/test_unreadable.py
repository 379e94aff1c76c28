"""Packets of a newer layer, as they reach Telethon: compressed ones too."""

from __future__ import annotations

from telethon.tl import types
from telethon.tl.core import GzipPacked, TLMessage

from actors.model.updates import Unreadable

from .conftest import Desk, online, run, until, updates_of

NEWER = b"\x1e\xab\x57\x7e" + bytes(16)


def test_a_compressed_packet_that_can_not_be_read_is_acknowledged_and_told(desk: Desk) -> None:
    """The difference that is asked for then brings nothing else."""

    async def test() -> None:
        async with online(desk.config()) as client:
            heard = updates_of(client)
            sender = client.telethon._sender
            await sender._process_message(TLMessage(4_001, 1, GzipPacked(NEWER)))
            assert 4_001 in sender._pending_ack
            await until(lambda: heard)
            assert heard == [Unreadable(None, 1)]
            await sender._process_message(TLMessage(4_005, 3, GzipPacked(bytes(types.UpdatesTooLong()))))
            await until(lambda: 4_005 in sender._pending_ack or not sender._pending_ack)

    run(test())


def test_a_state_that_can_not_be_read_is_a_sign_of_life(desk: Desk) -> None:
    """Or a health check would replace the client again and again."""

    async def test() -> None:
        alice = desk.config()
        async with online(alice) as client:
            desk.telegram.fail("updates.getState", account=alice.name, newer=True)
            await client.catch_up()

    run(test())
