"""What monitors tell besides new messages: reactions, comings and goings, in the chats that they watch alone."""

from __future__ import annotations

import pickle

import pykka
import pytest
from telethon import functions, types

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

CHANGES = [actors.ReactionsChanged, actors.MemberJoined, actors.MemberLeft, actors.DeletedMessages]


async def _react(client: actors.Client, chat: str, number: int, emoji: str) -> None:
    peer = await client.telethon.get_input_entity(chat)
    await client.telethon(functions.messages.SendReactionRequest(peer, number, reaction=[types.ReactionEmoji(emoji)]))


def test_reactions_joins_and_leaves_come_as_changes_of_their_chat(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Frozen, picklable, and with the session's name."""
    telegram.add_channel("news", messages=0, members=["bob", "alice"])
    telegram.add_channel("other", messages=1, members=["bob", "alice"])
    bob = system.start_session(telegram.add_session("bob"))
    carol = telegram.add_account("carol")
    alice.ask(actors.Monitor(["news"], to=collector, kinds=CHANGES))
    sent = bob.ask(actors.SendMessage("news", "what do you think?"))
    bob.ask(actors.Call("react", _react, "other", 1, "👍"))
    bob.ask(actors.Call("react", _react, "news", sent.id, "👍"))
    eventually(lambda: len(received(collector)) == 1)
    telegram.join("news", "carol")
    eventually(lambda: len(received(collector)) == 2)
    telegram.leave("news", "carol")
    eventually(lambda: len(received(collector)) == 3)
    events = received(collector)
    reacted, joined, left = [event.update for event in events]
    assert [(reaction.emoji, reaction.count) for reaction in reacted.reactions] == [("👍", 1)]
    assert (type(joined), joined.user_id) == (actors.MemberJoined, carol)
    assert (type(left), left.user_id) == (actors.MemberLeft, carol)
    assert {event.session for event in events} == {"alice"}
    assert pickle.loads(pickle.dumps(events)) == events  # noqa: S301  our own


def test_a_deletion_in_a_private_chat_reaches_monitors_of_all_chats(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Telegram doesn't say in which chat it was."""
    bob = system.start_session(telegram.add_session("bob"))
    alice.ask(actors.Monitor(to=collector, kinds=[actors.DeletedMessages]))

    async def say_and_delete(client: actors.Client) -> None:
        sent = await client.telethon.send_message("alice", "oops")
        await client.telethon.delete_messages("alice", [sent.id], revoke=True)

    bob.ask(actors.Call("delete", say_and_delete))
    (event,) = eventually(lambda: received(collector))
    assert event.update.chat is None
    assert len(event.update.ids) == 1


@pytest.mark.parametrize("kinds", [[actors.NewMessage], [actors.EditedMessage]])
def test_a_kind_that_was_not_asked_for_is_not_told(
    telegram: Loopback,
    alice: actors.SessionRef,
    system: actors.System,
    collector: pykka.ActorRef[Collector],
    kinds: list[type[actors.Update]],
) -> None:
    """Of a message and its edit one of both."""
    telegram.add_channel("news", messages=0, members=["bob", "alice"])
    bob = system.start_session(telegram.add_session("bob"))
    both = Collector.start()
    alice.ask(actors.Monitor(["news"], to=both, kinds=[actors.NewMessage, actors.EditedMessage]))
    alice.ask(actors.Monitor(["news"], to=collector, kinds=kinds))

    async def edit(client: actors.Client, number: int) -> None:
        await client.telethon.edit_message("news", number, "changed")

    sent = bob.ask(actors.SendMessage("news", "first"))
    bob.ask(actors.Call("edit", edit, sent.id))
    eventually(lambda: len(received(both)) == 2)
    (event,) = eventually(lambda: received(collector))
    text = event.message.text if isinstance(event, actors.MessageReceived) else event.update.message.text
    assert text == ("first" if kinds == [actors.NewMessage] else "changed")
    both.stop()
