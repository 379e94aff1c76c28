"""Secrets stay secret: planted, used, and looked for in every log line, repr and exception."""

from __future__ import annotations

import contextlib
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import pykka
import pytest

import actors
from actors.session.queued_operation import QueuedOperation
from actors.testing import Loopback
from tests.secretwatch import MARKER, SecretWatch
from tests.support import Collector, Gate, eventually, received

TEXT = f"a text that nobody else may read: {MARKER}"


@pytest.mark.both_hosts
def test_no_secret_reaches_a_log_line_a_repr_or_an_exception(
    telegram: Loopback, system: actors.System, caplog: pytest.LogCaptureFixture
) -> None:
    """Telethon's lines at DEBUG included, and a read that is answered after its time."""
    caplog.set_level(logging.DEBUG)
    config = telegram.add_session("alice")
    secrets = [TEXT, config.session, config.api_hash]
    seen = [repr(config), str(config)]
    telegram.add_session("bob")
    telegram.add_channel("news", messages=0, members=["alice", "bob"])
    telegram.post("news", TEXT, author="bob")
    alice = system.start_session(config)
    send = actors.SendMessage("bob", TEXT)
    seen += [repr(send), repr(alice.ask(send)), repr(alice.status()), repr(system.status())]
    seen.append(repr(alice.ask(actors.ScrapeHistory("news", limit=10))))
    seen.append(repr(QueuedOperation(send, actors.OperationPolicy(), 1, 0.0, datetime.now(UTC))))

    telegram.fail("messages.getHistory", account="alice", delay=0.4, times=1)
    late = actors.ScrapeHistory("news", limit=10).with_(run_timeout=0.1)
    for operation in (late, actors.SendMessage("nobody", TEXT)):
        with pytest.raises(actors.ActorsError) as caught:
            alice.ask(operation, timeout=10)
        seen += traceback.format_exception(caught.value)
    telegram.disconnect("alice")
    alice.ask(actors.SendMessage("bob", TEXT), timeout=10)
    alice.ask(actors.ScrapeHistory("news", limit=10).with_(key="after the late answer"), timeout=10)
    with pytest.raises(actors.SessionStartFailed) as failed:
        system.start_session(config.with_(name="twin", session=config.session[:-8]))
    seen += traceback.format_exception(failed.value)
    system.stop_session("alice")

    seen += [record.getMessage() for record in caplog.records]
    seen += ["".join(traceback.format_exception(*r.exc_info)) for r in caplog.records if r.exc_info]
    assert any("actors.telethon" in record.name for record in caplog.records)
    assert [(secret, line) for secret in secrets for line in seen if secret in line] == []


def told(error: BaseException) -> list[str]:
    """Return everything that an error says of itself, its causes included."""
    return [str(error), repr(error), *traceback.format_exception(error)]


def test_a_page_that_is_answered_after_its_attempt_timeout_shows_nothing(
    telegram: Loopback, alice: actors.SessionRef, caplog: pytest.LogCaptureFixture, watch: SecretWatch
) -> None:
    """Telethon logs what it can't place, at INFO and with its body: here the words stay, and the texts go."""
    telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    telegram.post_many("news", [f"{TEXT} {number}" for number in range(50)], author="bob")
    telegram.fail("messages.getHistory", account="alice", delay=0.5, times=1)
    caplog.set_level(logging.DEBUG)
    late = actors.ScrapeHistory("news", limit=50).with_(attempt_timeout=0.2, retries=0)
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(late, timeout=10)
    assert (caught.value.name, caught.value.verdict) == ("NO_REPLY", actors.Verdict.TRANSIENT)
    eventually(lambda: [r for r in caplog.records if "without parent request" in r.getMessage()])
    assert len(alice.ask(late, timeout=10).messages) == 50
    assert [line for line in told(caught.value) if watch.is_leak(line)] == []
    assert [r.name for r in caplog.records if watch.is_leak(f"{r.getMessage()} {r.args} {r.__dict__}")] == []


