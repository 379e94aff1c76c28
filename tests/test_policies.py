"""The policy table and the decisions made from it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from actors.errors import InvalidInput, Verdict
from actors.policies import (
    DEFAULT_POLICIES,
    Again,
    Backoff,
    Doom,
    Fail,
    GiveUp,
    Hold,
    OperationPolicy,
    Overrides,
    Restart,
    RestartPolicy,
    Restrict,
    judge,
    operation_priority,
    operation_timeout,
    policy_for,
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


@given(attempt=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_backoff_is_never_negative_and_never_above_its_cap(attempt: int, chance: float) -> None:
    """Full jitter between nothing and the cap."""
    backoff = Backoff()
    delay = backoff.delay(attempt, chance=chance)
    assert 0 <= delay <= min(backoff.cap, backoff.base * backoff.factor ** min(attempt - 1, 64))


@given(
    verdict=st.sampled_from(list(Verdict)),
    failures=st.integers(1, 10),
    chance=st.floats(0, 1, exclude_max=True),
    name=st.sampled_from(list(DEFAULT_POLICIES)),
)
def test_no_verdict_is_retried_beyond_the_retries_of_the_policy(
    verdict: Verdict, failures: int, chance: float, name: str
) -> None:
    """A refresh of the input is the one extra attempt, once."""
    policy = policy_for(name)
    decision = judge(verdict, failures=failures, policy=policy, backoff=Backoff(), chance=chance, retry_after=None)
    if isinstance(decision, Again):
        allowed = 1 if verdict is Verdict.REFRESH_INPUT else policy.retries
        assert failures <= allowed


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.TRANSIENT, Again),
        (Verdict.RETRY_AFTER, Hold),
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


@given(st.lists(st.floats(0, 1000), max_size=30))
def test_never_more_than_five_restarts_in_a_minute(asked_at: list[float]) -> None:
    """The restart intensity holds for any history of breakage."""
    policy = RestartPolicy()
    restarts: tuple[float, ...] = ()
    for now in sorted(asked_at):
        match policy.judge(restarts, now=now, chance=0.5):
            case Restart():
                restarts = (*restarts, now)
            case GiveUp():
                break
    for at in restarts:
        assert sum(at <= other < at + policy.within for other in restarts) <= policy.limit
