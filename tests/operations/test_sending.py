"""Sending through session actors, checked against what the server holds."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually


@pytest.mark.both_hosts
def test_a_thousand_messages_from_eight_threads_through_twenty_sessions_arrive_once_each(
    telegram: Loopback, system: actors.System
) -> None:
    """The server holds exactly those messages, each from the right account."""
    telegram.add_session("inbox")
    names = [f"s{number}" for number in range(20)]
    configs = [telegram.add_session(name).with_(capacity=1000) for name in names]
    sessions = [system.start_session(config) for config in configs]

    def send(number: int) -> None:
        session = sessions[number % len(sessions)]
        session.ask(actors.SendMessage("inbox", f"{session.name} {number}"), timeout=60)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(1000)))

    held = telegram.messages("inbox")
    expected = Counter((f"s{number % 20}", f"s{number % 20} {number}") for number in range(1000))
    assert Counter((message.sender, message.text) for message in held) == expected


@pytest.mark.both_hosts
def test_a_send_whose_reply_is_lost_is_repeated_and_arrives_once(telegram: Loopback, alice: actors.SessionRef) -> None:
    """The connection is cut after the server has done it; the repeat carries the same random_id."""
    telegram.add_session("bob")
    telegram.fail("messages.sendMessage", account="alice", drop="after", times=1)
    sent = alice.ask(actors.SendMessage("bob", "once"), timeout=20)
    assert [(m.text, m.random_id) for m in telegram.messages("bob")] == [("once", sent.random_id)]


def test_a_silent_server_makes_the_outcome_unknown_and_the_random_id_makes_the_repeat_harmless(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """The caller gets the random_id, sends again with it, and the message is there once."""
    telegram.add_session("bob")
    alice.ask(actors.SendMessage("bob", "hello"))
    telegram.fail("messages.sendMessage", account="alice", silence=True, times=None)
    quick = actors.SendMessage("bob", "maybe").with_(run_timeout=0.5, attempt_timeout=0.2)
    with pytest.raises(actors.OutcomeUnknown) as caught:
        alice.ask(quick, timeout=10)
    telegram.heal()
    alice.ask(actors.SendMessage("bob", "maybe", random_id=caught.value.random_id), timeout=10)
    assert [m.text for m in telegram.messages("bob")] == ["hello", "maybe"]


def test_a_send_that_is_refused_tells_the_name_of_the_error_and_its_verdict(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Nobody sees a class of Telethon."""
    telegram.add_session("bob")
    telegram.fail("messages.sendMessage", account="alice", error="USER_IS_BLOCKED", times=1)
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.SendMessage("bob", "hello"))
    assert caught.value.name == "USER_IS_BLOCKED"
    assert caught.value.verdict is actors.Verdict.RECIPIENT_PERMANENT
    assert caught.value.method == "messages.sendMessage"
    assert caught.value.session == "alice"


def test_a_flood_wait_holds_sending_and_nothing_else(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Status says until when; the held send goes out once, after the end."""
    telegram.add_session("bob")
    telegram.add_channel("news", messages=250, members=["alice", "bob"])
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_2", times=1)
    held = alice.ask(actors.SendMessage("bob", "later"), block=False)
    hold = eventually(lambda: alice.status().holds)[0]
    assert (hold.key, hold.operations) == ("method:messages.sendMessage", 1)
    assert hold.until is not None
    scraped = alice.ask(actors.ScrapeHistory("news", limit=200), timeout=2)
    assert len(scraped.messages) == 200
    assert not held.done()
    sent = held.get(timeout=10)
    assert sent.date >= hold.until.replace(microsecond=0)
    assert [m.text for m in telegram.messages("bob") if m.text == "later"] == ["later"]


def test_an_operation_whose_deadline_lies_before_the_end_of_the_hold_fails_at_once(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Waiting would be pointless, so nobody waits."""
    telegram.add_session("bob")
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_30", times=1)
    short = actors.SendMessage("bob", "short").with_(wait_timeout=5, run_timeout=5)
    with pytest.raises(actors.FloodWait) as caught:
        alice.ask(short, timeout=3)
    assert 25 < caught.value.retry_after <= 31
    with pytest.raises(actors.FloodWait):
        alice.ask(short, timeout=3)


def test_a_restricted_account_stops_writing_and_goes_on_reading(telegram: Loopback, alice: actors.SessionRef) -> None:
    """PeerFlood is an open-ended hold on writing, until somebody lifts it."""
    telegram.add_session("bob")
    telegram.add_channel("news", messages=10, members=["alice", "bob"])
    telegram.fail("messages.sendMessage", account="alice", error="PEER_FLOOD", times=1)
    with pytest.raises(actors.TelegramError):
        alice.ask(actors.SendMessage("bob", "one"))
    waiting = alice.ask(actors.SendMessage("bob", "two"), block=False)
    assert len(alice.ask(actors.ScrapeHistory("news", limit=10)).messages) == 10
    assert [(hold.key, hold.until) for hold in alice.status().holds] == [("writing", None)]
    assert not waiting.done()
    assert alice.ask(actors.LiftRestriction()) is True
    assert waiting.get(timeout=5).random_id != 0
