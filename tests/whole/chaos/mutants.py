"""Promises broken on purpose, each for as long as a `with` lasts: the chaos test must find it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest

import actors
from actors.model.outcomes import Outcome
from actors.session.outcomes import Outcomes

__all__ = ["MUTANTS", "forgetting_a_cancel", "sending_twice"]


@contextmanager
def sending_twice() -> Iterator[None]:
    """Answer a send without a reply as failed, and send it again with a new random_id."""
    conclude, run = Outcomes.conclude, actors.SendMessage.run

    def as_failed(self: Outcomes, entry: Any, outcome: Outcome, now: float, **end: Any) -> None:
        if outcome is not Outcome.CANCELLED:
            entry.may_have_left = False
        conclude(self, entry, outcome, now, **end)

    async def anew(
        self: actors.SendMessage, client: actors.Client, context: actors.OperationContext
    ) -> actors.SentMessage:
        return await run(self._copy(random_id=secrets.randbits(63) or 1), client, context)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Outcomes, "conclude", as_failed)
        broken.setattr(actors.SendMessage, "run", anew)
        yield


@contextmanager
def forgetting_a_cancel() -> Iterator[None]:
    """Never answer the first operation that is cancelled."""
    conclude = Outcomes.conclude
    forgotten: list[int] = []

    def forgetful(self: Outcomes, entry: Any, outcome: Outcome, now: float, **end: Any) -> None:
        if outcome is Outcome.CANCELLED and not forgotten and entry.outcome is None:
            forgotten.append(entry.operation_id)
            entry.outcome = outcome
            return
        conclude(self, entry, outcome, now, **end)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Outcomes, "conclude", forgetful)
        yield


MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "none": nullcontext,
    "sending twice": sending_twice,
    "forgetting a cancel": forgetting_a_cancel,
}
