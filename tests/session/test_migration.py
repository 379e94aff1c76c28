"""A basic group that becomes a supergroup: monitors follow it, and whoever means the group hears where it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.operations.every_operation import OPERATIONS, Scene
from tests.support import Collector, eventually, received

CHANNEL = -1_000_000_000_000


@pytest.fixture
def group(telegram: Loopback, alice: actors.SessionRef) -> actors.Peer:
    """A group of alice and bob, in which something was said; alice knows it."""
    telegram.add_group("club", members=["bob", "alice"])
    telegram.post("club", "before")
    (dialog,) = alice.ask(actors.ScrapeDialogs()).dialogs
    return dialog.chat


def told(collector: pykka.ActorRef[Collector]) -> list[actors.Message]:
    """Return the messages that a monitor's subscriber has."""
    return [event.message for event in received(collector) if isinstance(event, actors.MessageReceived)]


def heard(collector: pykka.ActorRef[Collector]) -> list[tuple[str, str]]:
    """Return what the subscriber has: which kind of chat, and the text or what a service message reports."""
    return [(message.chat.kind, message.service or message.text) for message in told(collector)]


def gaps_of(collector: pykka.ActorRef[Collector]) -> list[actors.MonitorGap]:
    """Return the gaps that a subscriber was told of."""
    return [event for event in received(collector) if isinstance(event, actors.MonitorGap)]


STORY = [
    ("chat", "old"),
    ("chat", "ChatMigrateTo"),
    ("channel", "ChannelMigrateFrom"),
    ("channel", "new"),
]


def test_a_monitor_of_the_group_follows_it(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector], group: actors.Peer
) -> None:
    """In order, from the supergroup's first message on; the group keeps its mark, and nothing more comes in it."""
    alice.ask(actors.Monitor([group], to=collector))
    telegram.post("club", "old")
    channel = telegram.migrate("club")
    telegram.post("club", "new", author="bob")
    eventually(lambda: heard(collector) == STORY)
    (status,) = alice.status().monitors
    assert status.marks == {group.key: told(collector)[1].id, f"channel:{channel}": told(collector)[3].id}
    moved = told(collector)[1].migrated_to
    assert moved is not None
    assert (moved.kind, moved.id, moved.title) == ("channel", channel, "club")
    assert told(collector)[0].migrated_to is None
    alice.ask(actors.SendMessage(moved, "found you"))
    assert [message.text for message in telegram.channel_messages("club", limit=1)] == ["found you"]


@pytest.mark.parametrize("where", [None, lambda message: message.service is None])
def test_a_migration_that_was_missed_is_followed_all_the_same(
    telegram: Loopback,
    alice: actors.SessionRef,
    collector: pykka.ActorRef[Collector],
    group: actors.Peer,
    where: Callable[[actors.Message], bool] | None,
) -> None:
    """It is read from the history of the group, and what came after it from that of the supergroup; whatever filter."""
    alice.ask(actors.Monitor([group], to=collector, where=where))
    telegram.fail("push", account="alice", silence=True)
    telegram.fail("*", account="alice", drop="before")
    telegram.disconnect("alice")
    telegram.post("club", "old")
    telegram.migrate("club")
    telegram.post("club", "new", author="bob")
    telegram.heal()
    expected = [step for step in STORY if where is None or "Migrate" not in step[1]]
    eventually(lambda: heard(collector) == expected, within=15)
    telegram.disconnect("alice")
    telegram.post("club", "later", author="bob")
    eventually(lambda: heard(collector) == [*expected, ("channel", "later")], within=15)


def test_a_group_that_the_server_knows_no_more_is_followed(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector], group: actors.Peer
) -> None:
    """Its own entity says what it has become; that the rest of it can't be read is told once."""
    alice.ask(actors.Monitor([group], to=collector))
    telegram.fail("push", account="alice", silence=True)
    telegram.fail("messages.getPeerDialogs", account="alice", error="PEER_ID_INVALID", times=1)
    telegram.migrate("club")
    telegram.post("club", "new", author="bob")
    telegram.forget_updates("alice")
    telegram.disconnect("alice")
    eventually(lambda: heard(collector) == STORY[2:], within=15)
    (gap,) = eventually(lambda: gaps_of(collector))
    assert gap.chat == group
    assert "supergroup" in gap.reason
    telegram.disconnect("alice")
    telegram.heal()
    telegram.post("club", "later", author="bob")
    eventually(lambda: heard(collector)[-1] == ("channel", "later"), within=15)
    assert gaps_of(collector) == [gap]


