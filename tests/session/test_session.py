"""A session's queue and slot, over the real client."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, Gate, eventually, received, shortest

PROMPT = 0.05
"""Seconds within which a session acts on what it is told."""


@pytest.mark.timing
@pytest.mark.both_hosts
def test_a_full_mailbox_refuses_one_more_and_stays_reachable(alice: actors.SessionRef) -> None:
    """100 wait, one runs: the 101st is refused, status is quick, and the 100 run in order."""
    gate = Gate()
    running = alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    futures = {}
    for number in range(100):
        operation = gate.noted(f"{number}").with_(priority=number % 4)
        futures[number] = alice.ask(operation, block=False)

    one_more = gate.noted("one more")
    with pytest.raises(actors.MailboxFull) as caught:
        alice.tell(one_more)
    assert caught.value.capacity == 100
    refused = alice.ask(one_more, block=False)
    with pytest.raises(actors.MailboxFull):
        refused.get(timeout=1)

    def asks() -> float:
        before = time.monotonic()
        alice.status()
        return time.monotonic() - before

    assert shortest(asks, below=PROMPT) < PROMPT
    status = alice.status()
    assert status.queue_size == 100
    assert status.current_operation is not None

    gate.open()
    assert running.get(timeout=5) == "running"
    for future in futures.values():
        future.get(timeout=10)
    expected = sorted(futures, key=lambda number: (-(number % 4), number))
    assert gate.started == ["running", *map(str, expected)]


@pytest.mark.both_hosts
def test_the_bound_is_exact_when_eight_threads_offer_at_once(alice: actors.SessionRef) -> None:
    """Of 400, exactly 100 are accepted and run; each of the others is refused."""
    gate = Gate()
    alice.tell(gate.held("running"))
    assert gate.entered.wait(5)
    barrier = threading.Barrier(8)

    def offer(thread: int) -> list[actors.ActorFuture[str]]:
        barrier.wait()
        return [alice.ask(gate.noted(f"{thread}/{number}"), block=False) for number in range(50)]

    with ThreadPoolExecutor(8) as threads:
        futures = [future for found in threads.map(offer, range(8)) for future in found]
    refused = [future for future in futures if future.done()]
    assert {type(future.exception()) for future in refused} == {actors.MailboxFull}
    assert len(futures) - len(refused) == alice.status().queue_size == 100
    gate.open()
    ran = [future.get(timeout=10) for future in futures if future not in refused]
    assert sorted(gate.started) == sorted(["running", *ran])


@pytest.mark.timing
@pytest.mark.both_hosts
def test_a_cancel_is_acted_on_within_50_ms_while_an_operation_runs_and_the_mailbox_is_full(
    alice: actors.SessionRef,
) -> None:
    """By its future and by its id; then two more fit in, and the operation that runs can be cancelled as well."""

    def cancels() -> float:
        gate = Gate()
        running = alice.ask(gate.held("running"), block=False)
        assert gate.entered.wait(5)
        waiting = [alice.ask(gate.noted(str(number)), block=False) for number in range(100)]
        status = alice.status()
        before = time.monotonic()
        assert waiting[50].cancel()
        assert alice.ask(actors.CancelOperation(operation_id=status.waiting[0].id)) is True
        for future in (waiting[50], waiting[0]):
            with pytest.raises(actors.OperationCancelled):
                future.get(timeout=1)
        assert running.cancel()
        with pytest.raises(actors.OperationCancelled):
            running.get(timeout=1)
        took = time.monotonic() - before
        left = [number for number in range(100) if number not in (0, 50)]
        assert [waiting[number].get(timeout=10) for number in left] == [str(number) for number in left]
        return took

    assert shortest(cancels, below=PROMPT) < PROMPT


@pytest.mark.timing
@pytest.mark.both_hosts
def test_a_stop_is_acted_on_within_50_ms_while_an_operation_runs_and_the_mailbox_is_full(
    telegram: Loopback, system: actors.System
) -> None:
    """drain=0: everything accepted is answered, the session is gone."""
    config = telegram.add_session("alice")

    def stops() -> float:
        alice = system.start_session(config)
        gate = Gate()
        futures = [alice.ask(gate.held("running"), block=False)]
        assert gate.entered.wait(5)
        futures += [alice.ask(gate.noted(str(number)), block=False) for number in range(100)]
        before = time.monotonic()
        stopped = alice.ask(actors.StopSession(drain=0), block=False)
        for future in futures:
            with pytest.raises(actors.OperationRejected):
                future.get(timeout=1)
        took = time.monotonic() - before
        assert stopped.get(timeout=5) is True
        with pytest.raises(pykka.ActorDeadError):
            alice.ask(gate.noted("too late"))
        with pytest.raises(pykka.ActorDeadError):
            alice.tell(gate.noted("too late"))
        assert not alice.is_alive()
        return took

    assert shortest(stops, below=PROMPT) < PROMPT


@pytest.mark.both_hosts
def test_a_stop_drains_what_was_accepted(alice: actors.SessionRef) -> None:
    """Pykka's stop: everything sent before is processed, everything after is refused."""
    gate = Gate()
    before = [alice.ask(gate.noted(str(number)), block=False) for number in range(20)]
    stopped = alice.stop(block=False)
    assert [future.get(timeout=5) for future in before] == [str(number) for number in range(20)]
    assert stopped.get(timeout=5) is True
    assert alice.stop() is False


