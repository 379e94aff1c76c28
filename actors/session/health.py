"""A connection's pulse: it carries out the checks that the health policy asks for, one at a time, as tasks.

Owned by a connection and used on its loop alone. It reports how a check ended and decides nothing about it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from actors.model.client import Client
from actors.model.errors import TelegramError, Verdict
from actors.model.resilience import Check, HealthPolicy, Signs

__all__ = ["Pulse", "is_silence"]

Ended = Callable[[Check, BaseException | None], None]


class Pulse:
    """See the module. `on_ended` is called with each check and its error, None when it was answered."""

    def __init__(
        self, policy: HealthPolicy | None, spawn: Callable[[Coroutine[Any, Any, None], str], Any], on_ended: Ended
    ) -> None:
        self._policy = policy
        self._spawn = spawn
        self._on_ended = on_ended
        self._signs = Signs.at(time.monotonic())
        self._checking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Count from now on: the connection has just been made."""
        self._signs = Signs.at(time.monotonic())

    def heard(self) -> None:
        """Note an update."""
        self._signs.heard = time.monotonic()

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        if self._policy is None or self._checking is not None:
            return None
        return self._policy.next_check(self._signs)[0]

    def tick(self, client: Client, now: float) -> None:
        """Begin the check that is due, if one is."""
        due = self.next_due()
        if due is None or now < due or self._policy is None:
            return
        check = self._policy.next_check(self._signs)[1]
        self._signs.tried = now
        self._begin(self._check(client, check, self._policy.timeout), check)

    def probe(self, client: Client) -> None:
        """Ask now: the client says that it is connected again, and the server hasn't said anything yet."""
        self.begin()
        if self._checking is None:
            timeout = (self._policy or HealthPolicy()).timeout
            self._begin(self._check(client, Check.PROBE, timeout), Check.PROBE)

    def _begin(self, check: Coroutine[Any, Any, None], kind: Check) -> None:
        self._checking = self._spawn(check, kind.value)
        self._checking.add_done_callback(self._checked)

    def stop(self) -> None:
        """End a check that is under way: its connection is gone."""
        if self._checking is not None:
            self._checking.cancel()

    def _checked(self, _: asyncio.Task[None]) -> None:
        self._checking = None

    async def _check(self, client: Client, check: Check, timeout: float) -> None:  # noqa: ASYNC109  of the policy
        error = await _ask(client, check, timeout)
        if not is_silence(error):
            self._signs.passed(check, time.monotonic())
        self._checking = None
        self._on_ended(check, error)


async def _ask(client: Client, check: Check, timeout: float) -> BaseException | None:  # noqa: ASYNC109  as above
    try:
        async with asyncio.timeout(timeout):
            await (client.probe() if check is Check.PROBE else client.catch_up())
    except TimeoutError:
        return TelegramError(verdict=Verdict.TRANSIENT, name="NO_REPLY", method=check.value)
    except Exception as exc:  # noqa: BLE001  whatever it is, it is what the check came to
        return exc
    return None


def is_silence(error: BaseException | None) -> bool:
    """Say whether a check had no answer; a refusal is an answer."""
    return error is not None and not (isinstance(error, TelegramError) and error.code)
