"""From names and ids to peers, against a real server."""

from __future__ import annotations

import pytest

from actors.model.errors import InvalidInput, TelegramError, Verdict

from .conftest import Desk, online, raised_by, run

TEXT = "hello there"


def test_a_username_is_resolved_once(desk: Desk) -> None:
    """The second time the directory knows, in whatever form it is asked for."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        async with online(config) as client:
            peer = await client.resolve(f"@{bob.name}")
            assert [await client.resolve(form) for form in (bob.name.upper(), peer.id, peer)] == [peer] * 3
        assert desk.calls(config).count("contacts.resolveUsername") == 1

    run(test())


def test_a_channel_is_found_by_its_id_in_both_notations(desk: Desk) -> None:
    """Telegram's own number, and the marked one of Telethon and bots."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name)
        async with online(config) as client:
            channel = await client.resolve(name)
            assert (channel.kind, channel.username, channel.broadcast) == ("channel", name, False)
            assert await client.resolve(-1_000_000_000_000 - channel.id) == channel
            assert await client.resolve(channel.id) == channel

    run(test())


@pytest.mark.parametrize("name", ["", "two words", "+4915112345678", "@a-b", "@" + "x" * 33])
def test_a_malformed_name_is_refused_before_anything_is_sent(desk: Desk, name: str) -> None:
    """And it isn't shown: it may be a phone number."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            error = await raised_by(client.resolve(name))
        assert isinstance(error, InvalidInput)
        assert error.field == "peer"
        assert not name or name not in str(error)
        assert "contacts.resolveUsername" not in desk.calls(config)

    run(test())


def test_a_name_that_nobody_has_is_permanent(desk: Desk) -> None:
    """To ask again would change nothing."""

    async def test() -> None:
        async with online(desk.config()) as client:
            error = await raised_by(client.resolve("@nobody_at_all"))
            assert isinstance(error, TelegramError)
            assert (error.verdict, error.name) == (Verdict.OPERATION_PERMANENT, "USERNAME_NOT_OCCUPIED")

    run(test())


def test_an_id_that_was_never_met_is_refused(desk: Desk) -> None:
    """Without an access hash Telegram wouldn't know whom it means."""

    async def test() -> None:
        async with online(desk.config()) as client:
            error = await raised_by(client.resolve(987654321))
            assert isinstance(error, InvalidInput)
            assert "987654321" in error.problem

    run(test())


def test_a_stale_access_hash_makes_the_next_resolve_ask_again(desk: Desk) -> None:
    """The name may have gone to somebody else."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        async with online(config) as client:
            peer = await client.resolve(bob.name)
            desk.telegram.fail("messages.sendMessage", account=config.name, error="PEER_ID_INVALID", times=1)
            error = await raised_by(client.send_message(peer, TEXT, random_id=9))
            assert isinstance(error, TelegramError)
            assert error.verdict is Verdict.REFRESH_INPUT
            assert await client.resolve(bob.name) == peer
        assert desk.calls(config).count("contacts.resolveUsername") == 2

    run(test())
