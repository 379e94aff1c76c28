"""New messages, as a session hears of them. Other updates are test_changes.py's, lost ones test_gaps.py's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import events, types

from actors.model.content import Message
from actors.model.updates import NewMessage, Update
from actors.telegram.client import TelethonClient
from actors.telegram.factory import telethon_factory

from .conftest import Desk, Watcher, messages_of, online, run, until


def texts(messages: list[Message]) -> list[str]:
    """Return what was said."""
    return [message.text for message in messages]


def test_new_messages_come_in_the_servers_order(desk: Desk) -> None:
    """Five hundred of them, from a channel and from a person."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = messages_of(client)
            said = [f"text {number}" for number in range(500)]
            desk.telegram.post_many(name, said, author=bob.name)
            await until(lambda: len(heard) == 500)
            assert texts(heard) == said
            desk.telegram.post_many(alice.name, said, author=bob.name)
            await until(lambda: len(heard) == 1000)
            assert texts(heard)[500:] == said

    run(test())


def test_handlers_that_somebody_adds_to_telethons_own_client_hear_as_well(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """After our listener, and though that raises."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = messages_of(client)
            said: list[tuple[str, int]] = []

            async def handler(event: Any) -> None:
                said.append((event.raw_text, len(heard)))

            def fail(_: Update) -> None:
                raise RuntimeError("a listener's")

            client.telethon.add_event_handler(handler, events.NewMessage)
            desk.telegram.post(name, "one", author=bob.name)
            await until(lambda: said == [("one", 1)])
            client.on_update(fail)
            desk.telegram.post(name, "two", author=bob.name)
            await until(lambda: said[1:] == [("two", 1)])

    run(test())
    assert "could not be told" in caplog.text


def test_a_message_says_where_who_and_when(desk: Desk) -> None:
    """With peers that can be written to."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = messages_of(client)
            desk.telegram.post(name, "in the channel", author=bob.name)
            desk.telegram.post(alice.name, "in private", author=bob.name)
            await until(lambda: len(heard) == 2)
            channel, person = await client.resolve(name), await client.resolve(bob.name)
            private, public = sorted(heard, key=lambda message: message.text)
            assert (public.chat, public.sender_id, public.out) == (channel, person.id, False)
            assert (private.chat, private.sender_id, private.out) == (person, person.id, False)
            assert private.date.tzname() == "UTC"
            assert (await client.send_message(private.chat, "answer", random_id=1)).chat == person

    run(test())


def test_own_messages_are_heard_only_from_other_sessions(desk: Desk) -> None:
    """What this client has sent is known to whoever had it sent."""

    async def test() -> None:
        here = desk.config()
        there = desk.telegram.add_session(desk.name("other"), account=here.name)
        bob = desk.config("bob")
        async with online(here) as client, online(there) as elsewhere:
            heard = messages_of(client)
            await client.send_message(await client.resolve(bob.name), "from here", random_id=1)
            await elsewhere.send_message(await elsewhere.resolve(bob.name), "from there", random_id=2)
            await until(lambda: heard)
            await client.probe()
            assert [(message.text, message.out) for message in heard] == [("from there", True)]

    run(test())


def test_a_message_that_was_sent_without_a_reply_is_not_news_after_its_repetition(desk: Desk) -> None:
    """The difference that is fetched after a lost reply holds it as if somebody else had sent it."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            peer = await client.resolve(bob.name)
            desk.telegram.fail("messages.sendMessage", account=alice.name, drop="after", times=1)
            await client.send_message(peer, "once", random_id=1)
            heard = messages_of(client)
            await client.telethon.catch_up()
            desk.telegram.post(alice.name, "the end", author=bob.name)
            await until(lambda: "the end" in texts(heard))
            assert "once" not in texts(heard)

    run(test())


def test_what_was_said_while_the_connection_was_cut_is_caught_up(desk: Desk) -> None:
    """Telethon reconnects by itself, and doesn't ask for what it has missed."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            heard = messages_of(client)
            desk.telegram.post(alice.name, "lost on the way", author=bob.name, push=False)
            desk.telegram.disconnect(alice.name)
            await until(lambda: texts(heard) == ["lost on the way"])

    run(test())


def test_what_was_said_between_two_clients_is_caught_up(desk: Desk) -> None:
    """The update state outlives the client, and so do the peers."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        factory = telethon_factory(alice)
        first = factory(Watcher())
        await first.connect()
        person = await first.resolve(bob.name)
        await first.disconnect()
        desk.telegram.post_many(alice.name, ["one", "two"], author=bob.name)
        second = factory(Watcher())
        assert isinstance(second, TelethonClient)
        heard = messages_of(second)
        await second.disconnect()  # never came online: it must not wipe out the state
        await second.connect()
        await until(lambda: texts(heard) == ["one", "two"])
        assert await second.resolve(person.id) == person
        await second.disconnect()

    run(test())


def test_nobody_is_called_back_after_none(desk: Desk) -> None:
    """A callback can be taken away."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            heard = messages_of(client)
            client.on_update(None)
            desk.telegram.post(alice.name, "unheard", author=bob.name)
            await until(lambda: client.telethon._message_box.map and len(client._directory) > 1)
            await client.probe()
            assert heard == []

    run(test())


def test_a_callback_that_raises_does_not_stop_the_next_message(desk: Desk) -> None:
    """Telethon logs it, without its text."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            heard: list[str] = []

            def callback(update: Update) -> None:
                assert isinstance(update, NewMessage)
                heard.append(update.message.text)
                raise ValueError(update.message.text)

            client.on_update(callback)
            desk.telegram.post_many(alice.name, ["one", "two"], author=bob.name)
            await until(lambda: heard == ["one", "two"])

    run(test())


def test_short_updates_are_messages_too(desk: Desk) -> None:
    """Telegram sends private and group messages in a short form, which Telethon hands over as it is."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            heard = messages_of(client)
            person, me = await client.resolve(bob.name), await client.resolve("me")
            date = (await client.send_message(person, "x", random_id=1)).date
            short = types.UpdateShortMessage(7, person.id, "hi", 0, 0, date)
            group = types.UpdateShortChatMessage(8, me.id, 99, "all", 0, 0, date, out=True)
            for update in (short, group):
                client.telethon._updates_queue.put_nowait(update)
            await until(lambda: len(heard) == 2)
            assert [(message.chat, message.sender_id, message.text) for message in heard[:1]] == [
                (person, person.id, "hi")
            ]
            assert (heard[1].chat.kind, heard[1].chat.id, heard[1].sender_id, heard[1].out) == ("chat", 99, me.id, True)
            await asyncio.sleep(0)

    run(test())
