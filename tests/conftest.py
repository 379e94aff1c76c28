"""Fixtures of the whole suite: a loopback, a system, an actor that collects; and how its tests are spread.

The suite runs on several workers (pytest-xdist, `addopts` in pyproject.toml; `-n 0` runs it in one process). Each has
a loopback, which is empty for each test, and a watch for secrets. Four marks say what a test needs:

`both_hosts`: it is run twice, once on a system that has a thread of its own and once on one that lives on a loop which
runs already. It is for what can differ by that: starting, stopping, threads, blocking calls, delivery, README's words.
All other tests have a thread of their own.

`timing`: it measures time against a bound. All of these run one after the other on one worker, first.

`slow`: it takes seconds. These run first, so that no worker is left with one at the end.

`gate`: it adds to a test that runs here anyway, and is left to `.ci/run`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import Queue

import pykka
import pytest
from hypothesis import settings

import actors
from actors.runtime.mailbox import Mailbox
from actors.testing import Loopback
from tests.runtime.mailbox_machine import Kind, Seen
from tests.secretwatch import LOGGERS, SecretWatch, plant_what_the_kit_hands_out
from tests.support import Collector, quick_system

if os.environ.get("ACTORS_TEST_LOOP") == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # every loop of the suite, own threads' included

settings.register_profile("default", settings(max_examples=100, deadline=None))  # other workers use the processors too
settings.register_profile("thorough", settings(max_examples=2000, deadline=None))
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest itself keep warnings and worse, unless told otherwise: DEBUG lines are made for the watch alone."""
    config.option.log_level = config.option.log_level or "WARNING"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that measure time together, and begin with those that take long."""
    for item in items:
        if item.get_closest_marker("timing") is not None:
            item.add_marker(pytest.mark.xdist_group("timing"))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests: the only thing needed of an asyncio plugin."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[SecretWatch]:
    """Looks at every log line of the run, from DEBUG on, for whatever secret the test kit has handed out."""
    watch = SecretWatch()
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    with pytest.MonkeyPatch.context() as patch:
        plant_what_the_kit_hands_out(patch, watch)
        logging.getLogger().addHandler(watch)
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield watch
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
        logging.getLogger().removeHandler(watch)


@pytest.fixture(autouse=True)
def _nothing_leaks(watch: SecretWatch) -> Iterator[None]:
    """Every test fails in whose time a secret was logged; this is set up first, so it looks last."""
    yield
    leaks = watch.take_leaks()
    if leaks:
        pytest.fail("a secret was logged by " + ", ".join(f"{leak.logger} in {leak.test}" for leak in leaks))


@pytest.fixture
def telegram(loopback: Loopback) -> Loopback:
    """A server with nothing in it; its name in these tests is what it stands for."""
    return loopback


@contextmanager
def on_a_running_loop() -> Iterator[actors.System]:
    """Open a system on a loop that runs already, in a thread; yield its supervisor's blocking face."""
    opened: Queue[actors.System] = Queue()
    over = threading.Event()

    async def live() -> None:
        async with quick_system() as system:
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
    "own thread": quick_system,
    "running loop": on_a_running_loop,
}


@pytest.fixture
def host() -> str:
    """How the test's system is hosted; `both_hosts` gives it both values."""
    return "own thread"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked `both_hosts` once for each host."""
    if metafunc.definition.get_closest_marker("both_hosts") is not None:
        metafunc.parametrize("host", list(HOSTS))


@pytest.fixture
def system(host: str) -> Iterator[actors.System]:
    """A system that is open for the test."""
    with HOSTS[host]() as system:
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


@pytest.fixture(params=[Mailbox, Seen], ids=["new", "seen"])
def seen_or_new(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test of mailboxes twice: with entries that nobody has looked at, and with those that have their places."""
    Kind.mailbox = request.param
    yield
    Kind.mailbox = Mailbox
