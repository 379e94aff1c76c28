"""The pytest plugin: the fixture `loopback`. Imports nothing heavy, since pytest loads it in every run.

Registered as the entry point `telegram_actors` of group pytest11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from actors.testing.kit import Loopback

__all__ = ["loopback"]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A Telegram server for one test: `telegram.add_session("bob")` and so on."""
    from actors.testing.kit import Loopback  # noqa: PLC0415  pytest loads this module even when nobody uses it

    with Loopback() as telegram:
        yield telegram
