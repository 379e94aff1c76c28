"""One server per test module; `async def` tests run in a loop of their own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.testing import Loopback, loopback as start


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    """The server that this module's tests share."""
    with start() as telegram:
        yield telegram


@pytest.fixture
def telegram(server: Loopback) -> Iterator[Loopback]:
    """The shared server, healed; each test brings accounts of its own."""
    server.heal()
    yield server
    server.heal()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests: the only thing needed of an asyncio plugin."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


HERE = Path(__file__).parent
GARBAGE = "ignore:Exception ignored in. <(function StreamWriter|coroutine object Connection):"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let garbage of bare Telethon clients pass here: one that is cut in mid-reconnect leaves its streams unclosed.

    Python tells of it from 3.12 on. The library's own clients close theirs, which the other folders hold it to.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(f"{GARBAGE}pytest.PytestUnraisableExceptionWarning"))
