"""What a send, an ask and an update cost, in Python calls: the one figure of speed that is the same on every machine.

What was counted stands here by wing, and each may grow by `ROOM` together. A change that makes something dearer on
purpose writes down the new figures, from `python -m tests.whole.benchmarks.counts`, and says in its message why.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("calls")  # what they share is made once

ROOM = 1.03
"""What a figure may grow to before somebody has to say so; at least by two calls, for timers that fire in between."""

NOTED_3_13 = {
    "send": {
        "actors/model": 4,
        "actors/operations": 13,
        "actors/runtime": 34,
        "actors/session": 54,
        "actors/telegram": 52,
        "asyncio": 122,
        "others": 30,
        "telethon": 105,
    },
    "ask": {"actors/runtime": 19, "asyncio": 23, "others": 3},
    "ask by priority": {"actors/runtime": 25, "asyncio": 23, "others": 3},
    "operation": {
        "actors/model": 5,
        "actors/operations": 5,
        "actors/runtime": 33,
        "actors/session": 50,
        "asyncio": 29,
        "others": 18,
    },
    "update": {
        "actors/model": 3,
        "actors/runtime": 22,
        "actors/session": 13,
        "actors/telegram": 38,
        "asyncio": 110,
        "others": 17,
        "telethon": 161,
    },
}

NOTED_3_11 = {
    "send": {
        "actors/model": 5,
        "actors/operations": 13,
        "actors/runtime": 34,
        "actors/session": 54,
        "actors/telegram": 52,
        "asyncio": 156,
        "others": 34,
        "telethon": 106,
    },
    "ask": {"actors/runtime": 28, "asyncio": 41, "others": 6},
    "ask by priority": {"actors/runtime": 48, "asyncio": 41, "others": 6},
    "operation": {
        "actors/model": 6,
        "actors/operations": 5,
        "actors/runtime": 33,
        "actors/session": 51,
        "asyncio": 40,
        "others": 21,
    },
    "update": {
        "actors/model": 3,
        "actors/runtime": 22,
        "actors/session": 13,
        "actors/telegram": 38,
        "asyncio": 139,
        "others": 22,
        "telethon": 162,
    },
}

GARBAGE = {"send": 0, "ask": 0, "ask by priority": 0, "operation": 0, "update": 0}
"""Objects that one leaves to the cyclic collector; twenty made a send a sixth dearer, with a hundred sessions."""

NOTED = NOTED_3_11 if sys.version_info < (3, 12) else NOTED_3_13
"""3.12 takes what 3.13 takes, within one call; what comes after it was not counted."""


@pytest.fixture(scope="module")
def counts() -> dict[str, Any]:
    """Every count, made once, by a process whose log has no handlers: the suite's own would be counted too."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.whole.benchmarks.counts"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def most(noted: int) -> int:
    """Return how many calls are still no news."""
    return max(noted + 2, int(noted * ROOM))


def grown(areas: dict[str, int], noted: dict[str, int]) -> str:
    """Say where there are more calls than were noted."""
    more = [f"{area} {noted.get(area, 0)} -> {now}" for area, now in areas.items() if now > noted.get(area, 0)]
    return ", ".join(more)


def complaint(what: str, found: int, noted: int, where: str) -> str:
    """Return the text of a failure: how much it is, how much it was, and what grew."""
    return f"{what} takes {found} Python calls, {noted} were noted, {most(noted)} are allowed; grown: {where}"


@pytest.mark.parametrize("what", NOTED_3_13)
def test_it_takes_no_more_calls_than_were_noted(what: str, counts: dict[str, Any]) -> None:
    """All of them: ours, Telethon's and asyncio's, as a change of ours may well cost calls of theirs."""
    noted, found = NOTED[what], counts[what]
    total = sum(noted.values())
    assert found["total"] <= most(total), complaint(what, found["total"], total, grown(found["areas"], noted))


@pytest.mark.parametrize("what", NOTED_3_13)
def test_it_takes_no_more_calls_of_ours(what: str, counts: dict[str, Any]) -> None:
    """Those into frames of this package, so that a Telethon or a Python that got cheaper hides nothing."""
    noted = {area: calls for area, calls in NOTED[what].items() if area.startswith("actors/")}
    found, total = counts[what]["ours"], sum(noted.values())
    areas = {area: calls for area, calls in counts[what]["areas"].items() if area.startswith("actors/")}
    assert found <= most(total), complaint(f"{what}, under actors/ alone,", found, total, grown(areas, noted))


@pytest.mark.parametrize("what", GARBAGE)
def test_it_leaves_no_more_to_the_collector(what: str, counts: dict[str, Any]) -> None:
    """Objects that refer to each other in a circle live until the collector has looked through all there are."""
    found = counts[what]["garbage"]
    assert found <= GARBAGE[what], f"{what} leaves {found} objects in circles, {GARBAGE[what]} were noted"


def test_a_send_takes_fewer_calls_than_telethons_own(counts: dict[str, Any]) -> None:
    """Beside `client.send_message` of a plain client: queue, limits, retries and timeline are paid for by the wire."""
    assert counts["send"]["total"] < counts["plain send_message"]["total"]


def test_a_failure_says_what_grew() -> None:
    """By wing, with what was noted."""
    where = grown({"actors/session": 60, "asyncio": 123, "telethon": 1}, {"actors/session": 56, "asyncio": 123})
    text = complaint("send", 470, 429, where)
    assert text == (
        "send takes 470 Python calls, 429 were noted, 441 are allowed; grown: actors/session 56 -> 60, telethon 0 -> 1"
    )
