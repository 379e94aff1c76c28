"""Many connected sessions beside as many plain clients: memory of each, starting and stopping all.

Each figure comes from a process of its own (`fleet_child`), so that neither side grows in what the other left behind.
Both connect as many at once and stop all at once. CPU is that of this process alone; wall time has the server's in it.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import actors
from actors.testing import Loopback, loopback
from tests.whole.benchmarks.measure import EAGER, Row, row_of
from tests.whole.benchmarks.stage import SIZES

__all__ = ["in_child", "logins", "rows"]

FOR_MEMORY = 200
ROUNDS = 3
REPO = Path(__file__).parents[3]


def logins(telegram: Loopback, number: int, prefix: str = "s") -> str:
    """Return so many logins of a server, and one to warm up with, as JSON."""
    telegram.add_session("bob")
    configs = [telegram.add_session(f"{prefix}{index}") for index in range(number + 1)]
    return json.dumps({"server": dataclasses.asdict(telegram.address), "logins": [_plain(one) for one in configs]})


def _plain(config: actors.SessionConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in ("name", "api_id", "api_hash", "session")}


def in_child(side: str, task: str, told: str) -> dict[str, float]:
    """Have one side measured by a new process."""
    run = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "tests.whole.benchmarks.fleet_child", side, task],
        cwd=REPO,
        input=told,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def both(task: str, number: int, rounds: int) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Have both sides measured in turn, each time with a server of their own."""
    found = []
    for index in range(rounds):
        figures = {}
        for side in ("ours", "plain") if index % 2 == 0 else ("plain", "ours"):
            with loopback(timeout=120) as telegram:
                figures[side] = in_child(side, task, logins(telegram, number))
        found.append((figures["ours"], figures["plain"]))
    return found


def _memory() -> Iterator[Row]:
    found = both("memory", FOR_MEMORY, 1)
    for name, what in (("objects", "Python objects"), ("resident", "resident memory")):
        yield row_of(
            f"memory of a connected session, {what}, of {FOR_MEMORY}",
            "a plain client",
            "bytes",
            [(ours[name], theirs[name]) for ours, theirs in found],
            bar=1.2,
            higher_is_better=False,
        )


def _start_and_stop() -> Iterator[Row]:
    many = SIZES.sessions
    found = both("start_and_stop", many, ROUNDS)
    bars = {"start": 1.3 if EAGER else 1.5, "stop": 2.0, "start wall": None, "stop wall": None}
    for name, bar in bars.items():
        doing, _, wall = name.partition(" ")
        yield row_of(
            f"{doing} of {many:,} sessions, {'wall time' if wall else 'CPU'}",
            "plain clients: connect, disconnect",
            "s",
            [(ours[name], theirs[name]) for ours, theirs in found],
            bar=bar,
            higher_is_better=False,
        )


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    yield from _memory()
    yield from _start_and_stop()
