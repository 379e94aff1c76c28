"""What becomes of RANDOM_ID_DUPLICATE: the decisions alone. Over the wire it is in test_errors_on_the_wire.py."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

import actors
from actors.model.errors import TelegramError, Verdict
from actors.operations.random_ids import send_once

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PEER = actors.Peer("user", 1)
FOUND = actors.SentMessage(5, PEER, START, 7)


def context(metadata: dict[str, Any], *, minutes: int = 0) -> actors.OperationContext:
    """Return what an attempt knows that starts so many minutes after START."""
    return actors.OperationContext(
        operation_type="sending",
        session_name="alice",
        start_time=START + timedelta(minutes=minutes),
        task=None,
        metadata=metadata,
        operation_id=1,
        policy=actors.DEFAULT_POLICIES["sending"],
        session=cast("Any", None),
    )


def refused(name: str) -> TelegramError:
    """Return a refusal of the server's."""
    return TelegramError(verdict=Verdict.TRANSIENT, name=name)


class Attempts:
    """Attempts at one send, each refused; `asked` has since when it was looked for."""

    def __init__(self, *, is_repeat: bool = False, found: actors.SentMessage | None = FOUND) -> None:
        self.asked: list[datetime] = []
        self._metadata: dict[str, Any] = {}
        self._is_repeat = is_repeat
        self._found = found

    def next(self, name: str = "RANDOM_ID_DUPLICATE", *, minutes: int = 0) -> actors.SentMessage:
        """Make one more."""

        async def send() -> actors.SentMessage:
            raise refused(name)

        async def find(since: datetime) -> actors.SentMessage | None:
            self.asked.append(since)
            return self._found

        now = context(self._metadata, minutes=minutes)
        return asyncio.run(send_once(now, send, find, random_id=7, is_repeat=self._is_repeat))


def test_the_first_duplicate_is_transient_and_nothing_is_looked_up() -> None:
    """The policy waits, and repeats it."""
    attempts = Attempts()
    with pytest.raises(TelegramError) as caught:
        attempts.next()
    assert (caught.value.verdict, attempts.asked) == (Verdict.TRANSIENT, [])


def test_the_second_duplicate_is_looked_up_from_the_first_attempt_on() -> None:
    """Whatever happened between them; 30 seconds earlier, since clocks differ."""
    attempts = Attempts()
    for name in ("RANDOM_ID_DUPLICATE", "RPC_CALL_FAIL"):
        with pytest.raises(TelegramError):
            attempts.next(name)
    assert attempts.next(minutes=5) is FOUND
    assert attempts.asked == [START - timedelta(seconds=30)]


def test_the_original_of_a_repeat_may_be_older_than_its_first_attempt() -> None:
    """As old as a server remembers a random_id."""
    attempts = Attempts(is_repeat=True)
    with pytest.raises(TelegramError):
        attempts.next()
    attempts.next()
    assert attempts.asked == [START - timedelta(minutes=72)]


def test_a_duplicate_that_is_not_found_is_unknown() -> None:
    """It is neither done nor refused."""
    attempts = Attempts(found=None)
    with pytest.raises(TelegramError):
        attempts.next()
    with pytest.raises(actors.OutcomeUnknown) as caught:
        attempts.next()
    assert caught.value.random_id == 7


def test_another_error_is_no_business_of_this() -> None:
    """However often it comes, nothing is looked up."""
    attempts = Attempts()
    for _ in range(3):
        with pytest.raises(TelegramError, match="RPC_CALL_FAIL"):
            attempts.next("RPC_CALL_FAIL")
    assert attempts.asked == []


def test_a_random_id_that_was_given_makes_a_send_a_repeat() -> None:
    """One that is drawn is new."""
    assert actors.SendMessage("bob", "hello", random_id=7).accepted().is_repeat
    assert not actors.SendMessage("bob", "hello").accepted().is_repeat
