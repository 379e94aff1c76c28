"""From names and ids to peers, against a real server."""

from __future__ import annotations

from functools import partial

import pytest
from telethon import functions

from actors.model.content import Peer
from actors.model.errors import InvalidInput, PeerLost, TelegramError, Verdict
from actors.telegram.client import TelethonClient
from actors.telegram.factory import telethon_factory

from .conftest import Desk, Watcher, messages_of, online, raised_by, run, until

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


def test_a_stale_access_hash_is_found_anew_at_once(desk: Desk) -> None:
    """By the username, and whoever keeps the old Peer reaches whom it meant from then on."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        async with online(config) as client:
            old = await client.resolve(bob.name)
            desk.telegram.rotate_hashes(config.name)
            sent = await client.send_message(old, TEXT, random_id=9)
            assert (await client.send_message(old, TEXT, random_id=10)).id > sent.id
            new = await client.resolve(old)
            assert (new.id, new.username, new.access_hash != old.access_hash) == (old.id, bob.name, True)
        assert desk.calls(config).count("contacts.resolveUsername") == 2
        assert desk.calls(config).count("messages.sendMessage") == 3

    run(test())


def test_a_stale_hash_without_a_username_says_that_the_peer_is_lost(desk: Desk) -> None:
    """And what to do about it. Once an answer brings the peer again, all is well."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        async with online(config) as client:
            old = await client.resolve(bob.name)
            desk.telegram.set_username(bob.name, None)
            desk.telegram.rotate_hashes(config.name)
            error = await raised_by(client.send_message(old, TEXT, random_id=9))
            assert isinstance(error, PeerLost)
            assert (error.name, error.peer, error.verdict) == ("PEER_ID_INVALID", old.id, Verdict.OPERATION_PERMANENT)
            assert "nobody has its username any more" in str(error)
            desk.telegram.post(config.name, "here I am", author=bob.name)
            await until(lambda: client._directory.refreshed(old).access_hash != old.access_hash)
            await client.send_message(old, TEXT, random_id=9)

    run(test())


def test_a_stale_hash_never_leads_to_who_has_the_name_by_now(desk: Desk) -> None:
    """A Peer means one person, whatever the name; who gives the name means who has it, at the second attempt."""

    async def test() -> None:
        config, bob, eve = desk.config(), desk.config("bob"), desk.config("eve")
        async with online(config) as client:
            old = await client.resolve(bob.name)
            desk.telegram.set_username(bob.name, "bobby_" + bob.name, told=False)
            desk.telegram.set_username(eve.name, bob.name, told=False)
            desk.telegram.rotate_hashes(config.name)
            error = await raised_by(client.send_message(old, TEXT, random_id=9))
            assert isinstance(error, PeerLost)
            assert (error.peer, error.verdict) == (old.id, Verdict.REFRESH_INPUT)
            assert (await client.resolve(bob.name)).id != old.id
        assert desk.telegram.messages(bob.name) == desk.telegram.messages(eve.name) == []

    run(test())


def test_a_refusal_that_a_new_hash_does_not_mend_is_about_something_else(desk: Desk) -> None:
    """As of a bot that nobody has started a chat with: no other attempt would help."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        async with online(config) as client:
            peer = await client.resolve(bob.name)
            for method, call in (
                ("messages.sendMessage", lambda: client.send_message(peer, TEXT, random_id=9)),
                ("messages.getHistory", lambda: client.history(peer, limit=1)),
            ):
                desk.telegram.fail(method, account=config.name, error="PEER_ID_INVALID")
                error = await raised_by(call())
                assert isinstance(error, TelegramError)
                assert (error.name, error.verdict) == ("PEER_ID_INVALID", Verdict.OPERATION_PERMANENT)
                assert desk.calls(config).count(method) == 2

    run(test())


def test_an_id_that_was_only_mentioned_is_found_by_its_username(desk: Desk) -> None:
    """As of somebody who came along as `min`, or whose hash was refused."""

    async def test() -> None:
        config, bob = desk.config(), desk.config("bob")
        channel = desk.channel(config.name, bob.name)
        desk.telegram.veil(bob.name, "min", account=config.name)
        desk.telegram.post(channel, "hi", author=bob.name)
        async with online(config) as client:
            (message,) = (await client.history(await client.resolve(channel), limit=1)).messages
            assert message.sender_id is not None
            found = await client.resolve(message.sender_id)
            assert (found.username, bool(found.access_hash)) == (bob.name, True)

    run(test())


def test_an_account_without_a_username_finds_itself_anew(desk: Desk) -> None:
    """It asks who it is."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.set_username(config.name, None)
        async with online(config) as client:
            me = await client.resolve("me")
            desk.telegram.rotate_hashes(config.name)
            await client.send_message(me, TEXT, random_id=9)
            assert (await client.history(me, limit=1)).total == 1
            assert (await client.resolve("me")).access_hash != me.access_hash

    run(test())


