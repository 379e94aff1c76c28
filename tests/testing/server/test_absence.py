"""What a session missed, and what the sessions of one account see of each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from telethon import events
from telethon.tl import functions, types

from actors.testing import Loopback
from tests.testing.server.clients import connected, eventually

CHANNELS = ["alpha", "beta", "gamma", "delta"]
GROUPS = ["one", "two", "three"]
FRIENDS = ["fred", "fran", "finn"]


@dataclass
class Witness:
    """What a client's handlers were told, in order."""

    new: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    def watch(self, client: Any) -> None:
        """Begin to take notes."""

        async def on_new(event: Any) -> None:
            self.new.append(event.raw_text)

        async def on_edit(event: Any) -> None:
            self.edited.append(event.raw_text)

        async def on_delete(event: Any) -> None:
            self.deleted.extend(event.deleted_ids)

        client.add_event_handler(on_new, events.NewMessage(incoming=True))
        client.add_event_handler(on_edit, events.MessageEdited())
        client.add_event_handler(on_delete, events.MessageDeleted())


def _ten_chats(telegram: Loopback) -> None:
    for friend in FRIENDS:
        telegram.add_account(friend)
    telegram.add_account("rip")
    for channel in CHANNELS:
        telegram.add_channel(channel, members=["fred", "rip"])
    for group in GROUPS:
        telegram.add_group(group, members=["fred", "rip"])


async def _say(client: Any, chat: str, first: int, last: int) -> list[Any]:
    return [await client.send_message(chat, f"{chat} {number}") for number in range(first, last)]


async def test_a_session_that_was_away_has_everything_once_after_catching_up(telegram: Loopback) -> None:
    """500 messages, 20 edits and 20 deletions in ten chats of all three kinds."""
    _ten_chats(telegram)
    talk: dict[str, tuple[Any, Any, list[Any]]] = {}
    async with (
        connected(telegram.add_session("fred-1", account="fred")) as fred,
        connected(telegram.add_session("fran-1", account="fran")) as fran,
        connected(telegram.add_session("finn-1", account="finn")) as finn,
        connected(telegram.add_session("rip-1", account="rip"), catch_up=True) as rip,
    ):
        witness = Witness()
        witness.watch(rip)
        places = [(fred, f"@{channel}") for channel in CHANNELS]
        places += [(fred, dialog.entity) for dialog in await _groups_of(fred, telegram)]
        places += [(fred, "@rip"), (fran, "@rip"), (finn, "@rip")]
        for number, (client, chat) in enumerate(places):
            talk[f"chat{number}"] = (client, chat, [await client.send_message(chat, f"old {i}") for i in range(4)])
        await eventually(lambda: len(witness.new) == 43)
        await rip.disconnect()

        said = []
        for name, (client, chat, old) in talk.items():
            for number in range(50):
                await client.send_message(chat, f"{name} says {number}")
                said.append(f"{name} says {number}")
            for message in old[:2]:
                await client.edit_message(chat, message.id, f"{name} takes back {message.raw_text}")
            await client.delete_messages(chat, [message.id for message in old[2:]])

        await rip.connect()
        await rip.catch_up()
        await eventually(lambda: len(witness.new) >= 543 and len(witness.deleted) >= 20 and len(witness.edited) >= 20)
        await rip(functions.updates.GetStateRequest())
    assert len(witness.edited) == len(set(witness.edited)) == 20
    assert len(witness.deleted) == 20
    assert Counter(witness.new[43:]) == Counter(said)
    for name in talk:
        assert [text for text in witness.new if text.startswith(f"{name} ")] == [f"{name} says {n}" for n in range(50)]


async def _groups_of(client: Any, telegram: Loopback) -> list[Any]:
    """Return a client's basic groups, once something was said in them."""
    for group in GROUPS:
        telegram.post(group, "welcome", author="fred")
    return [dialog for dialog in await client.get_dialogs() if isinstance(dialog.entity, types.Chat)]


