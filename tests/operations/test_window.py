"""How many parts of a file may be in flight: the pure decision, alone."""

from __future__ import annotations

from collections import deque

from hypothesis import given, strategies as st

from actors.operations.parts import PART
from actors.operations.window import Window

EVENTS = st.lists(st.tuples(st.sampled_from(["begin", "answered", "refused"]), st.floats(0, 30)), max_size=60)


class Line:
    """A line of so many bytes a second with so much latency, and a file that goes over it as fast as may be."""

    def __init__(self, speed: float, latency: float) -> None:
        self.now = self.free = 0.0
        self.waits: list[float] = []
        self.sizes: list[int] = []
        self._speed = speed
        self._latency = latency

    def carry(self, window: Window, parts: int) -> None:
        """Move so many parts, and note the window after each answer, and how long that was waited for."""
        flying: deque[float] = deque()
        while parts or flying:
            while parts and len(flying) < window.size:
                if not flying:
                    window.begin(self.now)
                self.free = max(self.now, self.free) + PART / self._speed
                flying.append(self.free + self._latency)
                parts -= 1
            before, self.now = self.now, max(self.now, flying.popleft())
            window.answered(PART, self.now)
            self.waits.append(self.now - before)
            self.sizes.append(window.size)


@given(fixed=st.none() | st.integers(1, 16), events=EVENTS)
def test_a_window_is_1_to_16_whatever_happens(fixed: int | None, events: list[tuple[str, float]]) -> None:
    """And one that is fixed is never wider than that."""
    window, now = Window(fixed), 0.0
    for event, pause in events:
        now += pause
        match event:
            case "begin":
                window.begin(now)
            case "answered":
                window.answered(PART, now)
            case _:
                window.refused()
        assert 1 <= window.size <= (fixed or 16)


@given(speed=st.floats(40e3, 100e6), latency=st.floats(0, 1), fixed=st.none() | st.integers(1, 16))
def test_no_more_is_in_flight_than_the_line_carries_in_3_s(speed: float, latency: float, fixed: int | None) -> None:
    """Or one part. No answer is longer in coming than a part takes, so the window costs no timeout."""
    line, window = Line(speed, latency), Window(fixed)
    line.carry(window, 60)
    assert all(size == 1 or size * PART <= 3.01 * speed for size in line.sizes[20:])
    assert max(line.waits) <= PART / speed + latency + 1e-6


@given(speed=st.floats(10e6, 1e9), latency=st.floats(0.0, 0.3))
def test_a_fast_line_has_16_parts_in_flight_after_two_rounds(speed: float, latency: float) -> None:
    """It begins with 4."""
    line, window = Line(speed, latency), Window()
    assert window.size == 4
    line.carry(window, 40)
    assert line.sizes[-1] == 16
    assert 16 in line.sizes[:16]


def test_a_line_of_100_kb_a_second_has_one_part_in_flight() -> None:
    """From the first answer on."""
    line, window = Line(100e3, 0.1), Window()
    line.carry(window, 20)
    assert set(line.sizes) == {1}


def test_a_refusal_halves_the_window_and_makes_it_grow_slowly() -> None:
    """By one in a round; a fixed one stays."""
    line, window, fixed = Line(50e6, 0.05), Window(), Window(8)
    line.carry(window, 40)
    window.refused()
    fixed.refused()
    assert (window.size, fixed.size) == (8, 8)
    line.carry(window, 9)
    assert window.size == 9
    for _ in range(6):
        window.refused()
    assert window.size == 1
