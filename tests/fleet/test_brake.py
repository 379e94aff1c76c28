"""The fleet-wide brake: one session that fails waits for nobody, many that fail together come back one by one."""

from __future__ import annotations

import time
from typing import Any

import hypothesis.strategies as st
import pykka
import pytest
from hypothesis import given

import actors
from actors.testing import Loopback
from tests.support import eventually

CHANCES = st.floats(0, 1, exclude_max=True)


@given(failed=st.integers(0, 10_000), fleet=st.integers(0, 10_000), chance=CHANCES)
def test_only_a_large_part_of_the_fleet_is_spread_and_never_beyond_the_rate(
    failed: int, fleet: int, chance: float
) -> None:
    """For all numbers of sessions."""
    brake = actors.FleetBrake()
    pause = brake.pause(failed=failed, fleet=fleet, chance=chance)
    assert 0.0 <= pause <= failed / brake.rate
    if failed < brake.at_least or failed < brake.share * fleet:
        assert pause == 0.0


def test_a_thousand_sessions_come_back_at_about_the_rate() -> None:
    """Chances spread evenly stand for chance: no second has more than a tenth above the rate."""
    brake = actors.FleetBrake(rate=50.0)
    pauses = [brake.pause(failed=1000, fleet=1000, chance=number / 1000) for number in range(1000)]
    for second in range(20):
        assert 45 <= sum(second <= pause < second + 1 for pause in pauses) <= 55


class Clocked(pykka.ThreadingActor):
    """Notes when it was told something."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_receive(self, message: object) -> Any:
        """Note the time."""
        if isinstance(message, actors.SessionOnline):
            self.times.append(time.monotonic())


@pytest.mark.timing
def test_a_fleet_whose_server_restarts_comes_back_spread_out(telegram: Loopback) -> None:
    """Twenty sessions at ten a second: not all in the first half second, and all without help."""
    with actors.open_system(brake=actors.FleetBrake(at_least=4, rate=10.0)) as system:
        configs = [telegram.add_session(f"a{number}") for number in range(20)]
        for future in [system.supervisor.ask(actors.StartSession(config), block=False) for config in configs]:
            future.get(timeout=20)
        clocked = Clocked.start()
        system.subscribe(clocked, actors.SessionOnline)
        begun = time.monotonic()
        telegram.restart()
        eventually(lambda: len(clocked.proxy().times.get()) >= 20, within=20)
        waits = [at - begun for at in clocked.proxy().times.get()]
        clocked.stop()
        assert sum(wait > 0.5 for wait in waits) >= 5
        assert all(status.restarts == 0 for status in system.status().sessions.values())
