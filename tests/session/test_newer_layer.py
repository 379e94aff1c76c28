"""What Telegram sends of a newer layer is passed over, told once and counted; everything else goes on."""

from __future__ import annotations

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, quick_system, received

DIFFERENCE, CHANNEL_DIFFERENCE = "updates.getDifference", "updates.getChannelDifference"


def texts(ref: pykka.ActorRef[Collector]) -> list[str]:
    """Return what a collector was told."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def gaps(ref: pykka.ActorRef[Collector]) -> list[actors.MonitorGap]:
    """Return the gaps that a collector was told of."""
    return [event for event in received(ref) if isinstance(event, actors.MonitorGap)]


@pytest.fixture
def watched(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector]
) -> actors.SessionRef:
    """A session that watches a channel and a person; gaps are published to the subscriber as well."""
    telegram.add_channel("news", members=["bob", "alice"], messages=2)
    alice.ask(actors.Monitor(["@news", "@bob"], to=collector))
    telegram.post("news", "first", author="bob")
    eventually(lambda: texts(collector) == ["first"])
    del system
    return alice


def test_an_update_of_a_newer_layer_is_told_once_and_ends_nothing(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The difference brings what it was about, sends go on, and the connection is the same."""
    telegram.fail("push", account="alice", newer=True, times=1)
    telegram.post("alice", "new in kind", author="bob")
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat, gap.count, "newer layer" in gap.reason) == (None, 1, True)
    assert watched.ask(actors.SendMessage("@news", "still here"), timeout=5).id
    telegram.post("news", "last", author="bob")
    eventually(lambda: texts(collector) == ["first", "new in kind", "last"])
    status = watched.status()
    assert (status.unreadable, status.connects, status.restarts) == (1, 1, 0)
    assert gaps(collector) == [gap]


def test_what_comes_in_one_packet_with_something_newer_is_read(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Each message once, in order."""
    telegram.fail("push", account="alice", newer=True, times=1)
    telegram.post_many("news", [str(number) for number in range(20)], author="bob")
    eventually(lambda: texts(collector) == ["first", *(str(number) for number in range(20))])
    eventually(lambda: gaps(collector))
    assert (watched.status().unreadable, watched.status().connects) == (1, 1)


def test_many_packets_that_can_not_be_read_are_told_together(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """And the difference is asked for once or twice, not for each."""
    telegram.fail("push", account="alice", newer=True, times=30)
    telegram.forget_calls("alice")
    for number in range(30):
        telegram.post("news", str(number), author="bob")
    eventually(lambda: len(texts(collector)) == 31, within=20)
    eventually(lambda: sum(gap.count for gap in gaps(collector)) >= 1)
    assert telegram.calls("alice").count(DIFFERENCE) <= 2
    assert len(gaps(collector)) <= 2
    assert watched.status().connects == 1


@pytest.mark.parametrize("times", [1, None], ids=["once", "each time"])
def test_a_difference_of_a_newer_layer_is_passed_by_the_servers_own_state(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector], times: int | None
) -> None:
    """It isn't fetched again and again; what was said meanwhile comes from the history, and one gap tells of it."""
    telegram.fail(DIFFERENCE, account="alice", newer=True, times=times)
    telegram.fail("push", account="alice", silence=True, times=1)
    telegram.post("alice", "meanwhile", author="bob")
    telegram.forget_calls("alice")
    telegram.disconnect("alice")
    eventually(lambda: texts(collector) == ["first", "meanwhile"], within=20)
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat, gap.count, "newer layer" in gap.reason) == (None, 1, True)
    telegram.post("alice", "after", author="bob")
    eventually(lambda: texts(collector)[2:] == ["after"])
    assert watched.ask(actors.SendMessage("@bob", "hello"), timeout=5).id
    assert gaps(collector) == [gap]
    assert (watched.status().unreadable, watched.status().connects) == (1, 2)
    assert telegram.calls("alice").count(DIFFERENCE) == 1


def test_a_channel_difference_of_a_newer_layer_is_passed_by_the_channels_own_pts(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The gap names the channel."""
    telegram.fail(CHANNEL_DIFFERENCE, account="alice", newer=True)
    telegram.post("news", "lost on the way", author="bob", push=False)
    telegram.forget_calls("alice")
    telegram.post("news", "noticed", author="bob")
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat is not None and gap.chat.username, gap.count) == ("news", 1)
    eventually(lambda: texts(collector) == ["first", "lost on the way", "noticed"])
    telegram.post("news", "after", author="bob")
    eventually(lambda: texts(collector)[3:] == ["after"])
    assert telegram.calls("alice").count(CHANNEL_DIFFERENCE) == 1
    assert (gaps(collector), watched.status().unreadable, watched.status().connects) == ([gap], 1, 1)


def test_a_history_of_a_newer_layer_is_told_as_a_gap_with_the_ids_that_lack(
    telegram: Loopback, watched: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """The chat goes on after it."""
    for method in ("messages.getHistory", CHANNEL_DIFFERENCE):
        telegram.fail(method, account="alice", newer=True)
    lost = telegram.post("news", "unreadable", author="bob", push=False)
    newest = telegram.post("news", "noticed", author="bob")
    told = eventually(lambda: len(gaps(collector)) == 2 and gaps(collector))
    assert [(gap.first_id, gap.last_id) for gap in told] == [(None, None), (lost, newest)]
    assert watched.status().monitors[0].unheard == ()
    telegram.post("news", "after", author="bob")
    eventually(lambda: texts(collector) == ["first", "after"])


def test_a_list_of_chats_of_a_newer_layer_is_told_as_a_gap_and_not_read_for_ever(
    telegram: Loopback, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """For monitors of all chats."""
    telegram.add_channel("news", members=["bob", "alice"], messages=2)
    alice.ask(actors.Monitor(to=collector))
    telegram.fail("messages.getDialogs", account="alice", newer=True)
    telegram.forget_calls("alice")
    telegram.disconnect("alice")
    (gap,) = eventually(lambda: gaps(collector), within=20)
    assert (gap.chat, "TYPE_NOT_FOUND" in gap.reason) == (None, True)
    telegram.post("news", "after", author="bob")
    eventually(lambda: texts(collector) == ["after"])
    assert telegram.calls("alice").count("messages.getDialogs") == 1


def test_an_account_whose_own_user_can_not_be_read_ends_its_session_with_the_reason(telegram: Loopback) -> None:
    """Not at the first time; and the session doesn't connect for ever."""
    with quick_system() as system:
        alice = system.start_session(telegram.add_session("alice"))
        telegram.fail("users.getUsers", account="alice", newer=True)
        telegram.disconnect("alice")
        collector = Collector.start()
        system.subscribe(collector, actors.SessionDown)
        (down,) = eventually(lambda: received(collector), within=30)
        assert "TYPE_NOT_FOUND" in down.reason
        eventually(lambda: not alice.is_alive())
        collector.stop()
