"""Catching up on a history out of whose pages messages are left: the others are told once and in order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, quick_system, received

_NUMBERS = itertools.count(1)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    missed=st.integers(1, 350),
    hidden=st.lists(st.tuples(st.integers(0, 349), st.integers(1, 200)), max_size=3),
    queue=st.sampled_from([10, 100, 1000]),
)
def test_what_was_missed_is_told_once_and_in_order_whatever_its_pages_lack(
    telegram: Loopback, missed: int, hidden: list[tuple[int, int]], queue: int
) -> None:
    """For all that is left out. A gap is told exactly when the newest of them isn't shown: it is known to be there."""
    number = next(_NUMBERS)
    chat, name = f"chat{number}", f"alice{number}"
    telegram.add_channel(chat, messages=3, members=["bob", name])
    collector, gaps = Collector.start(), Collector.start()
    places = {place for start, count in hidden for place in range(start, min(start + count, missed))}
    with quick_system() as system:
        system.subscribe(gaps, actors.MonitorGap)
        alice = system.start_session(telegram.add_session(name))
        alice.ask(actors.Monitor([chat], to=collector, delivery=actors.DeliveryPolicy(queue=queue)))
        texts = [str(place) for place in range(missed)]
        ids = telegram.post_many(chat, texts, author="bob", push=False)
        telegram.hide(chat, [ids[place] for place in places])
        telegram.forget_updates(chat)
        telegram.disconnect(name)
        shown = [text for place, text in enumerate(texts) if place not in places]

        def told() -> list[str]:
            return [event.message.text for event in received(collector) if isinstance(event, actors.MessageReceived)]

        eventually(lambda: len(told()) >= len(shown), within=20)
        if missed - 1 in places:
            eventually(lambda: received(gaps), within=20)
        telegram.post(chat, "last", author="bob")
        eventually(lambda: told()[-1:] == ["last"], within=20)
        assert told() == [*shown, "last"]
        assert len(received(gaps)) == (missed - 1 in places)
    collector.stop()
    gaps.stop()
