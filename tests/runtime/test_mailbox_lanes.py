"""What waits for the same held key waits in a lane: who would be first there, and what long use leaves behind."""

from __future__ import annotations

import pytest

from actors.runtime.mailbox import Mailbox, Offer
from tests.runtime.mailbox_machine import Item, item, mailbox_of, order


def test_who_would_be_first_if_a_key_were_free_is_told_of_those_that_it_holds() -> None:
    """By priority, then first come; who needs it not, or is held by another key as well, doesn't count."""
    both = item(4, priority=9)
    both.needs |= {"k", "other"}
    mailbox = mailbox_of(
        item(1, needs="k"), item(2, priority=2, needs="k"), item(3, priority=5), both, item(5, priority=2, needs="k")
    )
    mailbox.hold("other", reason="test", until=None)
    mailbox.hold("k", reason="test", until=None)
    assert mailbox.peek(0.0) is not None
    numbers = []
    while (first := mailbox.peek_past("k", 0.0)) is not None:
        numbers.append(first.number)
        assert mailbox.take(first)
    assert numbers == [2, 5, 1]
    assert len(mailbox) == 2


def test_what_is_due_would_be_first_if_a_key_were_free() -> None:
    """The earliest deadline among them, whatever the priority."""
    mailbox = mailbox_of(
        item(1, priority=9, needs="k"), item(2, needs="k", wait=20.0), item(3, needs="k", wait=10.0), capacity=3
    )
    mailbox.hold("k", reason="test", until=None)
    firsts = [mailbox.peek_past("k", now) for now in (0.0, 5.0)]
    assert [None if first is None else first.number for first in firsts] == [1, 3]


@pytest.mark.parametrize("key", ["k", "never held"])
def test_nobody_would_be_first_where_nobody_waits(key: str) -> None:
    """For a key that is held, or not."""
    mailbox = mailbox_of(item(1))
    mailbox.hold("k", reason="test", until=None)
    assert mailbox.peek_past(key, 0.0) is None


@pytest.mark.parametrize("wait", [10.0, 1e6])
def test_thousands_that_come_and_go_leave_the_order_and_the_deadlines_of_those_that_stay(wait: float) -> None:
    """What has gone is swept out now and then, and nothing that waits is swept out with it."""
    stay = [item(1, wait=wait), item(2, priority=1, wait=wait + 1)]
    mailbox: Mailbox[Item] = mailbox_of(*stay, capacity=10)
    for number in range(3, 2000):
        passing = item(number, priority=-1, wait=5.0)
        assert mailbox.offer(passing) is Offer.ACCEPTED
        assert mailbox.next_due() == 5.0
        assert mailbox.take(passing)
    assert mailbox.next_due() == wait
    assert [late.number for late in mailbox.ripe(wait).expired] == [1]
    assert order(mailbox, 0.0) == [2]
