"""Adds our runtime to the table of runtimes of Pykka's own test suite. Imported by that suite's conftest alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from actors.runtime import ActorFuture, AsyncioActor, PriorityActor

NAMES = {"actors-asyncio": AsyncioActor, "actors-priority": PriorityActor}


def add_to(runtimes: dict[str, Any], runtime_class: Any) -> None:
    """Add a row for each kind of actor of ours, on the library's own loop thread."""
    for name, actor_class in NAMES.items():
        runtime = runtime_class(
            name=name,
            actor_class=actor_class,
            event_class=threading.Event,
            future_class=ActorFuture,
            sleep_func=time.sleep,
        )
        runtimes[name] = pytest.param(runtime, id=name)
