"""The field of a request that can't be written, by name."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import functions, types

from actors.telegram.unwritable import unwritable

PEER = types.InputPeerChannel(5, 6)


def send(text: Any = "hello", **fields: Any) -> Any:
    """Return a request of messages.sendMessage."""
    return functions.messages.SendMessageRequest(**{"peer": PEER, "message": text, "random_id": 1, **fields})


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (send("a\ud800"), "message"),
        (send(5), "message"),
        (send(random_id=2**63), "random_id"),
        (send(peer=types.InputPeerUser(2**64, 1)), "peer.user_id"),
        (send(reply_to=types.InputReplyToMessage(2**31)), "reply_to.reply_to_msg_id"),
        (functions.messages.DeleteMessagesRequest([1, 2**31]), "id"),
        (send("a\ud800", random_id=2**63), ""),
        (send(peer=None), ""),
    ],
)
def test_the_one_field_that_is_at_fault_is_named(request_: Any, field: str) -> None:
    """However deep it lies; of two, neither is."""
    assert unwritable(request_) == field
