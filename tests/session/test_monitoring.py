"""Monitors: what is posted reaches the user's actor, once and in order."""

from __future__ import annotations

import threading
import time

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, Gate, eventually, received


def texts(ref: pykka.ActorRef[Collector]) -> list[str]:
    """Return the texts of the messages that a collector has received."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def test_every_one_of_500_posts_arrives_in_order_while_the_same_session_scrapes(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """A monitor holds no slot, and its events come one after the other."""
    telegram.add_session("bob")
    telegram.add_channel("news", messages=500, members=["alice", "bob"])
    monitoring = alice.ask(actors.Monitor(["@news"], to=collector))
    assert monitoring.until is not None
    expected = [f"post {number}" for number in range(500)]
    posting = threading.Thread(target=telegram.post_many, args=("news", expected), kwargs={"author": "bob"})
    posting.start()
    scraped = alice.ask(actors.ScrapeHistory("news", limit=500), timeout=30)
    posting.join()
    assert len(scraped.messages) == 500
    eventually(lambda: len(texts(collector)) >= 500, within=20)
    assert texts(collector) == expected


def test_a_monitor_that_is_stopped_says_so_once_and_says_nothing_after_that(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """One `MonitorEnded` as the last event; its task has left the registry."""
    telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    monitoring = alice.ask(actors.Monitor(["news"], to=collector))
    telegram.post("news", "first", author="bob")
    eventually(lambda: texts(collector) == ["first"])
    assert alice.ask(actors.StopMonitor(monitoring.id)) is True
    assert alice.ask(actors.StopMonitor(monitoring.id)) is False
    telegram.post("news", "second", author="bob")
    alice.ask(actors.ScrapeHistory("news", limit=10))
    assert [type(event) for event in received(collector)] == [actors.MessageReceived, actors.MonitorEnded]
    assert received(collector)[-1].reason == "stopped"
    assert alice.status().monitors == ()


@pytest.mark.both_hosts
def test_a_monitor_ends_with_its_lifetime(
    system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """By itself, with the reason."""
    alice.ask(actors.Monitor(to=collector, lifetime=0.2))
    assert [task.task_type for task in system.status().tasks_of("alice")] == ["connection", "monitoring"]
    ended = eventually(lambda: received(collector))
    assert [event.reason for event in ended] == ["lifetime"]
    assert [task.task_type for task in system.status().tasks_of("alice")] == ["connection"]


def test_a_monitor_ends_in_time_though_nobody_asks_anything_of_its_session(
    alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """A session that has nothing else to do looks at its clock for the monitor's sake."""
    begun = time.monotonic()
    alice.ask(actors.Monitor(to=collector, lifetime=0.2))
    eventually(lambda: received(collector))
    assert time.monotonic() - begun < 5, "an attempt timeout is 15 s"


@pytest.mark.both_hosts
def test_a_monitor_lives_through_a_lost_connection_and_a_restart(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What was posted meanwhile is caught up with, in order, each message once."""
    telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    alice.ask(actors.Monitor(["news"], to=collector))
    telegram.post("news", "one", author="bob")
    eventually(lambda: texts(collector) == ["one"])
    telegram.disconnect("alice")
    telegram.post("news", "two", author="bob")
    eventually(lambda: texts(collector) == ["one", "two"], within=10)
    system.restart_session("alice")
    telegram.post("news", "three", author="bob")
    eventually(lambda: texts(collector) == ["one", "two", "three"], within=10)
    status = alice.status()
    assert status.restarts == 1
    assert status.phase is actors.Phase.ONLINE


@pytest.mark.both_hosts
def test_a_subscriber_that_dies_ends_its_monitor_and_no_other(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The dead are removed, the living go on."""
    telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    mortal = Collector.start()
    alice.ask(actors.Monitor(["news"], to=mortal))
    alice.ask(actors.Monitor(["news"], to=collector))
    mortal.stop()
    telegram.post("news", "hello", author="bob")
    eventually(lambda: texts(collector) == ["hello"])
    eventually(lambda: len(alice.status().monitors) == 1)


@pytest.mark.both_hosts
def test_a_stop_of_the_session_ends_its_monitors(
    alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """With one last event each."""
    alice.ask(actors.Monitor(to=collector))
    alice.stop()
    ended = eventually(lambda: received(collector))
    assert [event.reason for event in ended] == [actors.MonitorEnd.SESSION_STOPPED]


def test_setting_a_monitor_up_waits_its_turn_but_goes_first(
    alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """It is an operation of priority 10."""
    gate = Gate()
    alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    sends = [alice.ask(gate.noted(str(number), "sending"), block=False) for number in range(5)]
    monitoring = alice.ask(actors.Monitor(to=collector), block=False)
    assert not monitoring.done()
    assert alice.status().waiting[0].name == "Monitor"
    gate.open()
    assert monitoring.get(timeout=5).id > 0
    assert [send.get(timeout=5) for send in sends] == [str(number) for number in range(5)]


def test_a_monitor_of_a_chat_that_does_not_exist_is_refused(
    alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """With Telegram's own name for it."""
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.Monitor(["nowhere_to_be_found"], to=collector))
    assert caught.value.name == "USERNAME_NOT_OCCUPIED"
    assert alice.status().monitors == ()


@pytest.mark.parametrize(("chats", "field"), [("@news", "chats"), ([""], "chats[0]"), (["a", "+49123"], "chats[1]")])
def test_a_bad_list_of_chats_is_named(chats: list[str], field: str, collector: pykka.ActorRef[Collector]) -> None:
    """Before anything is sent."""
    with pytest.raises(actors.InvalidInput) as caught:
        actors.Monitor(chats, to=collector)
    assert caught.value.field == field
