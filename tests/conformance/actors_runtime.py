"""Adds our runtime to the table of runtimes of Pykka's own test suite. Imported by that suite's conftest alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from actors.runtime import ActorFuture, AsyncioActor

NAME = "actors-asyncio"


def add_to(runtimes: dict[str, Any], runtime_class: Any) -> None:
    """Add a row for `AsyncioActor`, on the library's own loop thread."""
    runtime = runtime_class(
        name=NAME,
        actor_class=AsyncioActor,
        event_class=threading.Event,
        future_class=ActorFuture,
        sleep_func=time.sleep,
    )
    runtimes[NAME] = pytest.param(runtime, id=NAME)