@pytest.mark.both_hosts
def test_operations_of_one_session_never_overlap_and_those_of_two_do(telegram: Loopback, system: actors.System) -> None:
    """One slot a session."""
    spans: list[tuple[str, float, float]] = []

    async def work(client: actors.Client, name: str) -> None:
        begun = time.monotonic()
        await client.probe()
        await client.probe()
        spans.append((name, begun, time.monotonic()))

    sessions = [system.start_session(telegram.add_session(name)) for name in ("alice", "bob")]
    futures = [s.ask(actors.Call("work", work, s.name), block=False) for _ in range(40) for s in sessions]
    for future in futures:
        future.get(timeout=20)

    def overlaps(one: str, other: str) -> int:
        mine = [span for span in spans if span[0] == one]
        theirs = [span for span in spans if span[0] == other]
        return sum(a is not b and a[1] < b[2] and b[1] < a[2] for a in mine for b in theirs)

    assert len(spans) == 80
    assert overlaps("alice", "alice") == 0
    assert overlaps("bob", "bob") == 0
    assert overlaps("alice", "bob") > 0


@pytest.mark.timing
@pytest.mark.both_hosts
def test_an_operation_that_does_not_start_in_time_is_never_run(alice: actors.SessionRef) -> None:
    """QueueWaitTimeout, close to its limit."""
    gate = Gate()
    alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    before = time.monotonic()
    late = alice.ask(gate.noted("late").with_(wait_timeout=0.3), block=False)
    with pytest.raises(actors.QueueWaitTimeout):
        late.get(timeout=5)
    assert 0.3 <= time.monotonic() - before < 0.6
    gate.open()
    alice.ask(gate.noted("next"))
    assert gate.started == ["running", "next"]
    assert alice.status().outcomes["expired"] == 1


@pytest.mark.timing
@pytest.mark.both_hosts
def test_an_operation_that_runs_too_long_is_cancelled_and_the_next_one_runs(alice: actors.SessionRef) -> None:
    """OperationTimeout at the run limit."""
    gate = Gate()
    before = time.monotonic()
    with pytest.raises(actors.OperationTimeout):
        alice.ask(gate.held("slow").with_(run_timeout=0.3), timeout=5)
    assert 0.3 <= time.monotonic() - before < 0.6
    assert alice.ask(gate.noted("next"), timeout=2) == "next"
    assert alice.status().outcomes == {"timed_out": 1, "done": 1}


