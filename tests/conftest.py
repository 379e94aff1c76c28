"""Fixtures of the whole suite: a loopback, a system, an actor that collects."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

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


@pytest.fixture
def system() -> Iterator[actors.System]:
    """A system on its own loop thread."""
    with actors.open_system(drain=1.0) as system:
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