def failures(telegram: Loopback, alice: actors.SessionRef) -> list[actors.ActorsError]:
    """Have a send end in every way in which it can end badly, and return the errors."""
    send = actors.SendMessage("bob", TEXT)
    method = "messages.sendMessage"
    errors: list[actors.ActorsError] = []

    def fails(operation: actors.Operation[Any]) -> None:
        with pytest.raises(actors.ActorsError) as caught:
            alice.ask(operation, timeout=10)
        errors.append(caught.value)

    gate = Gate()
    alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    fails(send.with_(wait_timeout=0.1))
    gate.open()
    telegram.fail("messages.getHistory", account="alice", silence=True)
    fails(actors.ScrapeHistory("news").with_(run_timeout=0.1))
    fails(actors.ScrapeHistory("news").with_(attempt_timeout=0.1, retries=0))
    with pytest.raises(actors.InvalidInput) as too_long:
        actors.SendMessage("bob", TEXT * 1000)
    errors.append(too_long.value)
    telegram.fail(method, account="alice", silence=True, times=1)
    fails(send.with_(run_timeout=0.1))
    for name in ("CHAT_WRITE_FORBIDDEN", "MADE_UP_ERROR", "FLOOD_WAIT_50"):
        telegram.fail(method, account="alice", error=name, times=1)
        fails(send.with_(retries=0, wait_timeout=5, run_timeout=5))
    waiting = [alice.ask(send, block=False) for _ in range(100)]
    fails(send)
    waiting[0].cancel()
    alice.ask(actors.StopSession(drain=0), timeout=5)
    for future in waiting:
        with pytest.raises(actors.OperationError) as ended:
            future.get(timeout=5)
        errors.append(ended.value)
    return errors


def test_no_error_tells_the_text_that_could_not_be_sent(
    telegram: Loopback, alice: actors.SessionRef, watch: SecretWatch
) -> None:
    """Whatever became of the operation: refused, flooded, expired, timed out, unknown, rejected, cancelled."""
    telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    errors = failures(telegram, alice)
    assert {type(error) for error in errors} >= {
        actors.FloodWait,
        actors.InvalidInput,
        actors.MailboxFull,
        actors.OperationCancelled,
        actors.OperationRejected,
        actors.OperationTimeout,
        actors.OutcomeUnknown,
        actors.QueueWaitTimeout,
        actors.TelegramError,
    }
    assert [line for error in errors for line in told(error) if watch.is_leak(line)] == []


def test_no_event_and_no_status_tells_a_secret(
    telegram: Loopback,
    system: actors.System,
    alice: actors.SessionRef,
    collector: pykka.ActorRef[Collector],
    watch: SecretWatch,
) -> None:
    """Not the message that was heard, not the send that failed untold, not the dead letter, nor who they are about."""
    bob = telegram.add_session("bob")
    telegram.add_channel("news", members=["alice", "bob"])
    system.subscribe(collector)
    monitoring = alice.ask(actors.Monitor(["news"], to=collector))
    telegram.post("news", TEXT, author="bob")
    telegram.fail("messages.sendMessage", account="alice", error="CHAT_WRITE_FORBIDDEN", times=1)
    alice.tell(actors.SendMessage("bob", TEXT))
    kinds = {actors.MessageReceived, actors.OperationFailed}
    eventually(lambda: {type(event) for event in received(collector)} >= kinds)
    seen: list[object] = [monitoring, alice, alice.status(), system, system.status(), system.status().to_dict(), bob]
    alice.stop()
    with contextlib.suppress(pykka.ActorDeadError):
        alice.tell(actors.SendMessage("bob", TEXT))
    eventually(lambda: actors.DeadLetter in {type(event) for event in received(collector)})
    seen += received(collector)
    assert [type(one) for one in seen if watch.is_leak(f"{one!r} {one}")] == []
