"""The demo: it shows what it says, ends by itself, and fails when something did not happen."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
import typer

from actors.console.demo import SCENES, Show, demo

SHOWN = [
    "6 sessions online side by side",
    "alice -> bob: message",
    "the ThreadingActor got all 100 headlines, in order",
    "bob has scraped 1000 of 1500",
    "1500 messages, each once, in 15 pages",
    "they ran by priority: monitoring, scraping, sending, sending",
    "method:messages.sendMessage is held until",
    "the held message went out once",
    "ran into its limit of 1 s",
    "SessionOffline -> SessionOnline",
    "the task registry is empty",
    "Outcomes by session",
    "Everything shown happened.",
]


@pytest.mark.slow
def test_the_demo_shows_everything_in_plain_lines_and_ends_well_within_thirty_seconds() -> None:
    """As a subprocess without a terminal."""
    begun = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "actors", "demo"], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert time.monotonic() - begun < 30
    assert [line for line in SHOWN if line not in run.stdout] == []
    assert "✗" not in run.stdout
    assert "\x1b[" not in run.stdout
    assert run.stderr == ""


def test_the_demo_fails_when_something_did_not_happen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One scene that is wrong and one that breaks: the others are shown, the exit code is 1."""

    def wrong(show: Show) -> None:
        show.stage.check("pigs fly", happened=False)

    def broken(show: Show) -> None:
        raise ConnectionError(show.sessions["alice"].name)

    for title in list(SCENES)[1:]:
        monkeypatch.delitem(SCENES, title)
    monkeypatch.setitem(SCENES, "Wrong", wrong)
    monkeypatch.setitem(SCENES, "Broken", broken)
    with pytest.raises(typer.Exit) as caught:
        demo()
    assert caught.value.exit_code == 1
    shown = capsys.readouterr().out
    assert "did not happen: pigs fly" in shown
    assert "did not happen: Broken (ConnectionError: alice)" in shown
    assert "the task registry is empty" in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_with_a_report_and_the_shells_exit_code(number: signal.Signals) -> None:
    """In the middle of a scene; nothing of it is left."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "actors", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        next(line for line in run.stdout if "bob has scraped 500" in line)
        run.send_signal(number)
        rest, errors = run.stdout.read(), run.stderr.read()
    assert run.returncode == 128 + number
    assert "shutdown: 6 sessions stopped in" in rest
    assert "Traceback" not in errors
