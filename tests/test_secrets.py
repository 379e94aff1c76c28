"""Secrets stay secret: planted, used, and looked for in every log line, repr and exception."""

from __future__ import annotations

import logging
import traceback

import pytest

import actors
from actors.operations import QueuedOperation
from actors.testing import Loopback

TEXT = "a text that nobody else may read"


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
    seen.append(repr(QueuedOperation(send, actors.OperationPolicy(), 1, 0.0)))

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