@pytest.mark.both_hosts
def test_a_cancelled_running_operation_ends_at_once_and_its_session_goes_on(alice: actors.SessionRef) -> None:
    """Cancelling restarts neither the actor nor the connection."""
    gate = Gate()
    running = alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    assert running.cancel()
    with pytest.raises(actors.OperationCancelled):
        running.get(timeout=1)
    assert alice.ask(gate.noted("next"), timeout=2) == "next"
    assert (alice.status().connects, alice.status().restarts) == (1, 0)


def test_an_operation_can_be_cancelled_by_its_users_own_key(alice: actors.SessionRef) -> None:
    """`with_(key=...)` names it."""
    gate = Gate()
    alice.ask(gate.held("running"), block=False)
    assert gate.entered.wait(5)
    waiting = alice.ask(gate.noted("mine").with_(key="order 7"), block=False)
    assert alice.ask(actors.CancelOperation(key="order 7")) is True
    with pytest.raises(actors.OperationCancelled):
        waiting.get(timeout=1)
    assert alice.ask(actors.CancelOperation(key="order 7")) is False
    gate.open()


def test_a_scrape_gives_way_to_a_monitor_and_loses_nothing(telegram: Loopback, alice: actors.SessionRef) -> None:
    """The higher priority starts within one page; the scrape goes on where it was."""
    telegram.add_channel("news", messages=1000, members=["alice"])
    telegram.fail("messages.getHistory", account="alice", delay=0.05, times=None)
    scraping = alice.ask(actors.ScrapeHistory("news", limit=1000), block=False)
    eventually(lambda: (now := alice.status().current_operation) is not None and now.operation_type == "scraping")
    gate = Gate()
    assert alice.ask(gate.noted("urgent").with_(priority=50), timeout=1) == "urgent"
    assert not scraping.done()
    ids = [message.id for message in scraping.get(timeout=20).messages]
    assert len(ids) == 1000
    assert ids == sorted(set(ids), reverse=True)


@pytest.mark.both_hosts
def test_an_error_of_the_users_own_function_reaches_its_caller_as_it_is(alice: actors.SessionRef) -> None:
    """And the session lives on."""

    async def broken(client: actors.Client) -> None:
        del client
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        alice.ask(actors.Call("broken", broken))
    assert alice.ask(actors.CallInThread("thread", lambda a, b: a + b, 1, 2)) == 3


@pytest.mark.both_hosts
def test_a_told_operation_that_fails_is_published_and_a_refused_one_is_a_dead_letter(
    system: actors.System, alice: actors.SessionRef, collector: pykka.ActorRef[Collector]
) -> None:
    """Nothing disappears without a word."""

    async def broken(client: actors.Client) -> None:
        del client
        raise KeyError("mine")

    system.subscribe(collector, actors.OperationFailed, actors.DeadLetter)
    alice.tell(actors.Call("broken", broken))
    gate = Gate()
    alice.tell(gate.held("running"))
    assert gate.entered.wait(5)
    for number in range(100):
        alice.tell(gate.noted(str(number)))
    with pytest.raises(actors.MailboxFull):
        alice.tell(gate.noted("one more"))
    failed, letter = eventually(lambda: len(got := received(collector)) == 2 and got)
    assert (failed.session, failed.operation_type, type(failed.error)) == ("alice", "broken", KeyError)
    assert (letter.message_type, letter.reason) == ("Call", "full")
    assert system.status().dead_letters == 1
    gate.open()


def test_an_unknown_peer_is_named_as_such(alice: actors.SessionRef) -> None:
    """Where only the server can know, its answer is translated."""
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.SendMessage("nobody_here", "hello"))
    assert caught.value.name == "USERNAME_NOT_OCCUPIED"
    with pytest.raises(actors.InvalidInput) as unmet:
        alice.ask(actors.SendMessage(987654321, "hello"))
    assert unmet.value.field == "peer"
