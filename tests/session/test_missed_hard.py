"""Catching up when something gets in its way: each of these once lost a message, told one twice, or never ended."""

from __future__ import annotations

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.runtime.test_delivery import Sleeper
from tests.support import Collector, eventually, quick_system, received


def texts(ref: pykka.ActorRef[Collector]) -> list[str]:
    """Return what a collector was told."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def pages(telegram: Loopback) -> int:
    """Return how many pages of history alice has asked for."""
    return telegram.calls("alice").count("messages.getHistory")


def test_a_monitor_that_ends_while_its_chat_is_held_back_leaves_nothing_to_catch_up_with(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Another monitor of the session goes on, and no page is asked for again and again."""
    for name in ("news", "other"):
        telegram.add_channel(name, messages=3, members=["bob", "alice"])
    short = Collector.start()
    ending = alice.ask(actors.Monitor(["other"], to=short))
    alice.ask(actors.Monitor(["news"], to=collector))
    telegram.fail("messages.getHistory", account="alice", delay=0.5)
    telegram.post_many("other", ["a", "b"], author="bob", push=False)
    telegram.disconnect("alice")
    eventually(lambda: pages(telegram) == 1)
    alice.ask(actors.StopMonitor(ending.id), timeout=5)
    telegram.heal()
    telegram.post("news", "told", author="bob")
    eventually(lambda: texts(collector) == ["told"])
    assert pages(telegram) <= 2
    short.stop()


@pytest.mark.slow
def test_a_chat_whose_history_fails_is_given_up_in_the_end_and_keeps_no_other_waiting(
    telegram: Loopback, collector: pykka.ActorRef[Collector]
) -> None:
    """The other chat hears its messages at once; the gap is said."""
    for name in ("news", "broken"):
        telegram.add_channel(name, messages=3, members=["bob", "alice"])
    with quick_system() as system:
        alice = system.start_session(telegram.add_session("alice"))
        system.subscribe(collector, actors.MonitorGap)
        alice.ask(actors.Monitor(["broken", "news"], to=collector))
        telegram.fail("messages.getHistory", account="alice", chat="broken", error="HISTORY_GET_FAILED")
        telegram.post("broken", "lost", author="bob", push=False)
        telegram.disconnect("alice")
        telegram.post("news", "told", author="bob")
        eventually(lambda: texts(collector) == ["told"])

        def gaps() -> list[actors.MonitorGap]:
            return [event for event in received(collector) if isinstance(event, actors.MonitorGap)]

        assert "HISTORY_GET_FAILED" in eventually(gaps, within=70)[0].reason


def test_a_gap_that_opens_while_another_is_being_filled_is_filled_too(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What was known of the second chat is asked for anew."""
    for name in ("one", "two"):
        telegram.add_channel(name, messages=3, members=["bob", "alice"])
    alice.ask(actors.Monitor(["one", "two"], to=collector))
    telegram.fail("messages.getHistory", account="alice", delay=0.7)
    telegram.post("one", "lost 1", author="bob", push=False)
    telegram.disconnect("alice")
    eventually(lambda: pages(telegram) == 1)
    telegram.post_many("two", ["lost 2", "lost 3"], author="bob", push=False)
    telegram.forget_updates("two")
    telegram.post("two", "told", author="bob")
    eventually(lambda: texts(collector) == ["lost 1", "lost 2", "lost 3", "told"])


def test_marks_count_for_a_monitor_of_all_chats_as_well(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What came after them is told first; a mark beyond the newest message silences nothing."""
    ids = [telegram.add_channel(name, messages=5, members=["bob", "alice"]) for name in ("news", "other")]
    marks = {f"channel:{ids[0]}": 3, f"channel:{ids[1]}": 1_000_000}
    alice.ask(actors.Monitor(to=collector, marks=marks))
    eventually(lambda: texts(collector) == ["news 4", "news 5"])
    telegram.post("other", "told", author="bob")
    eventually(lambda: texts(collector)[2:] == ["told"])


def test_marks_are_what_was_answered_in_order_and_nothing_else(telegram: Loopback, alice: actors.SessionRef) -> None:
    """A message that the subscriber has and hasn't answered doesn't move them."""
    telegram.add_channel("news", messages=3, members=["bob", "alice"])
    slow = Sleeper.start(60.0)
    alice.ask(actors.Monitor(["news"], to=slow, delivery=actors.DeliveryPolicy(window=2)))
    telegram.post_many("news", ["4", "5", "6"], author="bob")
    (monitor,) = eventually(lambda: alice.status().monitors[0].queued == 1 and alice.status().monitors)
    assert set(monitor.marks.values()) == {3}
    actor = slow._actor_weakref()
    assert isinstance(actor, Sleeper)
    actor.woken.set()
    eventually(lambda: set(alice.status().monitors[0].marks.values()) == {6})
    slow.stop()


def test_own_messages_are_no_news_when_the_history_is_read_again(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nor after a restart, with another client."""
    telegram.add_channel("news", messages=0, members=["bob", "alice"])
    alice.ask(actors.Monitor(["news"], to=collector))
    for number in range(3):
        alice.ask(actors.SendMessage("news", f"mine {number}"))
    system.restart_session("alice")
    telegram.post("news", "theirs", author="bob")
    eventually(lambda: texts(collector) == ["theirs"])


def test_what_a_dead_subscriber_had_not_answered_another_of_its_group_may_tell(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """With the marks that were answered."""
    telegram.add_channel("news", messages=1, members=["bob", "alice"])
    mortal = Sleeper.start(0.3)
    alice.ask(actors.Monitor(["news"], to=mortal, group="group"))
    telegram.post_many("news", ["first", "second", "third"], author="bob")
    marks = eventually(lambda: alice.status().monitors[0].delivered == 1 and alice.status().monitors[0].marks)
    mortal.stop(block=False)
    telegram.post("news", "fourth", author="bob")
    eventually(lambda: alice.status().monitors == ())
    alice.ask(actors.Monitor(["news"], to=collector, group="group", marks=marks))
    eventually(lambda: texts(collector)[-2:] == ["third", "fourth"])


def test_a_message_that_comes_while_a_monitor_is_set_up_is_told(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Between the look at its chat and its start, with more chats than one look takes."""
    names = [f"channel{number}" for number in range(120)]
    for name in names:
        telegram.add_channel(name, messages=1, members=["bob", "alice"])
    telegram.fail("messages.getPeerDialogs", account="alice", delay=0.5)
    setting_up = alice.ask(actors.Monitor(names, to=collector), block=False)
    eventually(lambda: telegram.calls("alice").count("messages.getPeerDialogs") == 2, within=20)
    telegram.post(names[0], "during", author="bob")
    setting_up.get(timeout=10)
    telegram.heal()
    eventually(lambda: texts(collector) == ["during"])