async def test_what_was_said_and_deleted_meanwhile_is_not_told_as_news(telegram: Loopback) -> None:
    """The server has its text no more; its deletion is told all the same."""
    telegram.add_account("hush")
    async with (
        connected(telegram.add_session("hush-1", account="hush")) as hush,
        connected(telegram.add_session("late"), catch_up=True) as late,
    ):
        witness = Witness()
        witness.watch(late)
        await late.disconnect()
        slip = await hush.send_message("@late", "slip of the tongue")
        await hush.send_message("@late", "hello")
        await hush.delete_messages("@late", [slip.id])
        await late.connect()
        await late.catch_up()
        await eventually(lambda: witness.new == ["hello"] and len(witness.deleted) == 1)


async def test_a_channel_that_moved_before_a_private_message_came_is_caught_up_with(telegram: Loopback) -> None:
    """The server knows since when this login missed things, whatever date the client asks from."""
    telegram.add_account("pest")
    telegram.add_channel("bulletin", members=["editor", "snail"])
    async with connected(telegram.add_session("snail-1", account="snail"), catch_up=True) as snail:
        witness = Witness()
        witness.watch(snail)
        telegram.post("bulletin", "first")
        await eventually(lambda: witness.new == ["first"])
        await snail.disconnect()
        telegram.post("bulletin", "missed")
        await snail.connect()
        telegram.post("snail", "psst", author="pest")
        await eventually(lambda: "psst" in witness.new)
        await snail.catch_up()
        await eventually(lambda: sorted(witness.new) == ["first", "missed", "psst"])


async def test_two_clients_on_one_account_both_see_what_either_does(telegram: Loopback) -> None:
    """Sending, editing, pinning, reading, deleting: each tells the other, and not itself."""
    telegram.add_channel("den", members=["guest", "duo"])
    seen: dict[str, list[str]] = {"one": [], "two": []}

    def follow(name: str, client: Any) -> None:
        async def note(update: Any) -> None:
            seen[name].append(type(update).__name__)

        client.add_event_handler(note)

    async with (
        connected(telegram.add_session("duo-1", account="duo")) as one,
        connected(telegram.add_session("duo-2", account="duo")) as two,
        connected(telegram.add_session("guest-1", account="guest")) as guest,
    ):
        follow("one", one)
        follow("two", two)
        await guest.send_message("@duo", "knock")
        await guest.send_message("@den", "knock")
        await two.send_read_acknowledge("@guest")
        await two.send_read_acknowledge("@den")
        sent = await one.send_message("@guest", "frist")
        await one.edit_message("@guest", sent.id, "first")
        await one.pin_message("@guest", sent.id)
        await two.delete_messages("@guest", [sent.id])
        expected_one = ["UpdateReadHistoryInbox", "UpdateReadChannelInbox", "UpdateDeleteMessages"]
        expected_two = ["UpdateNewMessage", "UpdateEditMessage", "UpdatePinnedMessages", "UpdateNewMessage"]
        knocks = ["UpdateNewMessage", "UpdateNewChannelMessage"]
        await eventually(lambda: seen["one"] == knocks + expected_one)
        await eventually(lambda: seen["two"] == knocks + expected_two)


async def test_the_sessions_of_an_account_have_update_states_of_their_own(telegram: Loopback) -> None:
    """One catches up with what the other has had long ago."""
    telegram.add_account("mate")
    first, second = telegram.add_session("pair-1", account="pair"), telegram.add_session("pair-2", account="pair")
    async with connected(first, catch_up=True) as stays, connected(second, catch_up=True) as leaves:
        there, away = Witness(), Witness()
        there.watch(stays)
        away.watch(leaves)
        await leaves.disconnect()
        telegram.post_many("pair", ["a", "b"], author="mate")
        await eventually(lambda: there.new == ["a", "b"])
        assert away.new == []
        await leaves.connect()
        await leaves.catch_up()
        await eventually(lambda: away.new == ["a", "b"])
        assert there.new == ["a", "b"]
