"""A flood wait holds what it must, and says until when; everything else goes on."""

from __future__ import annotations

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
