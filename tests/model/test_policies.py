"""The policy table and the decisions made from it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, strategies as st

from actors.model.errors import InvalidInput, Verdict
from actors.model.policies import (
    OperationPolicy,
    Overrides,
    operation_priority,
    operation_timeout,
    policy_for,
)
from actors.model.resilience import Backoff, GiveUp, Restart, RestartPolicy
from actors.session.retries import (
    AUTH_KEY_TRIES,
    PERMANENT,
    Again,
    Doom,
    Fail,
    Hold,
    Restrict,
    Succeed,
    judge,
    key_is_gone,
)

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


@pytest.mark.parametrize("name", ["wait_timeout", "run_timeout", "attempt_timeout"])
def test_a_limit_that_can_never_work_is_refused_by_its_name(name: str) -> None:
    """A zero limit is an error of the caller."""
    with pytest.raises(InvalidInput) as caught:
        Overrides(**{name: 0}).apply(OperationPolicy())
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.TRANSIENT, Again),
        (Verdict.RETRY_AFTER, Hold),
        (Verdict.ALREADY_DONE, Succeed),
        (Verdict.ACCOUNT_RESTRICTED, Restrict),
        (Verdict.SESSION_DEAD, Doom),
        (Verdict.ACCOUNT_DEAD, Doom),
        (Verdict.CONFIGURATION, Doom),
        (Verdict.CHAT_PERMANENT, Fail),
        (Verdict.UNKNOWN, Fail),
    ],
)
def test_each_verdict_has_its_decision(verdict: Verdict, kind: type) -> None:
    """The first failure of a send."""
    decision = judge(verdict, failures=1, policy=policy_for("sending"), backoff=Backoff(), chance=0.5, retry_after=3.0)
    assert isinstance(decision, kind)


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


@given(
    verdicts=st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=40),
    retries=st.integers(0, 8),
    chances=st.randoms(use_true_random=False),
)
def test_an_operation_is_tried_no_more_often_than_its_retries_allow_whatever_it_meets(
    verdicts: list[Verdict], retries: int, chances: Random
) -> None:
    """Floods aren't counted, a refresh of the input is granted once; what is permanent is never tried again."""
    policy, backoff = OperationPolicy(retries=retries), Backoff()
    met: list[Verdict] = []
    for verdict in verdicts:
        flooded = verdict is Verdict.RETRY_AFTER
        met += [] if flooded else [verdict]
        decision = judge(
            verdict,
            failures=len(met),
            policy=policy,
            backoff=backoff,
            chance=chances.random(),
            retry_after=3.0 if flooded else None,
        )
        if not isinstance(decision, Again | Hold):
            break
        assert verdict in {Verdict.TRANSIENT, Verdict.REFRESH_INPUT, Verdict.RETRY_AFTER}
        assert verdict not in PERMANENT
    assert len(met) <= max(retries, Verdict.REFRESH_INPUT in met) + 1


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


@given(st.integers(0, 100))
def test_a_key_is_gone_once_the_server_has_not_known_it_three_times_in_a_row(failures: int) -> None:
    """Twice may be a data center that restarts, or a proxy that leads astray."""
    assert key_is_gone("AUTH_KEY_NOT_FOUND", failures) is (failures >= AUTH_KEY_TRIES == 3)


@given(st.sampled_from(["AUTH_KEY_UNREGISTERED", "CONNECTION_LOST", "TRANSPORT_FLOOD", ""]), st.integers(0, 100))
def test_no_other_error_says_that_a_key_is_gone(name: str, failures: int) -> None:
    """A server that can't be reached says nothing of the key."""
    assert not key_is_gone(name, failures)
