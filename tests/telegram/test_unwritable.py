"""The field of a request that can't be written, by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
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


NUMBERS = st.integers(-(2**70), 2**70)
LONGS, IDS = range(-(2**63), 2**63), range(-(2**31), 2**31)


@given(text=st.text(st.characters(), max_size=5), random_id=NUMBERS, channel=NUMBERS, reply_to=NUMBERS)
def test_a_field_is_named_exactly_when_it_alone_cannot_be_written(
    text: str, random_id: int, channel: int, reply_to: int
) -> None:
    """For all texts, half characters among them, and all numbers."""
    request = send(
        text,
        random_id=random_id,
        peer=types.InputPeerChannel(channel, 1),
        reply_to=types.InputReplyToMessage(reply_to),
    )
    faults = {
        "message": any("\ud800" <= character <= "\udfff" for character in text),
        "random_id": random_id not in LONGS,
        "peer.channel_id": channel not in LONGS,
        "reply_to.reply_to_msg_id": reply_to not in IDS,
    }
    wrong = [name for name, is_wrong in faults.items() if is_wrong]
    if not wrong:
        assert bytes(request)
    elif len(wrong) == 1:
        assert unwritable(request) == wrong[0]
    else:
        assert unwritable(request) in {"", *wrong}
