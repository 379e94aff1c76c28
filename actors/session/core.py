"""A session without its actor, its tasks and its clock: the phase, the connection, the operations, the stop.

Pure but for the futures and the events that it answers with: messages, news and readings of the clock in, `Act`s out.
The session actor owns it and carries the acts out; a test drives it without a server and without time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from actors.model.errors import FloodWait, TelegramError
from actors.model.events import SessionOffline, SessionOnline, SessionRestarted
from actors.model.phases import Phase, Signal, step
from actors.model.resilience import Backoff, Check
from actors.runtime.delivery import EventStream
from actors.session.attempt import Ended
from actors.session.connection import (
    Checked,
    Connected,
    Connection,
    ConnectionEnded,
    News,
    TransportLost,
    TransportUp,
    is_silence,
)
from actors.session.dispatcher import Dispatcher
from actors.session.retries import is_permanent
from actors.session.slot import Running
from actors.session.stopping import Stopping, error_name

__all__ = ["Act", "Acts", "Ask", "Break", "Close", "Dial", "HangUp", "Miss", "Retire", "SessionCore", "Settle", "Start"]


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect a client of this generation."""

    generation: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the server whether the connection lives, for so many seconds."""

    check: Check
    question: int
    patience: float


@dataclass(frozen=True, slots=True)
class HangUp:
    """Disconnect the client: its server is silent."""


@dataclass(frozen=True, slots=True)
class Retire:
    """Take the client away: it is replaced, or the session ends."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Count on updates that won't come: the connection is gone."""


@dataclass(frozen=True, slots=True)
class Start:
    """Run this operation, as a task."""

    running: Running


@dataclass(frozen=True, slots=True)
class Settle:
    """Answer whoever waits for the session to come online; error: None when it has."""

    error: BaseException | None


