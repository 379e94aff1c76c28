"""A flood wait holds what it must, and says until when; everything else goes on."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

FLOOD = 5
"""Seconds that the server asks for."""

SEND = "messages.sendMessage"

STATE = "updates.getState"


def heard(collector: pykka.ActorRef[Collector]) -> list[str]:
    """Return the texts that a monitor has brought."""
    return [event.message.text for event in received(collector) if isinstance(event, actors.MessageReceived)]


@pytest.mark.timing
def test_a_flood_wait_of_5_s_holds_sending_alone_and_the_held_send_is_delivered_once_after_it(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Scraping and monitoring go on; the end is visible; who can't wait until then is told at once."""
    telegram.add_session("bob")
    telegram.add_channel("news", messages=500, members=["alice", "bob"])
    floods = Collector.start()
    system.subscribe(floods, actors.FloodWaiting)
    alice.ask(actors.Monitor(["news"], to=collector), timeout=10)
    telegram.fail(SEND, account="alice", error=f"FLOOD_WAIT_{FLOOD}", times=1)
    held = alice.ask(actors.SendMessage("bob", "held"), block=False)
    (hold,) = eventually(lambda: alice.status().holds)
    flooded = time.monotonic()

    assert (hold.key, hold.reason, hold.operations) == (f"method:{SEND}", "FLOOD_WAIT", 1)
    assert FLOOD - 1 < (hold.until - datetime.now(UTC)).total_seconds() <= FLOOD
    (waiting,) = alice.status().waiting
    assert (waiting.name, waiting.held_by) == ("SendMessage", (f"method:{SEND}",))
    (event,) = eventually(lambda: received(floods))
    assert (event.session, event.key, event.seconds) == ("alice", f"method:{SEND}", FLOOD)
    assert abs((event.until - hold.until).total_seconds()) < 0.1

    with pytest.raises(actors.FloodWait) as refused:
        alice.ask(actors.SendMessage("bob", "impatient").with_(wait_timeout=FLOOD - 2), timeout=1)
    assert FLOOD - 2 < refused.value.retry_after <= FLOOD
    assert (refused.value.session, refused.value.method) == ("alice", SEND)

    posts = [f"post {number}" for number in range(10)]
    telegram.post_many("news", posts, author="bob")
    assert len(alice.ask(actors.ScrapeHistory("news", limit=500), timeout=FLOOD - 2).messages) == 500
    eventually(lambda: heard(collector) == posts, within=FLOOD - 2)
    assert not held.done()
    assert time.monotonic() - flooded < FLOOD

    held.get(timeout=FLOOD + 5)
    assert [message.text for message in telegram.messages("bob")] == ["held"]
    first, second = (call for call in telegram.calls("alice") if call == SEND)
    assert second.at - first.at >= FLOOD
    assert alice.status().holds == ()
    assert (alice.status().restarts, alice.status().connects) == (0, 1)
    floods.stop()


