"""A session's connection: whether there is one, when to dial, when to ask whether it still lives. It dials nothing.

Pure: news and readings of the clock in, what is to be done out. Every client has a generation, so that late news of a
replaced one is no news. Owned by a session's core; the dialler carries out what is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actors.model.content import Account
from actors.model.errors import TelegramError
from actors.model.resilience import Check, HealthPolicy

__all__ = [
    "Checked",
    "Connected",
    "Connection",
    "ConnectionEnded",
    "News",
    "TransportLost",
    "TransportUp",
    "is_silence",
]


@dataclass(frozen=True, slots=True)
class Connected:
    """The client is connected and logged in."""

    generation: int
    account: Account


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """The client has given its connection up, or never had one."""

    generation: int
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class TransportLost:
    """The connection is gone; the client tries to get it back."""

    generation: int


@dataclass(frozen=True, slots=True)
class TransportUp:
    """The client got its connection back."""

    generation: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The connection was asked whether it lives, for the `question`th time. error: None when all is well."""

    generation: int
    check: Check
    question: int
    error: BaseException | None


News = Connected | ConnectionEnded | TransportLost | TransportUp | Checked


class Connection:
    """What is known of one session's connection.

    generation: of the client in use; is_up: the server has answered, and the transport was not lost since; dial_at:
    when to dial next, in monotonic seconds, None when nothing is planned; connects: how often it came up; failures: how
    often in a row it did not; questions: how often it was asked whether it lives; silences: attempts in a row that the
    server left without an answer. last_byte(): when the last byte came from the server, in monotonic seconds.
    """

    def __init__(self, health: HealthPolicy | None, last_byte: Callable[[], float]) -> None:
        self.generation = 0
        self.is_up = False
        self.dial_at: float | None = None
        self.account: Account | None = None
        self.connects = 0
        self.failures = 0
        self.questions = 0
        self.silences = 0
        self._health = health
        self._last_byte = last_byte
        self._news = self._answered = 0.0
        self._look_at: float | None = None
        self._question: Check | None = None

    @property
    def is_doubted(self) -> bool:
        """Whether it has to prove itself first: it may have swallowed what was sent, and would swallow more."""
        return self._question in {Check.LINE, Check.ANSWER}

    def patience(self, check: Check) -> float:
        """Return the seconds that the answer to a check may take."""
        return (self._health or HealthPolicy()).patience(check)

    # What happens to it.

    def came_up(self, account: Account | None, now: float) -> None:
        """Note that the server has answered; account: whose login it is, when the client is a new one."""
        self.is_up = True
        self.connects += 1
        self.silences = 0
        if account is not None:
            self.account = account
            self.failures = 0
        self._news = self._answered = now
        self._look_on()

    def went_down(self) -> None:
        """Note that the transport is lost; a question that is open won't be answered."""
        self.is_up, self._question = False, None

    def retire(self) -> None:
        """Have done with the client in use; what is still heard of it doesn't count."""
        self.went_down()
        self.generation += 1
        self.dial_at = None

    def back_off(self, delay: float, now: float) -> None:
        """Dial again after `delay` seconds."""
        self.dial_at = now + delay

    # Whether it lives.

    def heard(self, now: float) -> None:
        """Note an update."""
        self._news = now

    def doubt(self, since: float, until: float) -> Check | None:
        """Return what to ask when an attempt has waited in vain; None: the server is slow, and no more.

        Bytes that have come meanwhile are life, but they may be news on a line that is dead the other way: the second
        attempt in a row that gets no answer makes it a question all the same. Bytes that came when the time was over
        already may be the answer: the event loop was blocked, and they have yet to be read.
        """
        if not self.is_up:
            return None
        self.silences += 1
        byte = self._last_byte()
        if max(byte, self._answered) < since or byte > until:
            return Check.LINE
        return Check.ANSWER if self.silences > 1 else None

    def ask(self, check: Check) -> int:
        """Note that the server is being asked, and return the number of the question."""
        self._question, self._look_at = check, None
        self.questions += 1
        return self.questions

    def is_asking(self, question: int) -> bool:
        """Say whether this question is still open: the answer to an older one tells nothing of today's connection."""
        return self._question is not None and question == self.questions

    def due_check(self, now: float) -> Check | None:
        """Return what to ask a connection that has been quiet for long."""
        if self._health is None:
            return None
        at, check = self._health.next_check(byte=max(self._last_byte(), self._answered), news=self._news)
        if at <= now:
            return check
        self._look_at = at
        return None

    def checked(self, check: Check, error: BaseException | None, now: float) -> None:
        """Note how a question ended; a refusal is an answer too."""
        self._question = None
        if not is_silence(error):
            self._answered = now
            if check is Check.DIFFERENCE:
                self._news = now
        self._look_on()

    def next_due(self) -> float | None:
        """Return when to dial, or to look whether it has been quiet, in monotonic seconds."""
        return self._look_at if self.is_up else self.dial_at

    def _look_on(self) -> None:
        """Look again when it may have been quiet for too long; bytes that come until then only put that off."""
        if self._health is not None:
            self._look_at, _ = self._health.next_check(byte=self._answered, news=self._news)


def is_silence(error: BaseException | None) -> bool:
    """Say whether a check had no answer; a refusal is an answer."""
    return error is not None and not (isinstance(error, TelegramError) and error.code)
