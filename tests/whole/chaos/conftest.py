"""The marker of the one test that takes its time."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known: `-m "not slow"` leaves the chaos out."""
    config.addinivalue_line("markers", "slow: takes longer than all others together")
