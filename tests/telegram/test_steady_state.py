"""The state of an MTProto session by a steady clock: which times are believed, and what the wall clock may do."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from telethon import types
from telethon.crypto import AuthKey

from actors.telegram import steady_state
from actors.telegram.logs import TELETHON_LOGGER
from actors.telegram.steady_state import ClockMoved, SteadyState
from actors.testing.server.wire import cipher

SECRET = os.urandom(256)
KEY = cipher.AuthKey(SECRET)


class Clocks:
    """A wall clock that is set, and a steady one. `time` is a module's name for it."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_700_000_000.0, 5_000.0

    def time(self) -> float:
        """Return what the wall says."""
        return self.wall

    def pass_by(self, seconds: float) -> None:
        """Go on."""
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks() -> Iterator[Clocks]:
    """Have our state read these clocks, as Telethon's own code reads the first."""
    with borrowed() as clocks:
        yield clocks


def borrowed() -> Any:
    """Put clocks in the place of the real ones for a while."""
    patch = pytest.MonkeyPatch()

    class Borrowed:
        def __enter__(self) -> Clocks:
            clocks = Clocks()
            patch.setattr(steady_state, "time", clocks)
            patch.setattr("telethon.network.mtprotostate.time", clocks)
            patch.setattr(steady_state, "_steady", lambda: clocks.steady)
            return clocks

        def __exit__(self, *_: object) -> None:
            patch.undo()

    return Borrowed()


def new_state() -> SteadyState:
    """Return the state of a session that has heard nothing."""
    logger = TELETHON_LOGGER.getChild("test")
    return SteadyState(AuthKey(SECRET), loggers={"telethon.network.mtprotostate": logger})


def packet(state: SteadyState, at: float, body: Any | None = None, *, odd: int = 1) -> bytes:
    """Return what a server sends whose clock says this."""
    message_id = int(at) << 32 | odd
    told = bytes(body or types.Pong(1, 2))
    encrypted = cipher.encrypt(KEY, cipher.Message(0, state.id, message_id, 1, told))
    return struct.pack("<q", KEY.id) + b"".join(encrypted)


def time_of(message_id: int) -> float:
    """Return the second that an id stands for."""
    return float(message_id >> 32)


@given(jumps=st.lists(st.tuples(st.floats(-1e8, 1e8), st.floats(0, 1000)), max_size=20))
def test_ids_rise_evenly_whatever_is_done_to_the_wall_clock(jumps: list[tuple[float, float]]) -> None:
    """And what the server says then is taken."""
    with borrowed() as clocks:
        state, begun, last = new_state(), clocks.wall, 0
        right = begun - clocks.steady
        for number, (jump, passes) in enumerate(jumps):
            clocks.wall += jump
            clocks.pass_by(passes)
            message_id = state._get_new_msg_id()
            assert message_id > last
            assert abs(time_of(message_id) - (clocks.steady + right)) <= 1
            said = packet(state, clocks.steady + right + 2, odd=number * 4 + 1)
            assert state.decrypt_message_data(said) is not None
            last = message_id


def test_what_comes_first_sets_the_clock(clocks: Clocks) -> None:
    """However far off it is; and the next ids go by that."""
    state = new_state()
    assert state.decrypt_message_data(packet(state, clocks.wall + 86_400)) is not None
    assert time_of(state._get_new_msg_id()) == clocks.wall + 86_400
    assert state.time_offset == 86_400


@pytest.mark.parametrize("off", [-301.0, 31.0, 86_400.0, -86_400.0])
def test_a_time_that_cannot_be_ends_the_session_later_on(clocks: Clocks, off: float) -> None:
    """A message that was recorded can't set the clock: the next session does."""
    state = new_state()
    assert state.decrypt_message_data(packet(state, clocks.wall)) is not None
    with pytest.raises(ClockMoved):
        state.decrypt_message_data(packet(state, clocks.wall + off))
    assert state.time_offset == 0
    state.reset()
    assert state.decrypt_message_data(packet(state, clocks.wall + off)) is not None
    assert state.time_offset == int(off)


def test_a_message_that_comes_twice_is_ignored_and_no_reason_for_anything(clocks: Clocks) -> None:
    """A server sends again what it thinks was lost, later too."""
    state = new_state()
    first = packet(state, clocks.wall)
    assert state.decrypt_message_data(first) is not None
    clocks.pass_by(400.0)
    assert state.decrypt_message_data(first) is None


def test_what_was_not_encrypted_for_this_session_says_nothing_of_the_time(clocks: Clocks) -> None:
    """Nobody else's clock counts."""
    state, other = new_state(), new_state()
    with pytest.raises(Exception, match="session ID"):
        state.decrypt_message_data(packet(other, clocks.wall + 1000))
    assert state.time_offset == 0


def test_the_steady_clock_is_one_that_goes_on() -> None:
    """It is real, and no wall clock."""
    one, other = steady_state._steady(), steady_state._steady()
    assert one <= other < time.time() - 1e6
