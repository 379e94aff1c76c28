"""What users bring along may fail: their hooks, their errors, their messages. A session answers, and lives on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually


class CannotRepeat(actors.SendMessage):
    """A send that can't say how it is repeated."""

    __slots__ = ()

    def repeat_id(self) -> int:
        """Fail."""
        raise ZeroDivisionError


@dataclass(frozen=True, slots=True)
class Grumpy(actors.Operation[None]):
    """An operation that says what it needs once, and never again."""

    operation_type = "grumpy"
    asked: Any = None

    def methods_needed(self) -> frozenset[str]:
        """Answer the first time alone."""
        self.asked.append("methods")
        if len(self.asked) > 1:
            raise ZeroDivisionError
        return frozenset({"messages.getHistory"})

    async def run(self, client: actors.Client, context: actors.OperationContext) -> None:
        """Ask for a pause that is longer than the operation may live."""
        del client, context
        raise actors.FloodWait(method="messages.getHistory", retry_after=900.0)


def test_a_send_that_cannot_say_how_it_is_repeated_has_its_outcome(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """With no number to repeat it by; and what waits behind it runs."""
    telegram.fail("messages.sendMessage", silence=True)
    future = alice.ask(CannotRepeat("me", "hello").with_(run_timeout=0.3), block=False)
    with pytest.raises(actors.OutcomeUnknown) as caught:
        future.get(timeout=5)
    assert caught.value.random_id == 0
    telegram.heal()
    assert alice.ask(actors.SendMessage("me", "after"), timeout=10).id > 0


def test_an_operation_is_asked_once_what_it_needs(alice: actors.SessionRef) -> None:
    """When it is accepted, in the thread of its sender, who gets what it raises."""
    asked: list[str] = []
    with pytest.raises(actors.FloodWait):
        alice.ask(Grumpy(asked), timeout=5)
    assert asked == ["methods"]
    with pytest.raises(ZeroDivisionError):
        alice.tell(Grumpy(asked))


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1, "soon"])
def test_an_operation_that_asks_for_no_real_pause_fails(alice: actors.SessionRef, seconds: Any) -> None:
    """Status can still be told, and the next one runs."""

    async def flooded(client: actors.Client) -> None:
        del client
        raise actors.FloodWait(method="messages.getHistory", retry_after=seconds)

    with pytest.raises(actors.InvalidInput, match="retry_after"):
        alice.ask(actors.Call("flooded", flooded), timeout=5)
    assert alice.status().holds == ()
    assert alice.ask(actors.SendMessage("me", "after"), timeout=10).id > 0


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda alice, _: alice.ask("sesame", timeout=5), id="to a session"),
        pytest.param(lambda alice, _: alice.ask(actors.SendMessage, timeout=5), id="a class to a session"),
        pytest.param(lambda _, system: system.supervisor.ask("sesame", timeout=5), id="to a supervisor"),
    ],
)
def test_a_message_that_means_nothing_is_an_error_and_its_content_is_logged_nowhere(
    system: actors.System,
    alice: actors.SessionRef,
    caplog: pytest.LogCaptureFixture,
    send: Callable[[actors.SessionRef, actors.System], Any],
) -> None:
    """The error names its class alone; one that was told is logged by its class."""
    with pytest.raises(actors.InvalidInput, match="message: means nothing to a s"):
        send(alice, system)
    alice.tell("sesame")
    assert eventually(lambda: "could not handle str" in caplog.text)
    assert "sesame" not in caplog.text
    assert alice.status().phase.value == "online"


def test_a_stop_that_is_meant_for_another_session_stops_nobody(alice: actors.SessionRef) -> None:
    """Its name is refused."""
    with pytest.raises(actors.InvalidInput, match="name"):
        alice.ask(actors.StopSession("bob"), timeout=5)
    assert alice.status().phase.value == "online"
    assert alice.ask(actors.StopSession("alice", drain=0), timeout=10)


def test_the_timeline_and_the_report_name_the_session(system: actors.System, alice: actors.SessionRef) -> None:
    """Not an empty name: the error is completed before it is written down."""

    async def fail(client: actors.Client) -> None:
        del client
        raise actors.FloodWait(method="messages.getHistory", retry_after=900.0)

    future = alice.ask(actors.Call("failing", fail), block=False)
    with pytest.raises(actors.FloodWait):
        future.get(timeout=5)
    assert "on 'alice'" in system.why(future.operation_id).steps[-1].detail
