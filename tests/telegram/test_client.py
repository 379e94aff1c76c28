"""What operations ask of a client, against a real server."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from telethon import functions, types

from actors.model.content import Participant, Peer
from actors.model.errors import FloodWait, InvalidInput, TelegramError, Verdict

from .conftest import Desk, Watcher, online, raised_by, run, until

TEXT = "hello there"


def test_connecting_tells_whose_session_it_is(desk: Desk) -> None:
    """The account is the server's word, not the config's."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            account = await client.connect()
            assert (account.username, account.bot) == (config.name, False)
            assert (await client.resolve("me")).id == account.id

    run(test())


def test_a_sent_text_is_on_the_server_once_and_unchanged(desk: Desk) -> None:
    """No markdown, no preview, and a reply refers to what it answers."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            peer = await client.resolve(f"@{bob.name}")
            first = await client.send_message(peer, "**not bold**", random_id=5)
            second = await client.send_message(peer, TEXT, random_id=6, reply_to=first.id, silent=True)
        assert first.id < second.id
        assert (first.chat, first.random_id, first.date.tzname()) == (peer, 5, "UTC")
        assert [message.text for message in desk.telegram.messages(bob.name)] == ["**not bold**", TEXT]

    run(test())


def test_the_same_random_id_is_one_message(desk: Desk) -> None:
    """What every retry builds on."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            peer = await client.resolve(bob.name)
            first = await client.send_message(peer, TEXT, random_id=-7)
            assert await client.send_message(peer, TEXT, random_id=-7) == first
        assert len(desk.telegram.messages(bob.name)) == 1

    run(test())


def test_a_duplicate_is_transient_to_its_sender_who_repeats_it(desk: Desk) -> None:
    """The original is still being worked on: the identical request will find it."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("messages.sendMessage", account=config.name, error="RANDOM_ID_DUPLICATE", times=1)
        async with online(config) as client:
            me = await client.resolve("me")
            error = await raised_by(client.send_message(me, TEXT, random_id=8))
            assert isinstance(error, TelegramError)
            assert (error.verdict, error.name) == (Verdict.TRANSIENT, "RANDOM_ID_DUPLICATE")
            assert (await client.send_message(me, TEXT, random_id=8)).random_id == 8

    run(test())


def test_history_comes_in_pages_newest_first(desk: Desk) -> None:
    """Each page goes on from the oldest id of the one before, and the last says so."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=250)
        async with online(config) as client:
            channel = await client.resolve(name)
            pages = [await client.history(channel, limit=100)]
            while not pages[-1].last:
                pages.append(await client.history(channel, limit=100, offset_id=pages[-1].messages[-1].id))
        ids = [message.id for page in pages for message in page.messages]
        assert ids == sorted(set(ids), reverse=True)
        assert len(ids) == pages[0].total
        texts = [message.text for page in pages for message in page.messages]
        assert texts[0] == f"{name} 250"
        assert {message.chat for message in pages[0].messages} == {channel}

    run(test())


def test_history_keeps_within_its_bounds(desk: Desk) -> None:
    """min_id and max_id leave out themselves and what lies beyond."""

    async def test() -> None:
        config = desk.config()
        name = desk.channel(config.name, messages=30)
        async with online(config) as client:
            channel = await client.resolve(name)
            newest = (await client.history(channel, limit=1)).messages[0].id
            page = await client.history(channel, limit=100, min_id=newest - 6, max_id=newest)
            assert [message.id for message in page.messages] == [newest - step for step in range(1, 6)]

    run(test())


def test_members_are_listed_with_names_and_roles(desk: Desk) -> None:
    """The first member is the channel's creator."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            page = await client.participants(await client.resolve(name), limit=200)
            me = await client.resolve("me")
        assert page.total == 2
        assert [(each.username, each.role) for each in page.participants] == [
            (alice.name, "creator"),
            (bob.name, "member"),
        ]
        assert page.participants[0] == Participant(me.id, alice.name, alice.name, "creator")

    run(test())


def test_only_channels_have_a_list_of_members(desk: Desk) -> None:
    """A user is refused before anything is sent."""

    async def test() -> None:
        async with online(desk.config()) as client:
            error = await raised_by(client.participants(Peer("user", 1), limit=1))
            assert isinstance(error, InvalidInput)

    run(test())


def test_a_flood_wait_is_raised_at_once_and_only_the_owner_decides_on_the_next_call(desk: Desk) -> None:
    """Telethon would sleep, and refuse every chat by itself afterwards: holds are the session's."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("messages.sendMessage", account=config.name, error="FLOOD_WAIT_30", times=1)
        watcher = Watcher()
        async with online(config, watcher) as client:
            me = await client.resolve("me")
            error = await raised_by(client.send_message(me, TEXT, random_id=10))
            assert isinstance(error, FloodWait)
            assert (error.retry_after, error.method, error.session) == (30, "messages.sendMessage", config.name)
            assert watcher.seen == ["up", "messages.sendMessage 30"]
            assert (await client.send_message(me, TEXT, random_id=10)).random_id == 10

    run(test())