def test_an_operation_that_needs_what_is_flooded_waits_behind_the_held_one_in_its_order(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """One hold for the method: the second send isn't tried before its end, and doesn't overtake the first."""
    telegram.add_session("bob")
    telegram.fail(SEND, account="alice", error="FLOOD_WAIT_1", times=1)
    first = alice.ask(actors.SendMessage("bob", "first"), block=False)
    eventually(lambda: alice.status().holds)
    second = alice.ask(actors.SendMessage("bob", "second"), block=False)
    assert eventually(lambda: alice.status().holds)[0].operations == 2
    first.get(timeout=10)
    second.get(timeout=10)
    assert [message.text for message in telegram.messages("bob")] == ["first", "second"]
    assert [call for call in telegram.calls("alice") if call == SEND] == [SEND] * 3


def test_a_slow_mode_that_outlasts_an_operation_names_the_method_and_not_the_chat(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """The hold is the chat's; the error is the operation's."""
    telegram.add_session("bob")
    telegram.fail("messages.sendMessage", account="alice", error="SLOWMODE_WAIT_900", times=1)
    with pytest.raises(actors.FloodWait) as caught:
        alice.ask(actors.SendMessage("bob", "hello"), timeout=10)
    assert (caught.value.method, caught.value.name) == ("messages.sendMessage", "SLOWMODE_WAIT")


# Through the narrow client, whatever an operation listed.


def test_a_call_that_asks_again_at_once_is_refused_before_anything_leaves(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """It gets the rest of the wait; that makes the wait no longer, and nobody is told of it again."""
    system.subscribe(collector, actors.FloodWaiting)
    telegram.fail(STATE, account="alice", error="FLOOD_WAIT_60", times=1)
    telegram.forget_calls("alice")

    async def insist(client: actors.Client) -> list[actors.FloodWait]:
        met = []
        for _ in range(3):
            try:
                await client.server_time()
            except actors.FloodWait as error:
                met.append(error)
        return met

    first, second, third = alice.ask(actors.Call("insisting", insist), timeout=10)
    assert (first.retry_after, first.code, first.method) == (60, 420, STATE)
    assert 59 < third.retry_after < second.retry_after < 60
    assert (third.name, third.code, third.method, third.session) == ("FLOOD_WAIT", 0, STATE, "alice")
    assert [str(call) for call in telegram.calls("alice")] == [STATE]
    (hold,) = alice.status().holds
    assert (hold.key, hold.reason) == (f"method:{STATE}", "FLOOD_WAIT")
    (event,) = received(collector)
    assert abs((event.until - hold.until).total_seconds()) < 0.1


def test_a_call_that_gives_up_at_the_wait_of_another_is_tried_again_at_its_end_and_told_of_once(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """A refusal is neither a failure nor a new wait, and takes no time from the run timeout."""
    system.subscribe(collector, actors.FloodWaiting)
    telegram.fail(STATE, account="alice", error="FLOOD_WAIT_2", times=1)
    telegram.forget_calls("alice")

    async def ask_for_the_time(client: actors.Client) -> datetime:
        return await client.server_time()

    operation = actors.Call("asking", ask_for_the_time).with_(retries=0, run_timeout=1.5)
    futures = [alice.ask(operation, block=False) for _ in range(3)]
    for future in futures:
        future.get(timeout=10)
    first, *others = (call.at for call in telegram.calls("alice") if call == STATE)
    assert len(others) == 3
    assert all(at - first >= 2 for at in others)
    assert [event.seconds for event in received(collector)] == [2]


def test_the_waits_of_several_methods_are_kept_side_by_side(telegram: Loopback, alice: actors.SessionRef) -> None:
    """One operation meets one after the other, and waits for each to its end."""
    telegram.add_channel("news", messages=3, members=["alice"])
    methods = ("contacts.resolveUsername", STATE, "messages.getPeerDialogs")
    for method in methods:
        telegram.fail(method, account="alice", error="FLOOD_WAIT_1", times=1)
    telegram.forget_calls("alice")
    watcher = Collector.start()
    alice.ask(actors.Monitor(["news"], to=watcher), timeout=20)
    for method in methods:
        first, second, *_ = (call.at for call in telegram.calls("alice") if call == method)
        assert second - first >= 1
    watcher.stop()


def test_what_a_monitor_has_missed_is_read_through_the_waits_of_what_reads_it(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Each is kept, and each message comes once and in order."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector), timeout=10)
    methods = ("messages.getPeerDialogs", "messages.getHistory")
    for method in methods:
        telegram.fail(method, account="alice", error="FLOOD_WAIT_1", times=1)
    telegram.forget_calls("alice")
    posts = [f"post {number}" for number in range(250)]
    telegram.post_many("news", posts, author="bob", push=False)
    telegram.forget_updates("news")
    telegram.disconnect("alice")
    eventually(lambda: len(heard(collector)) == len(posts), within=20)
    assert heard(collector) == posts
    for method in methods:
        first, *others = (call.at for call in telegram.calls("alice") if call == method)
        assert all(at - first >= 1 for at in others)


def test_a_connection_is_checked_while_the_method_of_the_check_is_held(
    telegram: Loopback, system: actors.System
) -> None:
    """By a ping: what doesn't leave proves nothing, and a hold is no sign of death."""
    health = actors.HealthPolicy(probe_after=3600, silence=0.2, timeout=1)
    alice = system.start_session(telegram.add_session("alice").with_(health=health))
    telegram.fail(STATE, account="alice", error="FLOOD_WAIT_60", times=1)
    eventually(lambda: alice.status().holds)
    telegram.forget_calls("alice")
    eventually(lambda: [str(call) for call in telegram.calls("alice")].count("updates.getDifference") >= 3)
    assert STATE not in telegram.calls("alice")
    status = alice.status()
    assert (status.phase, status.connects, status.restarts) == (actors.Phase.ONLINE, 1, 0)


def test_a_dead_line_is_found_while_the_method_of_the_check_is_held(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nothing that is only refused here counts as an answer."""
    health = actors.HealthPolicy(probe_after=3600, silence=0.1, timeout=0.3)
    alice = system.start_session(telegram.add_session("alice").with_(health=health))
    system.subscribe(collector, actors.SessionRestarted, actors.SessionOffline)
    telegram.fail("updates.getState", account="alice", error="FLOOD_WAIT_60", times=1)
    eventually(lambda: alice.status().holds)
    telegram.fail("*", account="alice", silence=True)
    telegram.fail("ping", account="alice", silence=True)
    eventually(lambda: received(collector))
    telegram.heal()


def test_a_call_that_insists_on_a_held_method_does_not_keep_the_loop(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Each refusal lets others have their turn: the session is answered, and ends it."""

    async def insist(client: actors.Client) -> None:
        while True:
            with contextlib.suppress(actors.FloodWait):
                await client.server_time()

    telegram.fail(STATE, account="alice", error="FLOOD_WAIT_5", times=1)
    begun = time.monotonic()
    insisting = alice.ask(actors.Call("insisting", insist), block=False)
    eventually(lambda: alice.status().holds)
    assert alice.ask(actors.CancelOperation(insisting.operation_id), timeout=4) is True
    assert time.monotonic() - begun < 3, "nobody was answered before the flood wait was over"
    with pytest.raises(actors.OperationCancelled):
        insisting.get(timeout=5)


# Slow mode.


@pytest.mark.parametrize("first", ["@club", "peer", "id"])
def test_slow_mode_is_one_chats_by_whatever_name_it_is_called(
    telegram: Loopback, alice: actors.SessionRef, first: str
) -> None:
    """Its name in any spelling, its peer and its ids hold one another."""
    telegram.add_session("carol")
    telegram.add_channel("club", members=["carol", "alice"])
    chat = alice.ask(actors.ScrapeHistory("@club", limit=1), timeout=10).chat
    names: dict[str, str | int | actors.Peer] = {"@club": "@club", "peer": chat, "id": chat.id}
    telegram.fail(SEND, account="alice", error="SLOWMODE_WAIT_2", times=1)
    telegram.forget_calls("alice")
    begun = alice.ask(actors.SendMessage(names[first], "first"), block=False)
    (hold,) = eventually(lambda: alice.status().holds)
    assert (hold.key, hold.reason) == (f"chat:{chat.key}", "SLOWMODE_WAIT")
    called: list[str | int | actors.Peer] = [
        "@club",
        "CLUB",
        "@CLUB",
        chat,
        actors.Peer("channel", chat.id),
        chat.id,
        -1000000000000 - chat.id,
    ]
    others = [alice.ask(actors.SendMessage(name, "another"), block=False) for name in called]
    alice.ask(actors.ScrapeHistory("@club", limit=1), timeout=1)  # who only reads isn't held
    for future in (begun, *others):
        future.get(timeout=20)
    at = [call.at for call in telegram.calls("alice") if call == SEND]
    assert len(at) == 2 + len(called)
    assert all(each - at[0] >= 2 for each in at[1:])


def test_slow_mode_does_not_hold_a_user_of_the_same_number(telegram: Loopback, alice: actors.SessionRef) -> None:
    """They are two chats: the send to the user goes out, and is refused for a peer that there isn't."""
    telegram.add_session("carol")
    telegram.add_channel("club", members=["carol", "alice"])
    chat = alice.ask(actors.ScrapeHistory("@club", limit=1), timeout=10).chat
    telegram.fail(SEND, account="alice", error="SLOWMODE_WAIT_900", times=1)
    with pytest.raises(actors.FloodWait) as caught:
        alice.ask(actors.SendMessage(chat, "slow").with_(run_timeout=5), timeout=10)
    assert (caught.value.scope, caught.value.chat) == (actors.FloodScope.CHAT, chat.key)
    telegram.forget_calls("alice")
    with pytest.raises(actors.TelegramError) as refused:
        alice.ask(actors.SendMessage(actors.Peer("user", chat.id, 5), "twin").with_(retries=0), timeout=10)
    assert not isinstance(refused.value, actors.FloodWait)
    assert SEND in telegram.calls("alice")


def test_the_slow_mode_of_the_server_is_kept_by_every_sender_of_a_chat(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """As Telegram has it: texts and calls of one's own alike."""
    telegram.add_session("carol")
    telegram.add_channel("club", members=["carol", "alice"])
    telegram.slow_mode("club", 1)

    async def write(client: actors.Client) -> int:
        return (await client.send_message(await client.resolve("club"), "by hand", random_id=77)).id

    futures = [alice.ask(actors.SendMessage("club", f"text {number}"), block=False) for number in range(2)]
    futures.append(alice.ask(actors.Call("writing", write), block=False))
    for future in futures:
        future.get(timeout=20)
    assert sorted(message.text for message in telegram.channel_messages("club")) == ["by hand", "text 0", "text 1"]
