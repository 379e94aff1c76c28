"""What the chaos has found, each as a test of its own that needs no luck."""

from __future__ import annotations

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually


def test_a_failed_write_brings_a_new_connection_and_not_a_wait_for_the_next_ping(alice: actors.SessionRef) -> None:
    """Telethon's writing loop closes the connection by itself; its reading loop must hear of that."""

    async def close(client: actors.Client) -> None:
        await client.telethon._sender._connection.disconnect()

    alice.ask(actors.Call("close", close), timeout=5)
    assert alice.ask(actors.SendMessage("me", "still here"), timeout=10).id
    assert alice.status().connects == 2


@pytest.mark.parametrize("error", ["FLOOD_WAIT_3600", "CHAT_WRITE_FORBIDDEN", "AUTH_KEY_UNREGISTERED"])
def test_a_refusal_of_what_was_sent_before_says_nothing_about_the_first_time(
    telegram: Loopback, alice: actors.SessionRef, error: str
) -> None:
    """The server does it and the connection ends; Telethon sends it again, and only that is refused."""
    telegram.add_account("bob")
    telegram.fail("messages.sendMessage", account="alice", drop="after", times=1)
    telegram.fail("messages.sendMessage", account="alice", error=error)
    with pytest.raises(actors.OutcomeUnknown) as caught:
        alice.ask(actors.SendMessage("@bob", "once"), timeout=15)
    (there,) = telegram.messages("alice")
    assert there.random_id == caught.value.random_id


def test_a_cancelled_send_that_waits_after_a_refused_repeat_is_unknown(
    telegram: Loopback, alice: actors.SessionRef
) -> None:
    """It is held by the flood wait of its repeat, and the first time may have counted."""
    telegram.add_account("bob")
    telegram.fail("messages.sendMessage", account="alice", drop="after", times=1)
    telegram.fail("messages.sendMessage", account="alice", error="FLOOD_WAIT_20", times=1)
    sent = alice.ask(actors.SendMessage("@bob", "once"), block=False)
    eventually(lambda: any(hold.key.startswith("method:") for hold in alice.status().holds))
    sent.cancel()
    with pytest.raises(actors.OutcomeUnknown):
        sent.get(timeout=5)
    assert [message.text for message in telegram.messages("bob")] == ["once"]