def test_a_peer_of_another_account_is_found_by_its_username(desk: Desk) -> None:
    """Its hash is good for the other account alone."""

    async def test() -> None:
        config, other, bob = desk.config(), desk.config("other"), desk.config("bob")
        async with online(other) as theirs, online(config) as client:
            foreign = await theirs.resolve(bob.name)
            await client.send_message(foreign, TEXT, random_id=9)
            assert (await client.resolve(foreign)).access_hash != foreign.access_hash
            mentioned = Peer("user", foreign.id, username=bob.name)
            assert (await client.resolve(mentioned)).access_hash

    run(test())


def test_a_name_that_moved_is_resolved_anew(desk: Desk) -> None:
    """Telegram tells those who have a chat with its holder (updateUserName)."""

    async def test() -> None:
        config, bob, eve = desk.config(), desk.config("bob"), desk.config("eve")
        async with online(config) as client:
            old = await client.resolve(bob.name)
            await client.send_message(old, TEXT, random_id=9)
            desk.telegram.set_username(bob.name, "bobby_" + bob.name)
            desk.telegram.set_username(eve.name, bob.name)
            await until(lambda: client._directory.by_name(bob.name) is None)
            assert (await client.resolve(old)).username == "bobby_" + bob.name
            assert (await client.resolve(bob.name)).title == eve.name

    run(test())


def test_an_old_name_is_resolved_anew_for_who_writes_to_it(desk: Desk) -> None:
    """Not for who reads."""

    async def test() -> None:
        config, bob = desk.config().with_(names_for=0), desk.config("bob")
        async with online(config) as client:
            await client.resolve(bob.name, to_write=True)
            await client.resolve(bob.name)
            assert desk.calls(config).count("contacts.resolveUsername") == 1
            await client.resolve(bob.name, to_write=True)
            assert desk.calls(config).count("contacts.resolveUsername") == 2
            desk.telegram.set_username(bob.name, None, told=False)
            error = await raised_by(client.resolve(bob.name, to_write=True))
            assert isinstance(error, TelegramError)
            assert error.name == "USERNAME_NOT_OCCUPIED"
            assert isinstance(await raised_by(client.resolve(bob.name)), TelegramError)

    run(test())


def test_a_raw_join_makes_a_channel_known(desk: Desk) -> None:
    """Whatever Telethon learns of an answer, the directory learns; Telethon finds it there."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel("somebody", messages=3)
        async with online(config) as client:
            await client.telethon(functions.channels.JoinChannelRequest(name))
            channel = await client.telethon.get_input_entity(name)
            known = await client.resolve(-1_000_000_000_000 - channel.channel_id)
            assert (known.access_hash, known.title) == (channel.access_hash, name)
        assert desk.calls(config).count("contacts.resolveUsername") == 1

    run(test())


def test_telethon_counts_a_channel_that_shares_its_number_with_a_user(desk: Desk) -> None:
    """A new client finds the hash of each channel whose updates the last one counted, by its bare number."""

    async def test() -> None:
        config, twin = desk.config(), desk.name("twin")
        number = desk.telegram.add_account(twin)
        name = desk.name("channel")
        desk.telegram.add_channel(name, members=[config.name], number=number)
        factory = telethon_factory(config)
        client = factory(Watcher())
        assert isinstance(client, TelethonClient)
        for count in (1, 2):
            heard = messages_of(client)
            await client.connect()
            assert (await client.resolve(twin)).kind == "user"
            assert (await client.resolve(name)).id == (await client.resolve(twin)).id == number
            error = await raised_by(client.resolve(number))
            assert isinstance(error, InvalidInput)
            assert f"-100{number:010}" in error.problem
            desk.telegram.post(name, f"post {count}", push=count == 1)
            desk.telegram.disconnect(config.name)
            await until(partial(bool, heard))
            await client.disconnect()
            client = factory(Watcher())
            assert isinstance(client, TelethonClient)

    run(test())
