"""A session without its actor, its tasks and its clock: the phase, the connection, the operations, the stop.

Pure but for the futures and the events that it answers with: messages, news and readings of the clock in, `Act`s out.
The session actor owns it and carries the acts out; a test drives it without a server and without time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import assert_never

from actors.model.errors import FloodWait, TelegramError
from actors.model.events import SessionOffline, SessionOnline, SessionRestarted
from actors.model.phases import Phase, Signal, step
from actors.model.resilience import Backoff, Check
from actors.runtime.delivery import EventStream
from actors.session.acts import Acts, Ask, Break, Close, Dial, HangUp, Miss, Reconnect, Retire, Settle, Start
from actors.session.attempt import Ended, Failed
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
from actors.session.slot import Overrun, Running
from actors.session.stopping import Stopping, error_name

__all__ = ["SessionCore"]

DOUBTED = "the connection has to prove itself"
"""Why everything is held while a connection that may be dead is asked."""


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
            due = self.connection.next_due()
        overrun = self.dispatcher.slot.overrun(now)
        if overrun is not None:
            acts += self._limit(overrun, now)
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
        if self.connection.silences and _is_answer(running, ended):
            self.connection.silences = 0
        doom = self.dispatcher.finish(running, ended, now)
        if doom is not None:
            self.give_up(str(doom), now, cause=doom)

    def _look_after_connection(self, now: float) -> Acts:
        """Dial when the backoff is over, ask a connection that has been quiet for long."""
        if not self.connection.is_up:
            return self.dial(now)
        check = self.connection.due_check(now)
        return [] if check is None else self._ask(check, now)

    def _ask(self, check: Check, now: float) -> Acts:
        """Ask the server; nothing starts on a connection that has to prove itself."""
        question = self.connection.ask(check)
        self._hold(now)
        return [Ask(check, question, self.connection.patience(check))]

    def _limit(self, overrun: Overrun, now: float) -> Acts:
        """Enforce the limits of what runs; a task that doesn't end takes its client with it."""
        acts = [] if overrun is Overrun.GRACE else self._doubt(overrun, now)
        if acts and overrun is Overrun.SILENCE:
            return acts
        outlived = self.dispatcher.limit(now)
        if outlived is None or outlived.generation != self.connection.generation:
            return acts
        name, grace = type(outlived.entry.operation).__name__, self.dispatcher.slot.grace
        return acts + self._broke(f"{name} did not end {grace:g} s after its cancel", now)

    def _doubt(self, overrun: Overrun, now: float) -> Acts:
        """Have a connection prove itself that may have swallowed what the running attempt waits for.

        The attempt waits on meanwhile: its answer may still come, and on a new connection its request is sent again.
        """
        running = self.dispatcher.slot.running
        if running is None or not running.patience.until < math.inf:
            return []
        check = self.connection.doubt(running.patience.since, running.patience.until)
        if check is None:
            return []
        if overrun is Overrun.SILENCE:
            running.patience.wait_on()
        return self._ask(check, now)

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
        return self._ask(Check.PROBE, now)

    def _lost(self, now: float) -> Acts:
        self.connection.went_down()
        self._move(Signal.LOST, now)
        self._be_patient_anew()
        return [Miss()]

    def _be_patient_anew(self) -> None:
        """Give the attempt whose connection was in doubt the whole attempt timeout on the next one."""
        running = self.dispatcher.slot.running
        if running is not None and running.patience.in_doubt:
            running.patience.begin()

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
        silent, was_doubted = is_silence(error), self.connection.is_doubted
        self.connection.checked(check, error, now)
        if was_doubted:
            was_answered = check is Check.ANSWER and not self.connection.silences
            return self._proved(now, lives=was_answered or not silent)
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

    def _proved(self, now: float, *, lives: bool) -> Acts:
        """Go on: on a line that lives the server was silent to the attempt that waited for this; a dead one is left."""
        self._hold(now)
        if not lives:
            self._be_patient_anew()
            return [Reconnect()]
        running = self.dispatcher.slot.running
        if running is not None and running.patience.in_doubt:
            self.dispatcher.slot.lose_patience()
        return []

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
        self._hold(now)
        if self.phase is Phase.ONLINE and before is not Phase.ONLINE:
            self._events.publish(SessionOnline(session=self._name))
        elif before is Phase.ONLINE and signal is Signal.LOST:
            self._events.publish(SessionOffline(session=self._name))

    def _hold(self, now: float) -> None:
        """Hold everything while there is no connection, or none to rely on; let it go otherwise."""
        if not self.is_ready:
            self.dispatcher.queue.go_offline(self.phase.value, now)
        elif self.connection.is_doubted:
            self.dispatcher.queue.go_offline(DOUBTED, now)
        else:
            self.dispatcher.queue.go_online()


def _is_answer(running: Running, ended: Ended) -> bool:
    """Say whether an attempt ended with an answer of the server's, were it a refusal; others may never have asked."""
    asks = running.entry.policy.attempt_timeout is not None
    return asks and not (isinstance(ended, Failed) and is_silence(ended.error))
