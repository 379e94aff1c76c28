"""What must not break a session, whoever does it: hostile operations, hurried stops, bad values, a loop that ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading
import time
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback, loopback
from tests.support import Collector, Gate, eventually, received


@pytest.mark.both_hosts
@pytest.mark.parametrize("exit_class", [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
def test_an_exit_in_an_operation_is_its_callers_and_the_system_lives_on(
    alice: actors.SessionRef, exit_class: type[BaseException]
) -> None:
    """Asyncio would stop the loop for the first two."""

    async def leaves(client: actors.Client) -> None:
        del client
        raise exit_class

    with pytest.raises((exit_class, actors.TelegramError)):
        alice.ask(actors.Call("leaves", leaves), timeout=5)
    assert alice.ask(actors.CallInThread("next", lambda: "next"), timeout=5) == "next"


@pytest.mark.both_hosts
def test_an_exit_in_a_worker_thread_is_its_callers_too(alice: actors.SessionRef) -> None:
    """`sys.exit` in a plain function."""
    with pytest.raises(SystemExit):
        alice.ask(actors.CallInThread("exit", sys.exit, 3), timeout=5)
    assert alice.status().phase is actors.Phase.ONLINE


@pytest.mark.both_hosts
def test_a_second_stop_leaves_the_first_its_drain_time(alice: actors.SessionRef) -> None:
    """Leaving the system after a stop rejects nothing that the stop would have carried out."""

    async def slow(client: actors.Client, number: int) -> int:
        await client.probe()
        await asyncio.sleep(0.05)
        return number

    asked = [alice.ask(actors.Call("slow", slow, number), block=False) for number in range(5)]
    stops = [alice.stop(block=False) for _ in range(3)]
    assert [future.get(timeout=5) for future in asked] == [0, 1, 2, 3, 4]
    assert [stop.get(timeout=5) for stop in stops] == [True] * 3


@pytest.mark.both_hosts
def test_a_deaf_operation_is_never_overlapped_while_its_session_drains(
    telegram: Loopback, system: actors.System
) -> None:
    """What waits behind it is rejected: its client is gone."""
    alice = system.start_session(telegram.add_session("alice"))
    release = threading.Event()
    connected: list[bool] = []

    async def deaf(client: actors.Client) -> None:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        connected.append(client.telethon.is_connected())

    gate = Gate()
    with pytest.raises(actors.OperationTimeout):
        alice.ask(actors.Call("deaf", deaf).with_(run_timeout=0.1), timeout=5)
    waiting = alice.ask(gate.noted("too late"), block=False)
    stopped = alice.ask(actors.StopSession(drain=20), block=False)
    with pytest.raises(actors.OperationRejected):
        waiting.get(timeout=10)
    assert stopped.get(timeout=10) is True
    assert gate.started == []
    release.set()
    eventually(lambda: connected)
    assert connected == [False]


@pytest.mark.parametrize("peer", ["+15557654321", "15557654321", "tel:+15557654321", "a b", "@", ""])
def test_what_may_be_a_phone_number_is_no_peer_and_is_not_shown(peer: str) -> None:
    """Only what has the form of a username is taken."""
    with pytest.raises(actors.InvalidInput) as caught:
        actors.SendMessage(peer, "hello")
    assert caught.value.field == "peer"
    assert "555" not in str(caught.value)


def test_a_send_that_started_and_is_held_without_end_ends_with_its_limits(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """Flooded for a second, then the account is restricted: nobody waits for ever."""
    telegram.add_session("bob")
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_1", times=1)
    held = alice.ask(actors.SendMessage("bob", "held").with_(wait_timeout=1, run_timeout=2), block=False)
    eventually(lambda: alice.status().holds)

    async def restricted(client: actors.Client) -> None:
        del client
        raise actors.TelegramError(verdict=actors.Verdict.ACCOUNT_RESTRICTED, name="PEER_FLOOD")

    with pytest.raises(actors.TelegramError):
        alice.ask(actors.Call("restricted", restricted))
    begun = time.monotonic()
    with pytest.raises(actors.FloodWait):
        held.get(timeout=10)
    assert time.monotonic() - begun < 5


def test_a_scrape_passes_its_permit_on_to_one_that_is_due(telegram: Loopback) -> None:
    """Between two pages; both end, and the count comes back to nothing."""
    one = {"scraping": actors.DEFAULT_POLICIES["scraping"].with_(permits=1)}
    with actors.open_system(policies=one) as system:
        telegram.add_channel("news", messages=3000, members=["alice", "bob"])
        alice = system.start_session(telegram.add_session("alice"))
        bob = system.start_session(telegram.add_session("bob"))
        telegram.fail("messages.getHistory", account="alice", delay=0.1, times=None)
        long = alice.ask(actors.ScrapeHistory("news", limit=3000), block=False)
        eventually(lambda: system.status().permits.get("scraping") == (1, 1))
        short = bob.ask(actors.ScrapeHistory("news", limit=100).with_(wait_timeout=2), block=False)
        held = eventually(lambda: bob.status().holds)
        assert [hold.key for hold in held] == ["permit:scraping"]
        assert bob.ask(actors.CallInThread("other", lambda: "goes on"), timeout=1) == "goes on"
        assert len(short.get(timeout=5).messages) == 100
        assert not long.done()
        telegram.heal()
        assert len({message.id for message in long.get(timeout=20).messages}) == 3000
        eventually(lambda: system.status().permits["scraping"] == (0, 1))


@pytest.mark.both_hosts
def test_a_told_operation_for_a_stopped_session_is_a_dead_letter(
    system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """It raises, and it is published."""
    system.subscribe(collector, actors.DeadLetter)
    alice.stop()
    with pytest.raises(pykka.ActorDeadError):
        alice.tell(actors.SendMessage("bob", "too late"))
    letters = eventually(lambda: received(collector))
    assert [(letter.session, letter.message_type, letter.reason) for letter in letters] == [
        ("alice", "SendMessage", "stopped")
    ]


@pytest.mark.both_hosts
def test_pages_that_never_wait_can_be_timed_out(alice: actors.SessionRef) -> None:
    """A resumable operation that only yields doesn't keep the loop."""

    class Endless(actors.ResumableOperation[None]):
        async def run(self, client: actors.Client, context: actors.OperationContext) -> Any:
            del client, context
            while True:
                yield actors.Checkpoint(0)

        def result(self, items: tuple[Any, ...], last: actors.Checkpoint) -> None:
            del items, last

    with pytest.raises(actors.OperationTimeout):
        alice.ask(Endless().with_(run_timeout=0.2), timeout=5)


