"""Fixtures of the whole suite: a loopback, a system, an actor that collects."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import Queue

import pykka
import pytest
from hypothesis import settings

import actors
from actors.testing import Loopback
from tests.support import Collector

if os.environ.get("ACTORS_TEST_LOOP") == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # every loop of the suite, own threads' included

settings.register_profile("default", settings(max_examples=200))
settings.register_profile("thorough", settings(max_examples=2000))
settings.load_profile("default")


@pytest.fixture
def telegram(loopback: Loopback) -> Loopback:
    """A fresh server; its name in these tests is what it stands for."""
    return loopback


@contextmanager
def on_a_running_loop() -> Iterator[actors.System]:
    """Open a system on a loop that runs already, in a thread; yield its supervisor's blocking face."""
    opened: Queue[actors.System] = Queue()
    over = threading.Event()

    async def live() -> None:
        async with actors.open_system(drain=1.0) as system:
            opened.put(actors.System(system.supervisor))
            await asyncio.get_running_loop().run_in_executor(None, over.wait)

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    try:
        yield opened.get(timeout=10)
    finally:
        over.set()
        thread.join(20)


Opener = Callable[[], AbstractContextManager[actors.System]]
HOSTS: dict[str, Opener] = {
    "own thread": lambda: actors.open_system(drain=1.0),
    "running loop": on_a_running_loop,
}


@pytest.fixture(params=HOSTS)
def system(request: pytest.FixtureRequest) -> Iterator[actors.System]:
    """A system, in both ways of hosting one: whoever uses it is run twice."""
    with HOSTS[request.param]() as system:
        yield system


@pytest.fixture
def alice(telegram: Loopback, system: actors.System) -> actors.SessionRef:
    """A session that is online."""
    return system.start_session(telegram.add_session("alice"))


@pytest.fixture
def collector() -> Iterator[pykka.ActorRef[Collector]]:
    """A user's own ThreadingActor."""
    ref = Collector.start()
    yield ref
    ref.stop()
