"""A system's shutdown under way: who asked for it, until when it may take, and what has become of everything so far.

Owned by the supervisor, which carries it out: mailboxes close, what was accepted finishes or is cancelled, clients
disconnect, and the report tells every fate. All of it within one deadline.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from actors.model.outcomes import ShutdownReport
from actors.runtime import ActorDeadError, ask_any, reply
from actors.runtime.recipient import Reply
from actors.session.messages import GiveUpSession, StopSession
from actors.session.ref import SessionRef
from actors.session.shared import Clock
from actors.session.traces import Recorder

__all__ = ["ShutdownUnderWay"]

DISCONNECT = 8.0
"""Seconds at the end of a shutdown that are kept for cancelling and disconnecting."""


class ShutdownUnderWay:
    """One shutdown, of these sessions. timeout, drain: seconds for all, and for what was accepted; now(): the clock."""

    def __init__(
        self, sessions: list[SessionRef], recorder: Recorder, *, timeout: float, drain: float, now: Clock
    ) -> None:
        self._now = now
        self._begun = now()
        self._open = {ref.name: ref for ref in sessions}
        self._stopped: list[str] = []
        self._recorder = recorder
        self._repliers: list[tuple[Reply, bool]] = []
        self.deadline = self._begun + timeout
        self.drain = min(drain, max(timeout - DISCONNECT, timeout / 2))

    async def stop_sessions(self) -> None:
        """Stop all side by side; those that aren't done at the deadline are told to give up."""
        stops = [ask_any(ref, StopSession(drain=self.drain)) for ref in self._open.values()]
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + self.deadline - self._now()):
                for stopped in stops:
                    with suppress(ActorDeadError):  # it ended in the meantime
                        await stopped
        except TimeoutError:
            late = tuple(self._open.values())
            given_up = [ask_any(ref, GiveUpSession("the shutdown ran out of time")) for ref in late]
            for future in given_up:
                with suppress(ActorDeadError):  # as above; it answers at once, whatever its operation does
                    await future

    def add_replier(self, reply_to: Reply | None, *, wants_report: bool) -> None:
        """Note who waits for the end."""
        if reply_to is not None:
            self._repliers.append((reply_to, wants_report))

    def session_ended(self, name: str) -> None:
        """Take in that a session has ended."""
        self._open.pop(name, None)
        self._stopped.append(name)

    def report(self) -> ShutdownReport:
        """Return what is known now."""
        return ShutdownReport(
            took=self._now() - self._begun,
            stopped=tuple(self._stopped),
            late=tuple(self._open),
            fates=self._recorder.fates(),
        )

    def answer(self) -> None:
        """Tell everybody who waits for the end."""
        report = self.report()
        for reply_to, wants_report in self._repliers:
            answer: Any = report if wants_report else None
            reply(reply_to, answer)
