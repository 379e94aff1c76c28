"""How often channels are polled: as often as the server says, and no more often than ten may be."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from actors.model.content import Peer
from actors.telegram.polls import AT_ONCE, SOONEST, UNNAMED, Polls


def polls(number: int) -> Polls:
    """Return so many channels that are wanted."""
    made = Polls()
    for channel in range(1, number + 1):
        made.add(Peer("channel", channel), lambda _: True)
    return made


@given(st.one_of(st.none(), st.integers(0, 3600)), st.integers(1, 500))
def test_the_interval_is_never_shorter_than_the_servers_and_the_rate_is_that_of_ten(
    timeout: int | None, number: int
) -> None:
    """For all timeouts and numbers of channels."""
    interval = polls(number).interval(timeout)
    named = max(SOONEST, timeout or UNNAMED)
    assert interval >= named
    assert number / interval <= AT_ONCE / named + 1e-9


def test_a_channel_that_nobody_wants_is_still_there_until_it_is_discarded() -> None:
    """Whoever polls asks first."""
    wanted = {1}
    made = Polls()
    for channel in (1, 2):
        made.add(Peer("channel", channel), lambda peer: peer.id in wanted)
    assert [made.wants(channel) for channel in (1, 2)] == [True, False]
    made.discard(2)
    assert [made.has(channel) for channel in (1, 2, 3)] == [True, False, False]
    assert [peer.id for peer in made.channels()] == [1]
