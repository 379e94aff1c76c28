"""Shutdown: one deadline for all of it, and a fate for every operation that was open."""

from __future__ import annotations

import asyncio
import gc
import pickle
import threading
import time
from collections.abc import Callable

import pytest

import actors
from actors.fleet.system import SystemOpener
from actors.testing import Loopback, loopback
from tests.support import Gate


def test_the_report_tells_every_fate(telegram: Loopback) -> None:
    """What ran to its end, what was rejected, by name and key."""
    gate = Gate()
    with actors.open_system(drain=0.5) as system:
        alice = system.start_session(telegram.add_session("alice"))
        bob = system.start_session(telegram.add_session("bob"))
        stuck = alice.ask(gate.held("stuck").with_(key="stuck"), block=False)
        behind = alice.ask(gate.noted("behind"), block=False)
        gate.entered.wait(5)
        sent = bob.ask(actors.SendMessage("me", "hello"), block=False)
        report = system.shutdown()
    assert sent.get(timeout=1).id > 0
    assert {(fate.session, fate.operation_id, fate.outcome) for fate in report.fates} >= {
        ("alice", stuck.operation_id, "rejected"),
        ("alice", behind.operation_id, "rejected"),
    }
    assert {fate.key for fate in report.fates if fate.name == "Call"} == {"stuck", None}
    assert (set(report.stopped), report.late) == ({"alice", "bob"}, ())
    assert report.counts()["rejected"] == 2
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301  our own
    assert "2 rejected" in str(report)
    for future in (stuck, behind):
        with pytest.raises(actors.OperationRejected):
            future.get(timeout=1)


def test_the_report_is_on_the_system_after_its_block(telegram: Loopback) -> None:
    """In both faces."""
    with actors.open_system() as system:
        system.start_session(telegram.add_session("alice"))
        assert system.report is None
    assert system.report is not None
    assert system.report.stopped == ("alice",)

    async def main() -> actors.AsyncSystem:
        async with actors.open_system() as opened:
            await opened.start_session(telegram.add_session("bob"))
        return opened

    report = asyncio.run(main()).report
    assert report is not None
    assert report.stopped == ("bob",)


@pytest.mark.timing
def test_the_deadline_holds_whatever_an_operation_does(telegram: Loopback) -> None:
    """An operation that ignores its cancellation delays nobody beyond the timeout."""

    async def deaf(client: actors.Client) -> None:
        del client
        end = time.monotonic() + 5.0
        while time.monotonic() < end:
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue

    with actors.open_system() as system:
        alice = system.start_session(telegram.add_session("alice"))
        asked = alice.ask(actors.Call("deaf", deaf), block=False)
        begun = time.monotonic()
        report = system.shutdown(timeout=1.0)
        took = time.monotonic() - begun
        assert took < 2.0
    assert {fate.outcome for fate in report.fates} == {"rejected"}
    with pytest.raises(actors.OperationRejected):
        asked.get(timeout=1)


def _drop_unclosed() -> None:
    system = actors.open_system().__enter__()
    assert system.status().sessions == {}


def _drop_unclosed_async() -> None:
    async def main() -> None:
        system = await actors.open_system().__aenter__()
        assert (await system.status()).sessions == {}
        del system
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(main())


def _drop_and_collect(drop: Callable[[], None]) -> None:
    drop()
    gc.collect()


@pytest.mark.parametrize("drop", [_drop_unclosed, _drop_unclosed_async])
def test_a_system_that_is_dropped_unclosed_warns(drop: Callable[[], None]) -> None:
    """And is stopped all the same."""
    with pytest.warns(ResourceWarning, match="without being closed"):
        _drop_and_collect(drop)


class Echo(actors.AsyncioActor):
    """An actor of nobody's system."""

    def on_receive(self, message: object) -> object:
        """Echo."""
        return message


def test_actors_that_are_started_after_a_system_was_dropped_live_elsewhere() -> None:
    """And not on the loop of that system, which is about to end."""
    with pytest.warns(ResourceWarning, match="without being closed"):
        _drop_and_collect(_drop_unclosed)
    for number in range(20):
        echo = Echo.start()
        assert echo.ask(number, timeout=5) == number
        echo.stop()


def test_a_closed_system_is_dropped_in_silence() -> None:
    """Warnings are errors here."""
    with loopback() as telegram, actors.open_system() as system:
        system.start_session(telegram.add_session("alice"))
    del system
    gc.collect()


def test_a_system_that_was_shut_down_and_dropped_leaves_no_thread() -> None:
    """Though its block was never left."""

    def shut_down() -> threading.Thread:
        system = actors.open_system().__enter__()
        (mine,) = {thread for thread in threading.enumerate() if thread.name == "actors-loop"} - before
        system.shutdown()
        return mine

    before = set(threading.enumerate())
    thread = shut_down()
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_a_system_is_opened_once() -> None:
    """A second block would take the first one's away."""

    async def again(opener: SystemOpener) -> None:
        async with opener:
            pass

    opener = actors.open_system()
    with opener as system:
        with pytest.raises(RuntimeError, match="opened before"), opener:
            pass
        with pytest.raises(RuntimeError, match="opened before"):
            asyncio.run(again(opener))
        assert system.status().sessions == {}
