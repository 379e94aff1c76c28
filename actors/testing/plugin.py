"""The pytest plugin: the fixture `loopback`. Imports nothing heavy, since pytest loads it in every run.

A run has one server (under pytest-xdist, a worker has), and each test finds it empty. Registered as the entry point
`telegram_actors` of group pytest11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from actors.testing.kit import Loopback

__all__ = ["loopback", "loopback_of_the_run"]


class TheServer:
    """The server of a run: started for the first test that wants one, replaced when a test has closed or killed it."""

    def __init__(self) -> None:
        self._server: Loopback | None = None

    def empty(self) -> Loopback:
        """Return the server with nothing in it."""
        from actors.testing.kit import Loopback, LoopbackFailed  # noqa: PLC0415  pytest loads this in every run

        if self._server is not None:
            try:
                self._server.reset()
            except LoopbackFailed:
                self.close()
        if self._server is None:
            self._server = Loopback()
        return self._server

    def close(self) -> None:
        """End the server, if there is one."""
        server, self._server = self._server, None
        if server is not None:
            server.close()


@pytest.fixture(scope="session")
def loopback_of_the_run() -> Iterator[TheServer]:
    """The server behind `loopback`. Not for tests: use `loopback`."""
    server = TheServer()
    yield server
    server.close()


@pytest.fixture
def loopback(loopback_of_the_run: TheServer) -> Loopback:
    """A Telegram server with nothing in it, for one test: `loopback.add_session("bob")` and so on.

    Two tests may see the same process, and never anything of each other; make a `Loopback()` to have one that is
    yours alone.
    """
    return loopback_of_the_run.empty()
