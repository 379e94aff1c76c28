"""Many sessions and long histories, in numbers that a test suite can bear; speed.py measures the full ones."""

from __future__ import annotations

import pytest

from actors.testing import Loopback
from tests.testing.server import speed


def test_a_hundred_sessions_are_connected_at_once_and_cost_little(telegram: Loopback) -> None:
    """All are there, and the server needs no more than some 100 KB for each."""
    found = speed.sessions(telegram, 100)
    assert found["sessions"] == 100
    assert found["KiB each"] < 100


@pytest.mark.timing
def test_the_oldest_page_of_a_long_history_comes_as_fast_as_the_newest(telegram: Loopback) -> None:
    """20,000 messages, read to the first."""
    assert speed.history(telegram, 20_000)["oldest by newest"] < 3