def test_a_monitor_of_all_chats_needs_no_following(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector], group: actors.Peer
) -> None:
    """It hears of both, each message once."""
    assert group.kind == "chat"
    alice.ask(actors.Monitor(to=collector))
    telegram.post("club", "old")
    telegram.migrate("club")
    telegram.post("club", "new", author="bob")
    eventually(lambda: sorted(heard(collector)) == sorted(STORY))


def test_monitors_of_the_group_and_of_all_chats_hear_each_message_once(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector], group: actors.Peer
) -> None:
    """One that follows has the supergroup read; the other one, which hears it anyway, isn't told twice."""
    everything = Collector.start()
    alice.ask(actors.Monitor([group], to=collector))
    alice.ask(actors.Monitor([group], to=collector, kinds=[actors.EditedMessage]))
    alice.ask(actors.Monitor(to=everything))
    telegram.post("club", "old")
    telegram.migrate("club")
    telegram.post_many("club", ["new", "newer", "newest"], author="bob")
    story = [*STORY, ("channel", "newer"), ("channel", "newest")]
    eventually(lambda: heard(collector) == story)
    eventually(lambda: sorted(heard(everything)) == sorted(story))
    everything.stop()


@pytest.mark.parametrize("spelling", ["Peer", "marked id", "bare id"])
@pytest.mark.parametrize("kind", [kind for kind in OPERATIONS if kind is not actors.ScrapeParticipants])
def test_an_operation_on_the_group_answers_with_the_supergroup(
    telegram: Loopback,
    alice: actors.SessionRef,
    group: actors.Peer,
    collector: pykka.ActorRef[Collector],
    kind: type,
    spelling: str,
    tmp_path: Any,
) -> None:
    """Nothing is sent once the account knows of it."""
    channel = telegram.migrate("club")
    eventually(lambda: f"channel:{channel}" in [each.chat.key for each in alice.ask(actors.ScrapeDialogs()).dialogs])
    telegram.forget_calls("alice")
    spellings: dict[str, int | actors.Peer] = {"Peer": group, "marked id": -group.id, "bare id": group.id}
    peer = spellings[spelling]
    with pytest.raises(
        actors.ChatMigrated, match=f"{-group.id} has become the supergroup {CHANNEL - channel}"
    ) as caught:
        alice.ask(OPERATIONS[kind](peer, Scene(tmp_path, 1, collector)))
    assert (caught.value.chat, caught.value.migrated_to) == (-group.id, CHANNEL - channel)
    assert telegram.calls("alice") == []
    if kind is not actors.DownloadFile:
        assert alice.ask(OPERATIONS[kind](caught.value.migrated_to, Scene(tmp_path, 1, collector)))


@pytest.mark.parametrize("error", ["PEER_ID_INVALID", "CHAT_ID_INVALID"])
def test_a_refusal_of_the_server_is_looked_into(
    telegram: Loopback, alice: actors.SessionRef, group: actors.Peer, error: str
) -> None:
    """The account had no word of the migration: it asks what became of the group, once."""
    telegram.fail("push", account="alice", silence=True)
    channel = telegram.migrate("club")
    telegram.fail("messages.sendMessage", account="alice", error=error, times=1)
    with pytest.raises(actors.ChatMigrated) as caught:
        alice.ask(actors.SendMessage(group, "hello"))
    assert (caught.value.name, caught.value.code, caught.value.migrated_to) == (error, 400, CHANNEL - channel)
    assert [str(call) for call in telegram.calls("alice")].count("messages.getChats") == 1


def test_a_refusal_for_another_reason_stays_what_it_is(
    telegram: Loopback, alice: actors.SessionRef, group: actors.Peer
) -> None:
    """The group is still one."""
    telegram.fail("messages.sendMessage", account="alice", error="CHAT_ID_INVALID", times=1)
    with pytest.raises(actors.TelegramError, match="CHAT_ID_INVALID") as caught:
        alice.ask(actors.SendMessage(group, "hello"))
    assert not isinstance(caught.value, actors.ChatMigrated)
    alice.ask(actors.SendMessage(group, "hello"))
