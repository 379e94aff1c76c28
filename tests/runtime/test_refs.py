"""What a ref holds of an actor that has stopped: its name, and nothing else."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pykka
import pytest

import actors
from actors.runtime.mailbox import Mailbox
from tests.support import eventually


class Load:
    """Something that an actor has, and that can be seen to go."""


class Laden:
    """What actors have in common that have something."""

    def __init__(self) -> None:
        super().__init__()
        self.load = Load()

    def on_receive(self, message: Any) -> Any:
        """Return what it has, so that it can be looked at."""
        del message
        return weakref.ref(self.load)


class Plain(Laden, actors.AsyncioActor):
    """Has something."""


class Busy(Laden, actors.PriorityActor):
    """Has something, and a mailbox."""


def mailboxes() -> int:
    """Return how many mailboxes there are."""
    return sum(isinstance(each, Mailbox) for each in gc.get_objects())


@pytest.mark.parametrize("kind", [Plain, Busy])
def test_a_ref_of_a_stopped_actor_keeps_nothing_of_it_alive(kind: type[actors.AsyncioActor]) -> None:
    """Neither what the actor had nor its mailbox, however long the ref is kept."""
    gc.collect()
    before = mailboxes()
    ref = kind.start()
    load = ref.ask("load", block=True)
    ref.stop()
    eventually(lambda: gc.collect() is not None and load() is None)
    assert mailboxes() == before


@pytest.mark.parametrize("kind", [Plain, Busy])
def test_a_ref_of_a_stopped_actor_answers_as_before(kind: type[actors.AsyncioActor]) -> None:
    """It is dead, has its name, and refuses everything; a proxy that was made in time does so, too."""
    ref = kind.start()
    shown, proxy = repr(ref), ref.proxy()
    ref.stop()
    gc.collect()
    assert (repr(ref), ref.is_alive(), ref.stop()) == (shown, False, False)
    asks: list[Callable[[], Any]] = [
        lambda: ref.ask("x"),
        lambda: ref.tell("x"),
        ref.proxy,
        lambda: proxy.load.get(),  # noqa: PLW0108  the attribute is asked for first
    ]
    for refused in asks:
        with pytest.raises(pykka.ActorDeadError):
            refused()
