"""A session in a process whose wall clock is set forth and back: time-machine shifts it for the whole process.

`python -m tests.session.clock_child SECONDS...` sets it so many seconds off, one after the other, and prints as JSON
what came of a send and of a post after each, and how long it took.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

import actors
from actors.testing import Loopback, loopback
from tests.support import Collector, quick_system, received

PATIENCE = 10.0
"""Seconds that a send and a post may take here: less than the attempt timeout, so that no repeat helps."""


def main(shifts: list[float]) -> None:
    """Set the clock, send and post, shift by shift."""
    with loopback() as telegram, quick_system() as system:
        telegram.add_channel("news", members=["alice", "bob"])
        alice = system.start_session(telegram.add_session("alice"))
        collector = Collector.start()
        alice.ask(actors.Monitor(["@news"], to=collector))
        alice.ask(actors.SendMessage("bob", "before"))
        told = [try_out(shift, telegram, alice, collector) for shift in shifts]
        collector.stop()
    print(json.dumps(told))


def try_out(shift: float, telegram: Loopback, alice: actors.SessionRef, collector: Any) -> dict[str, Any]:
    """Do what is done after one shift; the clock is right again at the end."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=shift), tick=True):
        begun, text = time.monotonic(), f"{shift:+g}"
        telegram.post("news", text, author="bob")
        while time.monotonic() - begun < PATIENCE and not any(e.message.text == text for e in received(collector)):
            time.sleep(0.02)
        heard = [event.message.text for event in received(collector)].count(text)
        try:
            alice.ask(actors.SendMessage("bob", text), timeout=PATIENCE)
            sent = "done"
        except Exception as error:  # noqa: BLE001  the test looks at it
            sent = type(error).__name__
        arrived = [message.text for message in telegram.messages("bob")].count(text)
        return {
            "shift": shift,
            "sent": sent,
            "arrived": arrived,
            "heard": heard,
            "phase": alice.status().phase.value,
            "took": time.monotonic() - begun,
        }


if __name__ == "__main__":
    main([float(argument) for argument in sys.argv[1:]])
