"""What follows a failed attempt: the decisions alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, strategies as st

from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.model.policies import DEFAULT_POLICIES, OperationPolicy, policy_for
from actors.model.resilience import Backoff
from actors.session.retries import PERMANENT, Again, Doom, Fail, Hold, Restrict, Succeed, judge


def refusal(verdict: Verdict, *, seconds: float = 3.0) -> TelegramError:
    """Return an error that means this."""
    if verdict is Verdict.RETRY_AFTER:
        return FloodWait(retry_after=seconds)
    return TelegramError(verdict=verdict, name="SAID_SO")


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
    decision = judge(refusal(verdict), failures=failures, policy=policy, backoff=Backoff(), chance=chance)
    if isinstance(decision, Again):
        allowed = 1 if verdict is Verdict.REFRESH_INPUT else policy.retries
        assert failures <= allowed


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
    decision = judge(refusal(verdict), failures=1, policy=policy_for("sending"), backoff=Backoff(), chance=0.5)
    assert isinstance(decision, kind)


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
            refusal(verdict),
            failures=len(met),
            policy=policy,
            backoff=backoff,
            chance=chances.random(),
        )
        if not isinstance(decision, Again | Hold):
            break
        assert verdict in {Verdict.TRANSIENT, Verdict.REFRESH_INPUT, Verdict.RETRY_AFTER}
        assert verdict not in PERMANENT
    assert len(met) <= max(retries, Verdict.REFRESH_INPUT in met) + 1


@pytest.mark.parametrize(("asked", "held"), [(0.0, 1.0), (3.0, 3.0), (1e12, 366 * 86_400.0)])
def test_a_hold_is_a_second_at_least_and_a_year_at_most(asked: float, held: float) -> None:
    """FLOOD_WAIT_0 has been seen; asking again at once only feeds it."""
    flood = refusal(Verdict.RETRY_AFTER, seconds=asked)
    assert judge(flood, failures=0, policy=OperationPolicy(), backoff=Backoff(), chance=0.5) == Hold(held)


def test_an_error_of_the_users_own_fails() -> None:
    """It means nothing to us."""
    decision = judge(ValueError(), failures=1, policy=OperationPolicy(retries=9), backoff=Backoff(), chance=0.5)
    assert decision == Fail()
