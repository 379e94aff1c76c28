"""Updates that are lost for good: the one thing that is told of them."""

from __future__ import annotations

from telethon import types

from actors.model.updates import Gap, NewMessage, Update
from actors.telegram.client import TelethonClient
from actors.telegram.factory import telethon_factory
from actors.testing import Loopback

from .conftest import Desk, Watcher, online, run, until, updates_of


def texts(updates: list[Update]) -> list[str]:
    """Return what was said."""
    return [update.message.text for update in updates if isinstance(update, NewMessage)]


def gaps(updates: list[Update]) -> list[Gap]:
    """Return what was lost."""
    return [update for update in updates if isinstance(update, Gap)]


def lose(telegram: Loopback, chat: str, author: str, log: str) -> None:
    """Have something said that nobody is told of, not even on asking, and then something that is told."""
    telegram.post_many(chat, ["lost 1", "lost 2"], author=author, push=False)
    telegram.forget_updates(log)


def test_a_channels_difference_that_is_too_long_is_a_gap(desk: Desk) -> None:
    """Telethon takes the new pts and says nothing; what comes after is told again."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = updates_of(client)
            desk.telegram.post(name, "before", author=bob.name)
            await until(lambda: texts(heard) == ["before"])
            channel = await client.resolve(name)
            known = client.telethon._message_box.map[channel.id].pts
            lose(desk.telegram, name, bob.name, name)
            desk.telegram.post(name, "noticed", author=bob.name)
            await until(lambda: gaps(heard))
            assert gaps(heard) == [Gap(channel, known)]
            await until(lambda: not client.telethon._message_box.getting_diff_for)
            desk.telegram.post(name, "after", author=bob.name)
            await until(lambda: "after" in texts(heard))
            page = await client.history(channel, limit=4)
            assert [message.text for message in page.messages] == ["after", "noticed", "lost 2", "lost 1"]

    run(test())


def test_an_accounts_difference_that_is_too_long_is_a_gap_of_no_channel(desk: Desk) -> None:
    """Private chats and basic groups are counted together."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        async with online(alice) as client:
            heard = updates_of(client)
            desk.telegram.post(alice.name, "before", author=bob.name)
            await until(lambda: texts(heard) == ["before"])
            known = client.telethon._message_box.session_state()[0]["pts"]
            lose(desk.telegram, alice.name, bob.name, alice.name)
            desk.telegram.disconnect(alice.name)
            await until(lambda: gaps(heard))
            assert gaps(heard) == [Gap(None, known)]
            await until(lambda: not client.telethon._message_box.getting_diff_for)
            desk.telegram.post(alice.name, "after", author=bob.name)
            await until(lambda: "after" in texts(heard))

    run(test())


def test_channels_are_caught_up_with_after_an_accounts_too_long_difference(desk: Desk) -> None:
    """It doesn't say which channels have moved; asking again does."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = updates_of(client)
            desk.telegram.post(name, "before", author=bob.name)
            await until(lambda: texts(heard) == ["before"])
            desk.telegram.post(name, "in the channel", author=bob.name, push=False)
            lose(desk.telegram, alice.name, bob.name, alice.name)
            desk.telegram.disconnect(alice.name)
            await until(lambda: "in the channel" in texts(heard))
            assert [gap.chat for gap in gaps(heard)] == [None]

    run(test())


def test_a_channel_that_moved_before_anything_was_heard_of_it_has_a_gap(desk: Desk) -> None:
    """Telethon doesn't know from where to ask, and gives up without a word."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        factory = telethon_factory(alice)
        first = factory(Watcher())
        await first.connect()
        await first.disconnect()
        desk.telegram.post(name, "unheard", author=bob.name)
        second = factory(Watcher())
        assert isinstance(second, TelethonClient)
        heard = updates_of(second)
        await second.connect()
        await until(lambda: gaps(heard))
        (gap,) = gaps(heard)
        assert gap.chat is not None
        assert (gap.chat.username, gap.last_pts) == (name, None)
        assert gap.chat.access_hash != 0
        desk.telegram.post(name, "fetched", author=bob.name, push=False)
        desk.telegram.post(name, "heard", author=bob.name)
        await until(lambda: sorted(texts(heard)) == ["fetched", "heard"])
        assert gaps(heard) == [gap]
        await second.disconnect()

    run(test())


def test_a_channel_without_an_access_hash_has_a_gap(desk: Desk) -> None:
    """It can't be asked about; the next update counts anew."""

    async def test() -> None:
        alice = desk.config()
        async with online(alice) as client:
            heard = updates_of(client)
            box = client.telethon._message_box
            box.try_set_channel_state(77, 5)
            client.telethon._updates_queue.put_nowait(
                types.Updates([types.UpdateChannelTooLong(77, 9)], [], [], box.date, 0)
            )
            await until(lambda: gaps(heard))
            (gap,) = gaps(heard)
            assert gap.chat is not None
            assert (gap.chat.kind, gap.chat.id, gap.last_pts) == ("channel", 77, 5)
            assert 77 not in box.map

    run(test())


def test_what_can_still_be_had_is_no_gap(desk: Desk) -> None:
    """A lost update is fetched, a cut connection caught up."""

    async def test() -> None:
        alice, bob = desk.config(), desk.config("bob")
        name = desk.channel(alice.name, bob.name)
        async with online(alice) as client:
            heard = updates_of(client)
            desk.telegram.post(name, "one", author=bob.name)
            await until(lambda: texts(heard) == ["one"])
            desk.telegram.post(name, "two", author=bob.name, push=False)
            desk.telegram.post(name, "three", author=bob.name)
            await until(lambda: sorted(texts(heard)) == ["one", "three", "two"])
            desk.telegram.post(name, "four", author=bob.name, push=False)
            desk.telegram.disconnect(alice.name)
            await until(lambda: "four" in texts(heard))
            assert gaps(heard) == []

    run(test())
