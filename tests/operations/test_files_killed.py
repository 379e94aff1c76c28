"""Files whose transfers are killed at random moments with eight parts in flight: each part arrives, and none is lost.

A recorder inside Telethon's client (`tests/operations/recorder.py`) says what was sent, and what was answered.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import actors
from actors.operations.parts import PART, count_parts
from actors.testing import Loopback
from tests.operations.recorder import Record, Recorder
from tests.support import eventually

WINDOW = 8
SIZE = 12 * PART + 1000
PARTS = count_parts(SIZE)
SAVE, GET = "upload.saveFilePart", "upload.getFile"
NUMBERS = itertools.count(1)
EXAMPLES = settings().max_examples // 20
"""Each takes about 1.2 s: 8 of them, or 80 by the profile `thorough`."""


class Kill(Enum):
    """What happens to a transfer on its way."""

    CUT = "the connection is cut"
    FLOOD = "the server says FLOOD_WAIT"
    RESTART = "the supervisor restarts the session"
    CANCEL = "it is cancelled, and resumed from its checkpoint"


KILLS = st.lists(st.tuples(st.sampled_from(Kill), st.integers(1, PARTS)), max_size=3, unique_by=lambda kill: kill[0])


class Scene:
    """One account of its own, whose files are moved and killed."""

    def __init__(self, telegram: Loopback, system: actors.System) -> None:
        self.name = f"alice{next(NUMBERS)}"
        self.telegram = telegram
        self.system = system
        self.recorder = Recorder()
        config = replace(telegram.add_session(self.name), client_factory=self.recorder)
        self.alice = system.start_session(config)

    def move(self, operation: Any, record: Record, kills: list[tuple[Kill, int]], method: str) -> Any:
        """Run a transfer to its end through all kills, each after so many parts have left; return its answer."""
        self.telegram.fail(method, account=self.name, delay=0.02)
        operation = operation.with_(retries=20)
        moving = self.alice.ask(operation, block=False)
        for kill, after in sorted(kills, key=lambda kill: kill[1]):
            eventually(partial(_is_due, record, after, moving), within=20)
            if kill is Kill.CANCEL:
                moving.cancel()
                moving = self._resumed(operation, moving, record)
            else:
                self._strike(kill, method)
        return moving.get(timeout=30)

    def _strike(self, kill: Kill, method: str) -> None:
        match kill:
            case Kill.CUT:
                self.telegram.disconnect(self.name)
            case Kill.RESTART:
                self.system.restart_session(self.name)
            case Kill.FLOOD:
                self.telegram.heal(self.name)
                self.telegram.fail(method, account=self.name, error="FLOOD_WAIT_1", times=2)

    def _resumed(self, operation: Any, moving: Any, record: Record) -> Any:
        """Go on from the checkpoint of a cancelled transfer: what it has, and nothing else, is acknowledged."""
        try:
            moving.get(timeout=10)
        except actors.OperationCancelled as error:
            checkpoint = pickle.loads(pickle.dumps(error.checkpoint))  # noqa: S301  our own
            eventually(lambda: not record.flying)  # the caller hears at once, and the task has still to end
            if checkpoint is not None:
                known = {part for part in range(PARTS) if part in checkpoint.position.parts}
                assert known <= record.acknowledged
                record.acknowledged &= known
            return self.alice.ask(replace(operation, resume=checkpoint), block=False)
        return moving


def _is_due(record: Record, after: int, moving: Any) -> bool:
    return record.sends >= after or bool(moving.done())


@contextmanager
def scene(telegram: Loopback, system: actors.System) -> Iterator[Scene]:
    """Set a scene, and clear it."""
    on = Scene(telegram, system)
    yield on
    telegram.heal(on.name)
    system.stop_session(on.name)


@pytest.mark.slow
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(up=KILLS, down=KILLS)
def test_a_file_arrives_whatever_kills_its_transfers(
    telegram: Loopback,
    system: actors.System,
    tmp_path: Path,
    up: list[tuple[Kill, int]],
    down: list[tuple[Kill, int]],
) -> None:
    """Every byte; no part is sent again after its acknowledgement reached us, and never are more than eight in flight.

    What is fetched again was in flight when a transfer was killed.
    """
    source, copy = tmp_path / "source", tmp_path / "copy"
    data = Random(SIZE).randbytes(SIZE)  # noqa: S311  noise for a test
    source.write_bytes(data)
    with scene(telegram, system) as on:
        sent = on.move(actors.SendFile("me", source, window=WINDOW), on.recorder.up, up, SAVE)
        assert on.recorder.up.acknowledged == set(range(PARTS))
        assert on.recorder.up.again == set()
        on.move(actors.DownloadFile("me", sent.id, copy, window=WINDOW), on.recorder.down, down, GET)
        assert copy.read_bytes() == data
        assert PARTS <= on.recorder.down.sends <= PARTS + WINDOW * len(down)
        assert on.recorder.up.most <= WINDOW
        assert on.recorder.down.most <= WINDOW
        assert len(telegram.messages(on.name)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "source"]
