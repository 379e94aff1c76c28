"""Clocks that are set while sessions run: their own machine's, and the server's. Nobody goes deaf for that."""

from __future__ import annotations

import json
import subprocess
import sys

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received

HOUR, DAY = 3600, 86_400


@pytest.mark.slow
def test_a_wall_clock_that_is_set_back_and_forth_makes_no_session_deaf() -> None:
    """In a process of its own, whose clock a library shifts: what is sent is done, what is posted is heard, at once."""
    shifts = [-HOUR, HOUR, -100, DAY, -DAY]
    command = [sys.executable, "-m", "tests.session.clock_child", *map(str, shifts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)  # noqa: S603  our own
    told = json.loads(done.stdout)
    assert [one["shift"] for one in told] == shifts
    for one in told:
        assert (one["sent"], one["arrived"], one["heard"], one["phase"]) == ("done", 1, 1, "online"), one
        assert one["took"] < 5, one


@pytest.mark.parametrize("offset", [HOUR, -HOUR, 100, -400, DAY])
def test_a_session_that_only_listens_hears_a_server_whose_clock_was_set(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector], offset: float
) -> None:
    """What was thrown away is asked for on the next connection; nothing has to be sent first."""
    telegram.add_channel("news", members=["alice", "bob"])
    alice = system.start_session(telegram.add_session("alice"))
    alice.ask(actors.Monitor(["@news"], to=collector))
    for number, seconds in enumerate((offset, 0.0)):
        telegram.set_clock(seconds)
        telegram.post("news", f"post {number}", author="bob")
        texts = [f"post {each}" for each in range(number + 1)]
        eventually(lambda: [event.message.text for event in received(collector)] == texts)  # noqa: B023  at once
    eventually(lambda: alice.status().phase is actors.Phase.ONLINE)
    assert alice.status().restarts == 0


@pytest.mark.parametrize("offset", [100, 250, -20, -250, HOUR, -HOUR])
def test_a_session_starts_whatever_its_clock_is_off(telegram: Loopback, system: actors.System, offset: float) -> None:
    """A minute or two late, a server takes what it is told, and each of its answers seems to come from the future."""
    telegram.add_account("bob")
    telegram.set_clock(offset)
    alice = system.start_session(telegram.add_session("alice"))
    assert alice.ask(actors.SendMessage("bob", "hello"), timeout=5).id
