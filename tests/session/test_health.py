"""A connection that is up and dead is found out: by probes, by a forced difference, and in the end by a restart."""

from __future__ import annotations

import hypothesis.strategies as st
import pykka
from hypothesis import given

import actors
from actors.model.resilience import Check, Signs
from actors.testing import Loopback
from tests.support import Collector, eventually, received

HASTY = actors.HealthPolicy(probe_after=0.1, silence=0.4, timeout=0.2)
TIMES = st.floats(0, 1e6)


@given(heard=TIMES, answered=TIMES, tried=TIMES)
def test_a_check_comes_no_later_than_the_silence_and_no_sooner_than_a_sign_of_life_allows(
    heard: float, answered: float, tried: float
) -> None:
    """For all readings of the clock."""
    policy = actors.HealthPolicy()
    at, check = policy.next_check(Signs(heard, answered, tried))
    if tried > max(heard, answered):
        assert (at, check) == (tried, Check.DIFFERENCE)  # the last check was in vain
        return
    assert at <= heard + policy.silence
    if check is Check.PROBE:
        assert at == max(heard, answered) + policy.probe_after
    else:
        assert at == heard + policy.silence


def test_a_difference_that_is_answered_counts_as_an_update() -> None:
    """So that a quiet account is asked again after a whole silence."""
    signs = Signs.at(0.0)
    signs.passed(Check.PROBE, 5.0)
    assert signs.heard == 0.0
    signs.passed(Check.DIFFERENCE, 7.0)
    assert (signs.heard, signs.answered) == (7.0, 7.0)


def test_a_quiet_connection_is_probed_and_made_to_catch_up_and_lives_on(
    telegram: Loopback, system: actors.System
) -> None:
    """A raw users.getUsers, and updates.getState after the difference."""
    alice = system.start_session(telegram.add_session("alice").with_(health=HASTY))
    telegram.forget_calls("alice")

    def methods() -> set[str]:
        return set(telegram.calls("alice"))

    eventually(lambda: {"users.getUsers", "updates.getDifference", "updates.getState"} <= methods())
    assert (alice.status().phase, alice.status().restarts) == (actors.Phase.ONLINE, 0)


def test_a_client_that_gets_no_difference_any_more_is_replaced(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Its restart is counted, and the session is online again without help."""
    alice = system.start_session(telegram.add_session("alice").with_(health=HASTY))
    system.subscribe(collector, actors.SessionRestarted)
    telegram.fail("updates.getState", account="alice", silence=True)
    event = eventually(lambda: received(collector))[0]
    assert "no update" in event.reason
    telegram.heal()
    eventually(lambda: alice.status().phase is actors.Phase.ONLINE)
    assert alice.status().restarts >= 1


def test_a_client_whose_probe_has_no_answer_is_replaced_long_before_its_silence_is_over(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """After one more question, which has none either. An hour of silence was allowed."""
    health = actors.HealthPolicy(probe_after=0.1, silence=3600, timeout=0.2)
    alice = system.start_session(telegram.add_session("alice").with_(health=health))
    system.subscribe(collector, actors.SessionRestarted)
    for method in ("users.getUsers", "updates.getDifference", "updates.getState"):
        telegram.fail(method, account="alice", silence=True)
    eventually(lambda: received(collector))
    telegram.heal()
    eventually(lambda: alice.status().phase is actors.Phase.ONLINE)


def test_an_idle_session_that_was_revoked_is_found_out(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nobody had to send anything."""
    system.start_session(telegram.add_session("alice").with_(health=HASTY))
    system.subscribe(collector, actors.SessionDown)
    telegram.fail("users.getUsers", account="alice", error="SESSION_REVOKED")
    event = eventually(lambda: received(collector))[0]
    assert "SESSION_REVOKED" in event.reason
