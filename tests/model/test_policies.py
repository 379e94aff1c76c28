"""The policy table, and the policies of restarts."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from actors.model.policies import operation_priority, operation_timeout, policy_for
from actors.model.resilience import Backoff, GiveUp, Restart, RestartPolicy

CELLS = [
    ("monitoring", 10, 60, 3600, 15, 0, None),
    ("scraping", 5, 60, 300, 30, 2, 5),
    ("sending", 1, 60, 60, 15, 3, None),
    ("somebody's own", 0, 60, 300, None, 0, None),
]


@pytest.mark.parametrize(("name", "priority", "wait", "run", "attempt", "retries", "permits"), CELLS)
def test_the_table_has_the_promised_cells(
    name: str, priority: int, wait: float, run: float, attempt: float | None, retries: int, permits: int | None
) -> None:
    """Every cell of the default table, an unknown type taking the last row."""
    policy = policy_for(name)
    assert (policy.priority, policy.wait_timeout, policy.run_timeout) == (priority, wait, run)
    assert (policy.attempt_timeout, policy.retries, policy.permits) == (attempt, retries, permits)
    assert operation_timeout(name) == run
    assert operation_priority(name) == priority


def test_setting_a_monitor_up_has_a_minute() -> None:
    """The lifetime of a monitor isn't the time in the slot."""
    assert policy_for("monitoring").slot_timeout == 60


@given(attempt=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_backoff_is_never_negative_and_never_above_its_cap(attempt: int, chance: float) -> None:
    """Full jitter between nothing and the cap."""
    backoff = Backoff()
    delay = backoff.delay(attempt, chance=chance)
    assert 0 <= delay <= min(backoff.cap, backoff.base * backoff.factor ** min(attempt - 1, 64))


CHANCE = st.floats(0, 1, exclude_max=True)
BACKOFFS = st.builds(Backoff, base=st.floats(0.01, 60), factor=st.floats(1, 10), cap=st.floats(0.01, 3600))


@given(backoff=BACKOFFS, attempt=st.integers(1, 10_000), chance=CHANCE)
def test_any_backoff_stays_below_its_cap_and_its_bound_never_shrinks(
    backoff: Backoff, attempt: int, chance: float
) -> None:
    """With the same dice, a later attempt never waits less than the one before."""
    delay = backoff.delay(attempt, chance=chance)
    assert 0 <= delay < backoff.cap
    assert delay <= backoff.delay(attempt + 1, chance=chance)


@given(breakages=st.lists(st.tuples(st.floats(0, 40), CHANCE), max_size=60), limit=st.integers(1, 8))
def test_never_more_restarts_in_a_window_than_the_policy_allows_whatever_breaks_when(
    breakages: list[tuple[float, float]], limit: int
) -> None:
    """A restart counts from when it happens, at the end of its delay; a session breaks some time after it runs again.

    Restarts that were given up count on: somebody may start the session anew.
    """
    policy = RestartPolicy(limit=limit)
    now, restarts = 0.0, list[float]()
    for alive_for, chance in breakages:
        now += alive_for
        match policy.judge(tuple(restarts), now=now, chance=chance):
            case Restart(delay=delay):
                assert 0 <= delay < policy.backoff.cap
                now += delay
                restarts.append(now)
            case GiveUp(reason=reason):
                assert len(policy.recent(tuple(restarts), now=now)) >= limit
                assert reason
    for at in restarts:
        assert sum(at <= other < at + policy.within for other in restarts) <= limit


@given(alive_for=st.floats(60, 10_000), times=st.integers(1, 30), chance=CHANCE)
def test_a_session_that_breaks_less_than_once_in_a_window_is_restarted_for_ever(
    alive_for: float, times: int, chance: float
) -> None:
    """And with the first, short delay each time."""
    policy = RestartPolicy()
    now, restarts = 0.0, list[float]()
    for _ in range(times):
        now += alive_for
        decision = policy.judge(tuple(restarts), now=now, chance=chance)
        assert decision == Restart(policy.backoff.delay(1, chance=chance))
        restarts.append(now)


def test_the_sixth_breakage_in_a_minute_is_the_last_and_says_why() -> None:
    """The default: five restarts in 60 s, the delay doubling."""
    policy = RestartPolicy()
    restarts = tuple(float(number) for number in range(5))
    delays = [policy.judge(restarts[:number], now=4.0, chance=0.5) for number in range(5)]
    assert delays == [Restart(0.25), Restart(0.5), Restart(1.0), Restart(2.0), Restart(4.0)]
    assert policy.judge(restarts, now=59.9, chance=0.5) == GiveUp("5 restarts within 60 s")
    assert isinstance(policy.judge(restarts, now=60.0, chance=0.5), Restart)
