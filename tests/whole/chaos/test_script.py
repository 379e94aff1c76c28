from __future__ import annotations

from hypothesis import given, strategies as st

from tests.whole.chaos.script import EVERYBODY, STUBBORN_PER_SESSION, Kind, revocations, script

seeds = st.integers(0, 2**32)
lengths = st.sampled_from([5.0, 8.0, 20.0, 60.0])
fleets = st.integers(4, 60)


@given(seeds, lengths, fleets)
def test_the_same_seed_gives_the_same_script(seed: int, seconds: float, sessions: int) -> None:
    """In every detail."""
    assert script(seed, seconds=seconds, sessions=sessions) == script(seed, seconds=seconds, sessions=sessions)


@given(seeds, fleets)
def test_another_seed_gives_another_script(seed: int, sessions: int) -> None:
    """Or ten seeds would be one."""
    assert script(seed, seconds=60.0, sessions=sessions) != script(seed + 1, seconds=60.0, sessions=sessions)


@given(seeds, lengths, fleets)
def test_a_script_is_in_order_and_has_every_kind_in_its_time(seed: int, seconds: float, sessions: int) -> None:
    """Sessions exist, and a silence to everything needs a run that is long enough."""
    faults = script(seed, seconds=seconds, sessions=sessions)
    assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
    assert all(0 <= fault.at < seconds for fault in faults)
    assert all(fault.session in range(sessions) or fault.session == EVERYBODY for fault in faults)
    assert set(Kind) - {fault.kind for fault in faults} <= ({Kind.DEAFNESS} if seconds < 20 else set())


@given(seeds, lengths, fleets)
def test_a_script_leaves_most_sessions_alive(seed: int, seconds: float, sessions: int) -> None:
    """Few are revoked, and none is stubborn so often that it would be given up."""
    faults = script(seed, seconds=seconds, sessions=sessions)
    assert 1 <= len(revocations(faults)) <= max(1, sessions // 10)
    stubborn = [fault.session for fault in faults if fault.kind is Kind.STUBBORN]
    assert all(stubborn.count(session) <= STUBBORN_PER_SESSION for session in stubborn)