def test_a_loop_that_ends_unclosed_answers_everybody() -> None:
    """Threads that wait for an answer get one, and later asks are refused."""
    got: list[Any] = []
    refs: list[actors.SessionRef] = []

    async def main(telegram: Loopback) -> None:
        opener = actors.open_system()
        system = await opener.__aenter__()  # and never left
        alice = await system.start_session(telegram.add_session("alice"))
        refs.append(alice.ref)
        gate = Gate()
        futures = [alice.ask(gate.held("running")), *(alice.ask(gate.noted(str(n))) for n in range(3))]
        waiting = [threading.Thread(target=lambda f=f: got.append(_outcome(f))) for f in futures]
        for thread in waiting:
            thread.start()
        threads.extend(waiting)

    threads: list[threading.Thread] = []

    def run_and_drop(telegram: Loopback) -> None:
        asyncio.run(main(telegram))
        gc.collect()

    with loopback() as telegram, pytest.warns(ResourceWarning, match="without being closed"):
        run_and_drop(telegram)
    for thread in threads:
        thread.join(5)
    assert len(got) == 4
    assert "running" not in got, "it never ended; some that waited may have run while the loop was closing"
    with pytest.raises(pykka.ActorDeadError):
        refs[0].ask(actors.GetStatus(), timeout=5)


def _outcome(future: actors.ActorFuture[Any]) -> Any:
    try:
        return future.get(timeout=5)
    except Exception as exc:  # noqa: BLE001  the outcome is what is looked at
        return exc


def test_a_session_whose_loop_ends_says_so_to_its_monitors_and_subscribers(telegram: Loopback) -> None:
    """Though its system's block was never left: one end of the monitor, one end of the session."""
    collector = Collector.start()

    async def main() -> actors.AsyncSystem:
        system = await actors.open_system().__aenter__()
        await system.subscribe(collector, actors.SessionDown)
        alice = await system.start_session(telegram.add_session("alice"))
        await alice.ask(actors.Monitor(to=collector))
        return system

    system = asyncio.run(main())
    ends = eventually(lambda: len(received(collector)) >= 2 and received(collector))
    assert [type(end) for end in ends] == [actors.MonitorEnded, actors.SessionDown]
    assert not system.supervisor.is_alive()
    collector.stop()
