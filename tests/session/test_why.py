"""`why`: the timeline of an operation, from its acceptance to its outcome."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest

import actors
from actors import StepKind
from actors.session.traces import Recorder, Trace
from actors.testing import Loopback
from tests.support import Gate, eventually


def kinds(timeline: actors.Timeline) -> list[StepKind]:
    """Return what happened, in order."""
    return [step.kind for step in timeline.steps]


def test_a_send_that_went_well_has_three_steps(alice: actors.SessionRef, system: actors.System) -> None:
    """Accepted, started, ended; in the order of their times."""
    future = alice.ask(actors.SendMessage("me", "hello", key="greeting"), block=False)
    future.get(timeout=5)
    timeline = system.why(future.operation_id)
    assert kinds(timeline) == [StepKind.ACCEPTED, StepKind.STARTED, StepKind.ENDED]
    assert (timeline.name, timeline.session, timeline.key, timeline.outcome) == (
        "SendMessage",
        "alice",
        "greeting",
        "done",
    )
    times = [step.at for step in timeline.steps]
    assert times == sorted(times)
    assert times[0].utcoffset() is not None


def test_who_overtook_an_operation_is_told(alice: actors.SessionRef, system: actors.System) -> None:
    """Of many the last one, and how many there were."""
    gate = Gate()
    first = alice.ask(gate.held("first"), block=False)
    waiting = alice.ask(gate.noted("waiting"), block=False)
    urgent = [alice.ask(gate.noted("urgent").with_(priority=9), block=False) for _ in range(2)]
    gate.open()
    for future in (first, waiting, *urgent):
        future.get(timeout=5)
    overtaken = next(step for step in system.why(waiting.operation_id).steps if step.kind is StepKind.OVERTAKEN)
    assert overtaken.detail == f"by Call {urgent[-1].operation_id}, 2 in all"


def test_a_flood_wait_and_its_end_are_in_the_timeline(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System
) -> None:
    """The attempt that failed, what is held and for how long, the second attempt."""
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_1", times=1)
    future = alice.ask(actors.SendMessage("me", "hello"), block=False)
    running = eventually(lambda: future.operation_id and system.why(future.operation_id))
    assert running.outcome is None
    future.get(timeout=10)
    timeline = system.why(future.operation_id)
    assert kinds(timeline)[1:] == [
        StepKind.STARTED,
        StepKind.ATTEMPT_FAILED,
        StepKind.HELD,
        StepKind.STARTED,
        StepKind.ENDED,
    ]
    held = timeline.steps[3]
    assert held.detail == "method:messages.sendMessage: FLOOD_WAIT for 1.0 s"
    assert "messages.sendMessage: FLOOD_WAIT for 1.0 s" in str(timeline)


def test_a_failure_names_its_operation_so_that_it_can_be_asked_about(
    telegram: Loopback, alice: actors.SessionRef, system: actors.System
) -> None:
    """By the id in the error; no text is in the timeline."""
    telegram.fail("messages.sendMessage", account="alice", error="CHAT_WRITE_FORBIDDEN")
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.SendMessage("me", "a very private text"), timeout=5)
    timeline = system.why(caught.value.operation_id)
    assert timeline.outcome == "failed"
    assert "CHAT_WRITE_FORBIDDEN" in timeline.steps[-1].detail
    assert "private" not in str(timeline) + repr(timeline)
    assert pickle.loads(pickle.dumps(timeline)) == timeline  # noqa: S301  our own
    assert set(timeline.to_dict()) == {"operation_id", "session", "operation_type", "name", "key", "outcome", "steps"}


def test_an_operation_that_nobody_knows_is_named(system: actors.System) -> None:
    """And not an empty timeline."""
    with pytest.raises(actors.UnknownOperation, match="operation 0"):
        system.why(0)


def a_trace(number: int) -> Trace:
    """Return the trace of an operation that was accepted."""
    return Trace(number, actors.StopMonitor(1), "alice", datetime.now(UTC), 0.0, 0)


def test_ended_operations_are_kept_for_a_while_and_then_forgotten() -> None:
    """The oldest goes first; what lives is never forgotten."""
    recorder = Recorder(keep=2)
    traces = [a_trace(number) for number in range(4)]
    for trace in traces:
        recorder.accepted(trace)
    for trace in traces[1:]:
        recorder.ended(trace)
    with pytest.raises(actors.UnknownOperation):
        recorder.why(1)
    assert [recorder.why(number).operation_id for number in (0, 2, 3)] == [0, 2, 3]


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    """A hundred steps at most."""
    trace = a_trace(1)
    for number in range(500):
        trace.note(StepKind.STARTED, float(number), f"attempt {number}")
    details = [step.detail for step in trace.timeline().steps]
    assert len(details) == 100
    assert details[:2] == ["priority 0", "attempt 0"]
    assert details[-1] == "attempt 499"
