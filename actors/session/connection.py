"""A session's connection: whether there is one, when to dial, when to ask whether it still lives. It dials nothing.

Pure: news and readings of the clock in, what is to be done out. Every client has a generation, so that late news of a
replaced one is no news. Owned by a session's core; the dialler carries out what is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.model.content import Account
from actors.model.errors import TelegramError
from actors.model.resilience import Check, HealthPolicy, Signs

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
    often in a row it did not; questions: how often it was asked whether it lives.
    """

    def __init__(self, health: HealthPolicy | None) -> None:
        self.generation = 0
        self.is_up = False
        self.dial_at: float | None = None
        self.account: Account | None = None
        self.connects = 0
        self.failures = 0
        self.questions = 0
        self._health = health
        self._signs = Signs.at(0.0)
        self._asking = False

    @property
    def patience(self) -> float:
        """Seconds that the answer to a check may take."""
        return (self._health or HealthPolicy()).timeout

    # What happens to it.

    def came_up(self, account: Account | None, now: float) -> None:
        """Note that the server has answered; account: whose login it is, when the client is a new one."""
        self.is_up = True
        self.connects += 1
        if account is not None:
            self.account = account
            self.failures = 0
            self._signs = Signs.at(now)

    def went_down(self) -> None:
        """Note that the transport is lost; a question that is open won't be answered."""
        self.is_up = self._asking = False

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
        """Note an update: a sign of life."""
        self._signs.heard = now

    def ask(self, now: float) -> int:
        """Note that the server is being asked, because the transport came back and nothing was heard yet."""
        self._signs = Signs.at(now)
        return self._ask()

    def _ask(self) -> int:
        self._asking = True
        self.questions += 1
        return self.questions

    def is_asking(self, question: int) -> bool:
        """Say whether this question is still open: the answer to an older one tells nothing of today's connection."""
        return self._asking and question == self.questions

    def due_check(self, now: float) -> Check | None:
        """Return what to ask a connection that has been quiet for long, and count it as asked."""
        due = self._next_check()
        if due is None or now < due[0]:
            return None
        self._signs.tried = now
        self._ask()
        return due[1]

    def checked(self, check: Check, error: BaseException | None, now: float) -> None:
        """Note how a question ended; a refusal is an answer too."""
        self._asking = False
        if not is_silence(error):
            self._signs.passed(check, now)

    def next_due(self) -> float | None:
        """Return when to dial, or to ask, in monotonic seconds."""
        if not self.is_up:
            return self.dial_at
        due = self._next_check()
        return None if due is None else due[0]

    def _next_check(self) -> tuple[float, Check] | None:
        if self._health is None or self._asking or not self.is_up:
            return None
        return self._health.next_check(self._signs)


def is_silence(error: BaseException | None) -> bool:
    """Say whether a check had no answer; a refusal is an answer."""
    return error is not None and not (isinstance(error, TelegramError) and error.code)