def test_a_server_error_is_one_attempt(desk: Desk) -> None:
    """No sleep and no second try of Telethon's: backoff is the policy's."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("messages.getHistory", account=config.name, error="INTERNAL", code=500, times=1)
        async with online(config) as client:
            error = await raised_by(client.history(await client.resolve("me"), limit=1))
            assert isinstance(error, TelegramError)
            assert error.verdict is Verdict.TRANSIENT
        assert desk.calls(config).count("messages.getHistory") == 1

    run(test())


def test_a_cancelled_read_is_not_sent_again_after_a_reconnect(desk: Desk) -> None:
    """Telethon keeps what it has sent, and sends it all again."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("messages.getHistory", account=config.name, silence=True)
        async with online(config) as client:
            me = await client.resolve("me")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.history(me, limit=1), 0.1)
            assert [type(state.request).__name__ for state in client.telethon._sender._pending_state.values()] == []
            desk.telegram.heal(config.name)
            desk.telegram.disconnect(config.name)
            await client.probe()
        assert desk.calls(config).count("messages.getHistory") == 1

    run(test())


def test_a_request_that_was_cancelled_before_it_left_never_leaves(desk: Desk) -> None:
    """While a connection is being made, requests queue up; this one is taken out again."""

    async def test() -> None:
        config = desk.config()
        async with online(config) as client:
            me = await client.resolve("me")
            client.telethon._sender._start_reconnect(None)
            reading = asyncio.ensure_future(client.history(me, limit=1))
            await asyncio.sleep(0)
            assert [type(state.request) for state in client.telethon._sender._send_queue._deque] == [
                types.MsgsAck,
                functions.messages.GetHistoryRequest,
            ]
            reading.cancel()
            await asyncio.wait((reading,))
            assert reading.cancelled()
            await client.probe()
        assert "messages.getHistory" not in desk.calls(config)

    run(test())


@pytest.mark.parametrize("waits", [True, False])
def test_a_send_says_that_it_leaves_when_it_is_written_and_not_before(desk: Desk, *, waits: bool) -> None:
    """Without a connection it only stands in line; who gives up there has sent nothing."""

    async def test() -> None:
        config, watcher = desk.config(), Watcher(pause=0.3)
        left: list[str] = []
        async with online(config, watcher) as client:
            me = await client.resolve("me")
            await client.send_message(me, "first", random_id=1, leaving=lambda: left.append("first"))
            assert left == ["first"]
            desk.telegram.disconnect(config.name)
            await until(lambda: "lost" in watcher.seen)
            second = client.send_message(me, "second", random_id=2, leaving=lambda: left.append("second"))
            sending = asyncio.ensure_future(second)
            await asyncio.sleep(0.05)
            assert left == ["first"]
            if not waits:
                sending.cancel()
            await asyncio.wait((sending,))
            await client.probe()
            assert left == ["first", *(["second"] if waits else [])]
        assert [message.text for message in desk.telegram.messages(config.name)] == left

    run(test())


def test_a_request_that_was_cut_off_is_answered_after_the_reconnect(desk: Desk) -> None:
    """As long as its caller waits, Telethon repeats the identical request by itself."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            peer = await client.resolve(bob.name)
            desk.telegram.fail("messages.sendMessage", account=alice.name, drop="after", times=1)
            await client.send_message(peer, TEXT, random_id=11)
        assert len(desk.telegram.messages(bob.name)) == 1
        assert desk.calls(alice).count("messages.sendMessage") == 2

    run(test())


def test_open_requests_fail_when_the_client_is_disconnected(desk: Desk) -> None:
    """As a lost connection, and not as the cancellation of a task that nobody has cancelled."""

    async def test() -> None:
        config = desk.config()
        desk.telegram.fail("messages.getHistory", account=config.name, silence=True)
        async with online(config) as client:
            me = await client.resolve("me")
            reading = asyncio.create_task(raised_by(client.history(me, limit=1)))
            await until(lambda: "messages.getHistory" in desk.calls(config))
            await client.disconnect()
            error = await reading
        assert isinstance(error, TelegramError)
        assert (error.verdict, error.name, error.method) == (
            Verdict.TRANSIENT,
            "CONNECTION_LOST",
            "messages.getHistory",
        )

    run(test())


def test_an_unconnected_client_says_so(desk: Desk) -> None:
    """No call hangs."""

    async def test() -> None:
        async with online(desk.config()) as client:
            await client.disconnect()
            error = await raised_by(client.probe())
            assert isinstance(error, TelegramError)
            assert (error.verdict, error.method) == (Verdict.TRANSIENT, "users.getUsers")

    run(test())


def test_what_a_client_shows_of_itself_is_its_name(desk: Desk) -> None:
    """No key, no phone number."""

    async def test() -> None:
        config = desk.config()
        async with online(dataclasses.replace(config, name="shown")) as client:
            assert repr(client) == "<TelethonClient of 'shown'>"

    run(test())
