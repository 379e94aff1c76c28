"""A connection that is up and dead is found out: by what doesn't come, by a forced difference, at last by a restart."""

from __future__ import annotations

import hypothesis.strategies as st
import pykka
from hypothesis import given

import actors
from actors.model.resilience import Check
from actors.session.connection import Connection
from actors.testing import Loopback
from tests.support import Collector, eventually, received

HASTY = actors.HealthPolicy(probe_after=0.1, silence=0.4, timeout=0.2)
TIMES = st.floats(0, 1e6)


@given(byte=TIMES, news=TIMES)
def test_a_check_comes_no_later_than_the_silence_and_no_sooner_than_a_byte_allows(byte: float, news: float) -> None:
    """For all readings of the clock."""
    policy = actors.HealthPolicy()
    at, check = policy.next_check(byte=byte, news=news)
    assert at <= min(byte + policy.probe_after, news + policy.silence)
    assert check is (Check.DIFFERENCE if at == news + policy.silence else Check.LINE)


def test_telethons_own_pings_keep_a_line_from_being_asked() -> None:
    """It sends one every 60 s (client/updates.py, _keepalive_loop)."""
    policy = actors.HealthPolicy()
    assert policy.probe_after > 60
    assert policy.probe_after + policy.proof < 75, "a monitor is deaf for longer"


def line(byte: list[float]) -> Connection:
    """Return a connection that came up at second 100; `byte` has the time of the last byte."""
    connection = Connection(actors.HealthPolicy(), lambda: byte[0])
    connection.came_up(None, 100.0)
    return connection


def test_an_attempt_that_no_byte_followed_makes_the_line_prove_itself_every_time() -> None:
    """Before anything else goes out on it."""
    connection = line([110.0])
    assert connection.doubt(since=111.0, until=126.0) is Check.LINE
    assert not connection.is_doubted, "nobody has asked yet"
    connection.ask(Check.LINE)
    assert connection.is_doubted
    connection.checked(Check.LINE, None, 112.0)
    assert not connection.is_doubted
    assert connection.doubt(since=113.0, until=128.0) is Check.LINE


def test_a_slow_server_is_no_dead_line_but_twice_in_a_row_it_has_to_answer_something() -> None:
    """What comes by itself says nothing of the way out."""
    connection = line([120.0])
    assert connection.doubt(since=111.0, until=126.0) is None
    assert connection.doubt(since=112.0, until=127.0) is Check.ANSWER
    connection.silences = 0  # an answer
    assert connection.doubt(since=113.0, until=128.0) is None


def test_bytes_that_come_when_the_time_is_over_may_be_the_answer() -> None:
    """Somebody has blocked the event loop: nothing could be read until now."""
    connection = line([131.0])
    assert connection.doubt(since=115.0, until=130.0) is Check.LINE


def test_bytes_put_the_next_look_off_and_only_an_update_puts_the_difference_off() -> None:
    """The times are worked out when it is time to look, not with every byte."""
    byte = [100.0]
    connection = line(byte)
    assert connection.next_due() == 165.0
    byte[0] = 160.0
    assert connection.due_check(165.0) is None
    assert connection.next_due() == 225.0
    assert connection.due_check(225.0) is Check.LINE
    byte[0] = 1_000.0
    assert connection.due_check(1_000.0) is Check.DIFFERENCE
    connection.heard(600.0)
    assert connection.due_check(1_001.0) is None
    assert connection.next_due() == 1_065.0


def test_a_quiet_connection_is_asked_for_a_byte_and_made_to_catch_up_and_lives_on(
    telegram: Loopback, system: actors.System
) -> None:
    """By pings, which are no calls: nothing like users.getUsers is spent on a line that lives."""
    alice = system.start_session(telegram.add_session("alice").with_(health=HASTY))
    telegram.forget_calls("alice")

    def methods() -> list[str]:
        return list(map(str, telegram.calls("alice")))

    eventually(lambda: methods().count("updates.getState") >= 2)
    assert "updates.getDifference" in methods()
    assert "users.getUsers" not in methods()
    assert (alice.status().phase, alice.status().restarts, alice.status().connects) == (actors.Phase.ONLINE, 0, 1)


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


def test_an_idle_session_that_was_revoked_is_found_out(
    telegram: Loopback, system: actors.System, collector: pykka.ActorRef[Collector]
) -> None:
    """Nobody had to send anything."""
    system.start_session(telegram.add_session("alice").with_(health=HASTY))
    system.subscribe(collector, actors.SessionDown)
    telegram.fail("updates.getState", account="alice", error="SESSION_REVOKED")
    event = eventually(lambda: received(collector))[0]
    assert "SESSION_REVOKED" in event.reason
