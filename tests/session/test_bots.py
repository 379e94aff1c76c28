"""Bots monitor: what they are told and may fetch reaches their subscribers, and what they may not is never asked."""

from __future__ import annotations

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

BARRED = {"messages.getPeerDialogs", "messages.getDialogs", "messages.getHistory", "messages.search"}


@pytest.fixture
def robot(telegram: Loopback, system: actors.System) -> actors.SessionRef:
    """A bot that is online, beside people whom it has met, in a group that it administers."""
    telegram.add_bot("robot")
    telegram.add_channel("club", members=["bob", "robot"])
    telegram.promote("club", "robot")
    return system.start_session(telegram.add_session("robot"))


def texts(ref: pykka.ActorRef[Collector]) -> list[str]:
    """Return what a collector was told."""
    return [event.message.text for event in received(ref) if isinstance(event, actors.MessageReceived)]


def gaps(ref: pykka.ActorRef[Collector]) -> list[actors.MonitorGap]:
    """Return the gaps that a collector was told of."""
    return [event for event in received(ref) if isinstance(event, actors.MonitorGap)]


@pytest.mark.parametrize("chats", [["@club", "@bob"], []], ids=["named chats", "all chats"])
def test_a_bot_monitors_without_a_request_that_is_barred_to_bots(
    telegram: Loopback, robot: actors.SessionRef, collector: pykka.ActorRef[Collector], chats: list[str]
) -> None:
    """Also over a cut, whose gap comes by the difference alone."""
    robot.ask(actors.Monitor(chats, to=collector))
    telegram.post("club", "before", author="bob")
    eventually(lambda: texts(collector) == ["before"])
    telegram.fail("*", account="robot", drop="before")
    telegram.disconnect("robot")
    eventually(lambda: robot.status().phase is not actors.Phase.ONLINE)
    telegram.post("club", "meanwhile", author="bob")
    telegram.post("robot", "to you", author="bob")
    telegram.heal()
    eventually(lambda: sorted(texts(collector)) == ["before", "meanwhile", "to you"], within=40)
    telegram.post("club", "after", author="bob")
    eventually(lambda: texts(collector)[3:] == ["after"])
    assert BARRED.isdisjoint(telegram.calls("robot"))
    assert gaps(collector) == []


def test_a_gap_opens_before_a_bot_heard_anything_of_the_channel_and_is_filled(
    telegram: Loopback, robot: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Where the channel's updates stand is learned when the monitor is set up."""
    robot.ask(actors.Monitor(["@club"], to=collector))
    telegram.post("club", "unheard", author="bob", push=False)
    telegram.disconnect("robot")
    eventually(lambda: texts(collector) == ["unheard"], within=20)
    assert gaps(collector) == []


@pytest.mark.parametrize("where", ["club", "robot"])
def test_a_difference_that_is_too_long_for_a_bot_is_told_as_a_gap(
    telegram: Loopback,
    robot: actors.SessionRef,
    system: actors.System,
    collector: pykka.ActorRef[Collector],
    where: str,
) -> None:
    """To the subscriber, in order, and to the event stream; nothing of the chat is held back."""
    events = Collector.start()
    system.subscribe(events, actors.MonitorGap)
    robot.ask(actors.Monitor(["@club", "@bob"], to=collector))
    telegram.post(where, "first", author="bob")
    eventually(lambda: texts(collector) == ["first"])
    telegram.post_many(where, ["lost 1", "lost 2"], author="bob", push=False)
    telegram.forget_updates(where)
    telegram.disconnect("robot")
    (gap,) = eventually(lambda: gaps(collector), within=20)
    telegram.post(where, "last", author="bob")
    eventually(lambda: texts(collector) == ["first", "last"])
    assert [type(event) for event in received(collector)][1:] == [actors.MonitorGap, actors.MessageReceived]
    assert (None if gap.chat is None else gap.chat.username) == ("club" if where == "club" else None)
    assert "bot" in gap.reason
    (published,) = gaps(events)
    assert (published.chat, published.reason) == (gap.chat, gap.reason)
    events.stop()


@pytest.mark.parametrize(
    "operation",
    [actors.ScrapeHistory("@club", limit=1), actors.ScrapeDialogs(), actors.ScrapeHistory("@club", search="x")],
)
def test_what_a_bot_may_not_ask_is_refused_before_it_is_sent(
    telegram: Loopback, robot: actors.SessionRef, operation: actors.Operation[object]
) -> None:
    """In Telegram's words, and at once."""
    robot.ask(actors.SendMessage("@club", "hello"))
    with pytest.raises(actors.TelegramError) as caught:
        robot.ask(operation, timeout=20)
    assert (caught.value.name, caught.value.verdict) == ("BOT_METHOD_INVALID", actors.Verdict.OPERATION_PERMANENT)
    assert BARRED.isdisjoint(telegram.calls("robot"))


def test_a_bot_is_refused_a_chat_that_it_is_not_in(
    telegram: Loopback, robot: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Telegram would tell it nothing; only people may poll."""
    telegram.add_channel("news", members=["bob"])
    with pytest.raises(actors.InvalidInput) as caught:
        robot.ask(actors.Monitor(["@club", "@news"], to=collector))
    assert caught.value.field == "chats[1]"
    assert "added" in caught.value.problem


def test_marks_that_a_bot_can_not_read_on_from_are_told_as_a_gap(
    telegram: Loopback, robot: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """It says from which message on."""
    club = telegram.add_channel("den", members=["bob", "robot"], messages=5)
    robot.ask(actors.Monitor(["@den"], to=collector, marks={f"channel:{club}": 3}))
    (gap,) = eventually(lambda: gaps(collector))
    assert (gap.chat is not None, gap.first_id, gap.last_id) == (True, 4, None)


def test_a_difference_of_a_newer_layer_is_one_gap_for_a_bot(
    telegram: Loopback, robot: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """What was in it can't be read in another way."""
    robot.ask(actors.Monitor(["@club", "@bob"], to=collector))
    telegram.post("robot", "first", author="bob")
    eventually(lambda: texts(collector) == ["first"])
    telegram.fail("updates.getDifference", account="robot", newer=True, times=1)
    telegram.post("robot", "lost", author="bob", push=False)
    telegram.disconnect("robot")
    eventually(lambda: gaps(collector), within=20)
    telegram.post("robot", "last", author="bob")
    eventually(lambda: texts(collector) == ["first", "last"])
    assert ["newer layer" in gap.reason for gap in gaps(collector)] == [True]
    assert robot.status().unreadable == 1
