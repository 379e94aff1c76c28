"""What monitors miss is read from the history: after cuts, restarts, too long differences, and on old marks."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime

import hypothesis.strategies as st
import pykka
import pytest
from hypothesis import given

import actors
from actors.model.content import Message, Peer
from actors.session.monitoring.suspects import Suspects
from actors.testing import Loopback
from tests.support import Collector, eventually, received

EPOCH = datetime.fromtimestamp(0, UTC)
CHANNELS = 20
POSTS = 10_000
CUTS = 30
RESTARTS = 5


def heard(collector: pykka.ActorRef[Collector]) -> dict[str, list[str]]:
    """Return the texts that a collector got, by chat, in the order in which they came."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for event in received(collector):
        if isinstance(event, actors.MessageReceived):
            texts[event.message.chat.username or ""].append(event.message.text)
    return texts


def count(collector: pykka.ActorRef[Collector]) -> int:
    """Return how many messages a collector got."""
    return sum(map(len, heard(collector).values()))


def test_every_subscriber_has_each_message_once_and_in_order_whatever_happens_to_the_session(
    telegram: Loopback,
) -> None:
    """10,000 posts to 20 channels; 30 cuts, 5 restarts, and one difference that is too long."""
    names = [f"channel{number}" for number in range(CHANNELS)]
    for name in names:
        telegram.add_channel(name, messages=3, members=["bob", "alice"])
    config = telegram.add_session("alice")
    chance = random.Random(7)  # noqa: S311  the same troubles each time
    troubles = ["cut"] * CUTS + ["restart"] * RESTARTS + ["forget"]
    chance.shuffle(troubles)
    sent: defaultdict[str, list[str]] = defaultdict(list)
    collectors = [Collector.start(), Collector.start()]
    # restarts are asked for here, and not counted against the session
    with actors.open_system() as system:
        alice = system.start_session(config)
        alice.ask(actors.Monitor(names, to=collectors[0]))
        alice.ask(actors.Monitor([], to=collectors[1]))
        batches = len(troubles) + 1
        for number in range(batches):
            for _ in range(10):
                name = chance.choice(names)
                texts = [f"{name} {len(sent[name]) + n}" for n in range(POSTS // batches // 10 + 1)]
                telegram.post_many(name, texts, author="bob")
                sent[name] += texts
            trouble = troubles[number] if number < len(troubles) else ""
            if trouble == "cut":
                telegram.disconnect("alice")
            elif trouble == "restart":
                system.restart_session("alice")
            elif trouble == "forget":
                name = chance.choice(names)
                lost = [f"{name} {len(sent[name]) + n}" for n in range(5)]
                telegram.post_many(name, lost, author="bob", push=False)
                sent[name] += lost
                telegram.forget_updates(name)
        total = sum(map(len, sent.values()))
        assert total >= POSTS
        for collector in collectors:
            eventually(lambda: min(map(count, collectors)) >= total, within=60)
            assert heard(collector) == sent
        (explicit, _) = alice.status().monitors
        assert explicit.dropped == 0
        assert explicit.lag is not None
        assert set(explicit.marks.values()) == _last_ids(telegram, names)
    for collector in collectors:
        collector.stop()


def _last_ids(telegram: Loopback, names: list[str]) -> set[int]:
    return {telegram.channel_messages(name, limit=1)[-1].id for name in names}


def test_a_difference_that_is_too_long_is_filled_without_a_reconnect(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The next post that is told brings the lost ones before it."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    telegram.post("news", "first", author="bob")
    eventually(lambda: count(collector) == 1)
    telegram.post_many("news", ["lost 1", "lost 2"], author="bob", push=False)
    telegram.forget_updates("news")
    telegram.post("news", "last", author="bob")
    eventually(lambda: count(collector) == 4)
    assert heard(collector)["news"] == ["first", "lost 1", "lost 2", "last"]


def test_marks_bring_what_was_said_while_the_program_was_down(
    telegram: Loopback, collector: pykka.ActorRef[Collector]
) -> None:
    """They are plain data: a file can keep them."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    config = telegram.add_session("alice")
    with actors.open_system() as system:
        alice = system.start_session(config)
        alice.ask(actors.Monitor(["news"], to=collector))
        telegram.post("news", "before", author="bob")
        eventually(lambda: count(collector) == 1)
        (monitor,) = alice.status().monitors
        kept = json.dumps(dict(monitor.marks))
    telegram.post_many("news", [f"meanwhile {n}" for n in range(250)], author="bob")
    with actors.open_system() as system:
        alice = system.start_session(config)
        alice.ask(actors.Monitor(["news"], to=collector, marks=json.loads(kept)))
        telegram.post("news", "after", author="bob")
        eventually(lambda: count(collector) == 252)
    assert heard(collector)["news"] == ["before", *(f"meanwhile {n}" for n in range(250)), "after"]


def test_a_private_chat_that_begins_while_the_session_is_away_is_told(
    telegram: Loopback, collector: pykka.ActorRef[Collector]
) -> None:
    """A monitor of all chats knows no mark of it."""
    telegram.add_account("bob")
    with actors.open_system() as system:
        alice = system.start_session(telegram.add_session("alice"))
        alice.ask(actors.Monitor([], to=collector))
        telegram.fail("*", account="alice", drop="before")
        telegram.disconnect("alice")
        eventually(lambda: alice.status().phase is not actors.Phase.ONLINE)
        telegram.post_many("alice", ["hello", "are you there?"], author="bob")
        telegram.heal()
        eventually(lambda: count(collector) == 2, within=40)
    assert heard(collector)["bob"] == ["hello", "are you there?"]


def test_a_chat_that_can_not_be_read_any_more_is_said_to_have_a_gap_and_holds_up_no_other(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Telegram refuses one of two."""
    for name in ("news", "secret"):
        telegram.add_channel(name, messages=3, members=["bob", "alice"], public=name == "news")
    system.subscribe(collector, actors.MonitorGap)
    secret = next(d.chat for d in alice.ask(actors.Call("dialogs", _dialogs)) if d.chat.title == "secret")
    alice.ask(actors.Monitor(["news", secret], to=collector))
    telegram.leave("secret", "alice")
    telegram.disconnect("alice")
    telegram.post("news", "seen", author="bob")
    eventually(lambda: count(collector) == 1)
    gaps = eventually(lambda: [event for event in received(collector) if isinstance(event, actors.MonitorGap)])
    assert "CHANNEL_PRIVATE" in gaps[0].reason


async def _dialogs(client: actors.Client) -> tuple[actors.Dialog, ...]:
    return (await client.dialogs(limit=10)).dialogs


def test_an_edit_is_told_and_one_of_a_message_that_is_still_to_come_is_not(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """By its kind; the filter sees it as well."""
    telegram.add_channel("news", messages=0, members=["bob", "alice"])
    bob = system.start_session(telegram.add_session("bob"))
    kinds = [actors.NewMessage, actors.EditedMessage, actors.DeletedMessages]
    alice.ask(actors.Monitor(["news"], to=collector, kinds=kinds, where=lambda message: "secret" not in message.text))

    async def edit(client: actors.Client, number: int, text: str) -> None:
        await client.telethon.edit_message("news", number, text)

    async def delete(client: actors.Client, number: int) -> None:
        await client.telethon.delete_messages("news", [number])

    sent = bob.ask(actors.SendMessage("news", "first"))
    bob.ask(actors.Call("edit", edit, sent.id, "second"))
    bob.ask(actors.Call("edit", edit, sent.id, "a secret"))
    bob.ask(actors.Call("delete", delete, sent.id))
    eventually(lambda: len(received(collector)) >= 3)
    new, edited, deleted = received(collector)
    assert (new.message.text, edited.update.message.text, deleted.update.ids) == ("first", "second", (sent.id,))


def test_of_two_sessions_with_one_name_one_tells_each_message(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Without the name both do."""
    telegram.add_channel("news", messages=0, members=["carol", "alice", "bob"])
    bob = system.start_session(telegram.add_session("bob"))
    each = Collector.start()
    for session in (alice, bob):
        session.ask(actors.Monitor(["news"], to=collector, group="newsroom"))
        session.ask(actors.Monitor(["news"], to=each))
    telegram.post_many("news", [str(number) for number in range(50)], author="carol")
    eventually(lambda: count(each) == 100)
    eventually(lambda: count(collector) == 50)
    assert sorted(map(int, heard(collector)["news"])) == list(range(50))
    each.stop()


def test_a_full_mailbox_does_not_keep_a_session_from_catching_up(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What the session does for itself is outside the bound."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_2", times=1)
    waiting = [alice.ask(actors.SendMessage("bob", "first"), block=False)]
    eventually(lambda: alice.status().holds)
    waiting += [alice.ask(actors.SendMessage("bob", str(number)), block=False) for number in range(100)]
    with pytest.raises(actors.MailboxFull):
        alice.ask(actors.SendMessage("bob", "one too many"))
    telegram.disconnect("alice")
    telegram.post("news", "missed", author="bob")
    eventually(lambda: count(collector) == 1)
    for future in waiting:
        future.get(timeout=20)


PEERS = [Peer("channel", number) for number in range(3)]


@given(st.lists(st.tuples(st.sampled_from(["hold", "message", "release"]), st.integers(0, 2), st.integers(1, 99))))
def test_a_chat_that_is_held_back_remembers_its_newest_message(steps: list[tuple[str, int, int]]) -> None:
    """For all orders of holding, hearing and releasing."""
    suspects = Suspects()
    model: dict[int, int] = {}
    for what, chat, number in steps:
        if what == "hold":
            suspects.hold(PEERS[chat], number)
            model[chat] = max(model.get(chat, 0), number)
        elif what == "release":
            suspects.release(PEERS[chat])
            model.pop(chat, None)
        else:
            message = Message(number, PEERS[chat], None, EPOCH, "")
            assert suspects.takes(message) is (chat in model)
            if chat in model:
                model[chat] = max(model[chat], number)
    assert {peer.id: suspects.newest(peer) for peer in suspects.pending()} == model