@dataclass(frozen=True, slots=True)
class Break:
    """Tell the supervisor that the client is beyond use."""

    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing runs any more, and nothing may: leave."""

    stopping: Stopping


Act = Dial | Ask | HangUp | Retire | Miss | Start | Settle | Break | Close
Acts = list[Act]


class SessionCore:
    """One session's state and decisions. Whether it is stopping has one answer: `stopping`, from the first request on.

    restarts: how often its client was replaced; look_again: when to take the next turn at the latest. pause(name, now):
    seconds that a session which lost its connection waits for the sake of the fleet; chance() is in [0, 1), for the
    jitter of the backoff.
    """

    def __init__(
        self,
        name: str,
        connection: Connection,
        dispatcher: Dispatcher,
        events: EventStream,
        *,
        backoff: Backoff,
        pause: Callable[[str, float], float],
        chance: Callable[[], float],
        now: float,
    ) -> None:
        self.phase = Phase.OFFLINE
        self.connection = connection
        self.dispatcher = dispatcher
        self.stopping: Stopping | None = None
        self.restarts = 0
        self.look_again: float | None = None
        self._name = name
        self._events = events
        self._backoff = backoff
        self._pause = pause
        self._chance = chance
        dispatcher.queue.go_offline("connecting", now)

    @property
    def is_ready(self) -> bool:
        """Whether operations may run: the connection is up, and the session lives or finishes what it accepted."""
        return self.connection.is_up and self.phase in (Phase.ONLINE, Phase.DRAINING)

    @property
    def is_at_rest(self) -> bool:
        """Whether a turn has nothing to do before the next message, or `look_again`: nothing runs, or may, or stops."""
        return self.stopping is None and self.dispatcher.is_at_rest

    # Turns.

    def dial(self, now: float) -> Acts:
        """Connect."""
        self.connection.dial_at = None
        self._move(Signal.DIAL, now)
        return [Dial(self.connection.generation)]

    def turn(self, now: float) -> Acts:
        """Do what is due, enforce every limit, start what may: after news, after messages, and at `look_again`.

        A stop whose time is up rejects what is left before anything more is started; it closes when nothing runs.
        """
        acts: Acts = []
        due = self.connection.next_due()
        if due is not None and due <= now and self.stopping is None:
            acts += self._look_after_connection(now)
        if self.dispatcher.slot.overrun(now) is not None:
            acts += self._limit(now)
        if acts:
            due = self.connection.next_due()
        stopping = self.stopping
        if stopping is not None and not stopping.is_closing and now >= stopping.deadline:
            self.dispatcher.reject_all(stopping.why, None, now)
        todo = self.dispatcher.turn(now, generation=self.connection.generation if self.is_ready else None)
        if todo.start is not None:
            acts.append(Start(todo.start))
        if stopping is not None and not stopping.is_closing and self.dispatcher.is_idle:
            stopping.is_closing = True
            acts.append(Close(stopping))
        if stopping is not None:
            due = stopping.next_due(now)
        at = todo.look_again
        self.look_again = due if at is None or (due is not None and due < at) else at
        return acts

    def finish(self, running: Running, ended: Ended, now: float) -> None:
        """Take in how an attempt ended; the next turn follows at once."""
        doom = self.dispatcher.finish(running, ended, now)
        if doom is not None:
            self.give_up(str(doom), now, cause=doom)

    def _look_after_connection(self, now: float) -> Acts:
        """Dial when the backoff is over, ask a connection that has been quiet for long."""
        if not self.connection.is_up:
            return self.dial(now)
        check = self.connection.due_check(now)
        return [] if check is None else [Ask(check, self.connection.questions, self.connection.patience)]

    def _limit(self, now: float) -> Acts:
        """Enforce the limits of what runs; a task that doesn't end takes its client with it."""
        outlived = self.dispatcher.limit(now)
        if outlived is None or outlived.generation != self.connection.generation:
            return []
        name, grace = type(outlived.entry.operation).__name__, self.dispatcher.slot.grace
        return self._broke(f"{name} did not end {grace:g} s after its cancel", now)

    # The connection.

    def hear(self, news: News, now: float) -> Acts:
        """Take news of the client in; late news of a replaced one is no news."""
        if news.generation != self.connection.generation:
            return []
        match news:
            case Connected(account=account):
                self.connection.came_up(account, now)
                self._move(Signal.CONNECTED, now)
                return [Settle(None)] if self.phase is Phase.ONLINE else []
            case TransportUp():
                return self._came_back(now)
            case TransportLost():
                return self._lost(now)
            case ConnectionEnded(error=error):
                first = [Settle(error or ConnectionError())] if self.connection.connects == 0 else []
                return [*self._lost(now), *first, *self._ended(error, now)]
            case Checked(check=check, question=question, error=error):
                return self._checked(check, error, now) if self.connection.is_asking(question) else []
            case _:
                assert_never(news)

    def _came_back(self, now: float) -> Acts:
        """Ask before counting a transport that the client got back as a connection: nothing was heard on it yet."""
        if self.connection.is_up or self.phase not in (Phase.OFFLINE, Phase.DRAINING):
            return []
        return [Ask(Check.PROBE, self.connection.ask(now), self.connection.patience)]

    def _lost(self, now: float) -> Acts:
        self.connection.went_down()
        self._move(Signal.LOST, now)
        return [Miss()]

    def _ended(self, error: BaseException | None, now: float) -> Acts:
        """Dial again after a lost connection; doom and breakage are another matter."""
        if error is not None and is_permanent(error):
            self.give_up(str(error), now, cause=error)
        elif self.stopping is not None:
            self.stopping.hurry(now)  # nothing more can be carried out
        elif isinstance(error, FloodWait):
            self._back_off(now, error.retry_after)
        elif error is None or isinstance(error, TelegramError | OSError):
            self._back_off(now)
        else:
            return self._broke(f"connecting failed with {type(error).__name__}", now)
        return []

    def _checked(self, check: Check, error: BaseException | None, now: float) -> Acts:
        """Be online again once the server has answered; end a session that it disowns, replace a client it forgot."""
        silent = is_silence(error)
        self.connection.checked(check, error, now)
        acts: Acts = []
        if not self.connection.is_up:
            if silent:
                return [HangUp()]
            self.connection.came_up(None, now)
            self._move(Signal.CONNECTED, now)
            acts = [Settle(None)] if self.phase is Phase.ONLINE else []
        if error is not None and is_permanent(error):
            self.give_up(str(error), now, cause=error)
        elif check is Check.DIFFERENCE and silent:
            acts += self._broke("no update and no answer for too long", now)
        return acts

    def _back_off(self, now: float, delay: float | None = None) -> None:
        self.connection.failures += 1
        if delay is None:
            delay = self._backoff.delay(self.connection.failures, chance=self._chance()) + self._pause(self._name, now)
        self._move(Signal.RETRY_LATER, now)
        self.connection.back_off(delay, now)

    def _broke(self, reason: str, now: float) -> Acts:
        """Take the client away, and let the supervisor decide when there is a new one, if at all."""
        acts = self._retire(now)
        if self.stopping is not None:
            self.stopping.hurry(now)
            return acts
        return [*acts, Break(reason)]

    def _retire(self, now: float) -> Acts:
        self.dispatcher.interrupt(now)
        self.connection.retire()
        self._move(Signal.RETRY_LATER, now)
        return [Retire(), Miss()]

    def replace_client(self, reason: str, delay: float, now: float) -> Acts:
        """Dial with a new client after `delay` seconds, the old one disconnected before."""
        if self.stopping is not None:
            return []
        self.restarts += 1
        acts = self._retire(now)
        self._back_off(now, delay)
        self._events.publish(SessionRestarted(session=self._name, reason=reason))
        return acts

    # The end.

    def stop(self, drain: float, now: float) -> Stopping:
        """Begin to stop: what was accepted gets `drain` seconds, as long as it can be carried out."""
        return self._wind_down("", None, drain if self.is_ready else 0.0, now)

    def give_up(self, reason: str, now: float, *, cause: BaseException | None = None) -> None:
        """End the session's life, for this reason: nothing more is carried out."""
        self._wind_down(reason, cause, 0.0, now)
        self.dispatcher.reject_all(reason, cause, now)

    def _wind_down(self, reason: str, cause: BaseException | None, drain: float, now: float) -> Stopping:
        self.dispatcher.queue.close()
        if self.stopping is None:
            self.stopping = Stopping(now + drain)
            if not reason:
                self._move(Signal.DRAIN, now)
        if reason and not self.stopping.reason:
            self.stopping.reason, self.stopping.cause = reason, error_name(cause)
            self._move(Signal.DOOM, now)
        self.stopping.hurry(now + drain)
        return self.stopping

    def loop_gone(self, reason: str, now: float) -> Stopping:
        """Answer everything that was accepted, without touching a task: there is no loop to do so any more."""
        stopping = self._wind_down(reason, None, 0.0, now)
        self.dispatcher.loop_gone(stopping.why, now)
        return stopping

    def close(self, now: float) -> None:
        """Be stopped: the client is gone; what still runs is left to itself."""
        self.connection.retire()
        self._move(Signal.STOP, now)
        self.dispatcher.let_go(now)

    def _move(self, signal: Signal, now: float) -> None:
        """Take the step that a signal means; hold everything while nothing can run, and say what is worth an event."""
        before, self.phase = self.phase, step(self.phase, signal)
        if self.is_ready:
            self.dispatcher.queue.go_online()
        else:
            self.dispatcher.queue.go_offline(self.phase.value, now)
        if self.phase is Phase.ONLINE and before is not Phase.ONLINE:
            self._events.publish(SessionOnline(session=self._name))
        elif before is Phase.ONLINE and signal is Signal.LOST:
            self._events.publish(SessionOffline(session=self._name))
