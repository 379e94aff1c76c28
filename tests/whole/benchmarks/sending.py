"""A send through a session actor beside a plain client's `send_message`, and beside the identical raw request.

CPU is that of this process; the server is another. Both sides send to the same account, and both clients know it
already: ours by name, the plain one as the InputPeer that spares it every look-up.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from telethon.tl.functions.messages import SendMessageRequest

import actors
from tests.whole.benchmarks.counts import counts_of_sends, telethon_of
from tests.whole.benchmarks.measure import EAGER, Row, compare, cpu_of, row_of
from tests.whole.benchmarks.stage import Stage, staged

__all__ = ["in_turn", "rows", "side_by_side"]

SENDS = 40
"""Sends of one figure: few, so that both sides of a ratio are measured within the same moment of a shared machine."""

FLEET = 100
EACH = 3
MOST_CALLS = 430

Send = Callable[[int], Awaitable[Any]]


async def in_turn(send: Send, times: int) -> None:
    """Send so many, one after the other."""
    for number in range(times):
        await send(number)


async def side_by_side(senders: Sequence[Send], each: int) -> None:
    """Have all send so many, each one after the other, all at the same time."""
    await asyncio.gather(*(in_turn(send, each) for send in senders))


def by_session(session: actors.AsyncSessionRef) -> Send:
    """Return how a session of ours sends."""

    async def send(number: int) -> None:
        await session.ask(actors.SendMessage("@bob", f"message {number}"))

    return send


def by_client(client: Any, bob: Any) -> Send:
    """Return how a plain client sends."""

    async def send(number: int) -> None:
        await client.send_message(bob, f"message {number}")

    return send


def by_request(client: Any, bob: Any) -> Send:
    """Return how a request is sent that nobody has a hand in."""

    async def send(number: int) -> None:
        await client(SendMessageRequest(bob, f"message {number}", random_id=secrets.randbits(63)))

    return send


def _cpu_of_one(stage: Stage, senders: Sequence[Send], each: int) -> Callable[[], float]:
    return lambda: stage.run(cpu_of(lambda: side_by_side(senders, each))) / (each * len(senders))


def _rate(stage: Stage, send: Send) -> Callable[[], float]:
    async def timed() -> float:
        begun = time.perf_counter()
        await in_turn(send, SENDS)
        return SENDS / (time.perf_counter() - begun)

    return lambda: stage.run(timed())


def _warm(stage: Stage, senders: Sequence[Send]) -> None:
    stage.run(side_by_side(senders, 5))


def _one(stage: Stage) -> Iterator[Row]:
    """Yield the rows of one session that sends one after the other."""
    alice, plain = stage.session("alice"), stage.client("plain")
    same = stage.ask(alice, actors.Call("client", telethon_of))
    ours, theirs = by_session(alice), by_client(plain, stage.peer(plain, "bob"))
    raw = by_request(same, stage.peer(same, "bob"))
    _warm(stage, [ours, theirs, raw])
    yield compare(
        "a send through a session actor, one after the other, CPU",
        "send_message of a plain client",
        "s",
        _cpu_of_one(stage, [ours], SENDS),
        _cpu_of_one(stage, [theirs], SENDS),
        bar=1.0 if EAGER else 1.05,
        higher_is_better=False,
        rounds=45,
    )
    yield compare(
        "the same, rate",
        "the raw request on the same client",
        "1/s",
        _rate(stage, ours),
        _rate(stage, raw),
        bar=0.85,
        rounds=45,
    )


def _fleet(stage: Stage) -> Row:
    """Return the row of many sessions that send at the same time."""
    sessions = stage.sessions(f"ours-{number}" for number in range(FLEET))
    clients = stage.clients(f"plain-{number}" for number in range(FLEET))
    ours = [by_session(session) for session in sessions]
    theirs = [by_client(client, stage.peer(client, "bob")) for client in clients]
    _warm(stage, ours)
    _warm(stage, theirs)
    return compare(
        f"a send, {FLEET} sessions at the same time, CPU",
        f"send_message of {FLEET} plain clients",
        "s",
        _cpu_of_one(stage, ours, EACH),
        _cpu_of_one(stage, theirs, EACH),
        bar=1.1 if EAGER else 1.2,
        higher_is_better=False,
        rounds=21,
    )


def _calls(stage: Stage) -> Iterator[Row]:
    """Yield the rows of Python calls."""
    counts = counts_of_sends(stage)
    ours = counts["send"].total
    for name, beside in (
        ("plain send_message", "send_message of a plain client"),
        ("plain raw", "the raw request on a plain client"),
        ("raw", "the raw request on the same client"),
    ):
        theirs = counts[name].total
        row = row_of("Python calls for one send", beside, "calls", [(ours, theirs)], bar=None, higher_is_better=False)
        yield row.with_calls(ours, theirs)
    if sys.version_info >= (3, 13):  # older ones take more calls for the same; tests/whole/test_calls.py has theirs
        yield row_of("the same", f"{MOST_CALLS} calls", "calls", [(ours, MOST_CALLS)], bar=1.0, higher_is_better=False)


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    with staged() as stage:
        stage.telegram.add_session("bob")
        yield from _one(stage)
        yield _fleet(stage)
    with staged() as stage:
        yield from _calls(stage)
