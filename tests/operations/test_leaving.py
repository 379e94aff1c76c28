"""What can't be written is refused, and what hasn't left is never unknown: it is said where the bytes leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import actors
from actors.model.answers import UploadedFile
from actors.testing import Loopback
from tests.support import eventually

SEND = "messages.sendMessage"
Work = Callable[[actors.Client, actors.OperationContext], Awaitable[Any]]


@dataclass(frozen=True)
class Own(actors.Operation[Any]):
    """An operation of a user's: what it does is a function, which tells when something leaves."""

    work: Work = field(repr=False)

    async def run(self, client: actors.Client, context: actors.OperationContext) -> Any:
        """Do it."""
        return await self.work(client, context)


def message(text: str = "hello", *, peer: actors.Peer | None = None, random_id: int = 7, **more: Any) -> Own:
    """Return an operation that sends a text to whom it likes, unchecked."""

    async def send(client: actors.Client, context: actors.OperationContext) -> Any:
        to = peer or await client.resolve("bob")
        return await client.send_message(to, text, random_id=random_id, leaving=context.leaving, **more)

    return Own(send)


def document(name: str) -> Own:
    """Return an operation that sends a file of this name."""

    async def send(client: actors.Client, context: actors.OperationContext) -> Any:
        file = UploadedFile(1, 1, big=False, name=name)
        return await client.send_file(await client.resolve("bob"), file, random_id=7, leaving=context.leaving)

    return Own(send)


def history(*, max_id: int) -> Own:
    """Return an operation that reads up to an id that there can't be."""

    async def read(client: actors.Client, context: actors.OperationContext) -> Any:
        del context
        return await client.history(await client.resolve("bob"), limit=1, max_id=max_id)

    return Own(read)


UNWRITABLE = {
    "half of a character": (message("planted \ud800 text"), "message"),
    "a random_id of 70 bits": (message(random_id=2**70), "random_id"),
    "a reply to no id": (message(reply_to=2**40), "reply_to.reply_to_msg_id"),
    "a peer of 80 bits": (message(peer=actors.Peer("user", 2**80, 1)), "peer.user_id"),
    "no text": (message(None), "message"),  # type: ignore[arg-type]  # as a user without a type checker may
    "two at once": (message("\ud800", random_id=2**70), SEND),
    "a text of 2 MB": (message("x" * 2_000_000), SEND),
    "the name of a file": (document("planted \udcff.txt"), "media.file.name"),
    "the end of a history": (history(max_id=2**40), "max_id"),
}


@pytest.mark.parametrize(("operation", "said"), UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_what_cannot_be_written_is_invalid_input_and_never_unknown(
    telegram: Loopback, alice: actors.SessionRef, operation: Own, said: str
) -> None:
    """It names what is wrong and shows nothing of it; no attempt follows, and the session lives on."""
    telegram.add_session("bob")
    alice.ask(actors.SendMessage("bob", "before"), timeout=10)
    telegram.forget_calls("alice")
    with pytest.raises(actors.InvalidInput) as caught:
        alice.ask(operation.with_(retries=3), timeout=10)
    assert caught.value.field == said
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert telegram.calls("alice") == []
    assert alice.ask(actors.SendMessage("bob", "after"), timeout=10).random_id
    assert (alice.status().connects, alice.status().outcomes) == (1, {"done": 2, "failed": 1})


def late(entered: threading.Event, may_have_left: list[bool]) -> Own:
    """Return an operation that sends once its connection is gone."""

    async def send(client: actors.Client, context: actors.OperationContext) -> Any:
        peer = await client.resolve("bob")
        entered.set()
        while client.telethon._sender._transport_connected():  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0)  # at every turn: it may be back soon
        sending = asyncio.ensure_future(client.send_message(peer, "late", random_id=7, leaving=context.leaving))
        await asyncio.sleep(0)
        may_have_left.append(context.may_have_left)
        return await sending

    return Own(send)


def test_a_send_that_finds_no_connection_is_not_unknown(telegram: Loopback, alice: actors.SessionRef) -> None:
    """It fails like any other request, and nothing of it arrives later."""
    telegram.add_session("bob")
    entered, noted = threading.Event(), list[bool]()
    future = alice.ask(late(entered, noted), block=False)
    assert entered.wait(5)
    telegram.restart(down_for=1.0)
    with pytest.raises(actors.TelegramError) as caught:
        future.get(timeout=10)
    assert (caught.value.name, caught.value.method) == ("CONNECTION_LOST", SEND)
    assert noted == [False]
    eventually(lambda: alice.status().phase is actors.Phase.ONLINE, within=15)
    alice.ask(actors.SendMessage("bob", "after"), timeout=10)
    assert [message.text for message in telegram.messages("bob")] == ["after"]


def test_a_send_that_has_waited_for_its_connection_leaves_on_it(telegram: Loopback, alice: actors.SessionRef) -> None:
    """Then it may have left: unanswered, its outcome is unknown."""
    telegram.add_session("bob")
    entered, noted = threading.Event(), list[bool]()
    future = alice.ask(late(entered, noted).with_(run_timeout=3), block=False)
    assert entered.wait(5)
    telegram.fail(SEND, account="alice", silence=True)
    telegram.disconnect("alice")
    with pytest.raises(actors.OutcomeUnknown):
        future.get(timeout=10)
    assert noted == [False]
    assert SEND in telegram.calls("alice")


def test_a_send_that_waits_out_a_flood_has_not_left_meanwhile(telegram: Loopback, alice: actors.SessionRef) -> None:
    """The server refused it, and then it was held here; a stop rejects it, and nothing is unknown."""
    telegram.add_session("bob")
    telegram.fail(SEND, account="alice", error="FLOOD_WAIT_30", times=1)
    held = [alice.ask(actors.SendMessage("bob", f"text {number}"), block=False) for number in range(2)]
    eventually(lambda: alice.status().holds)
    alice.stop()
    for future in held:
        with pytest.raises(actors.OperationRejected):
            future.get(timeout=20)
    assert telegram.messages("bob") == []
