"""Scripted misbehaviour: which call gets an error, silence, a delay or a cut. Decides only; server.py acts.

A test's kit adds faults over the control channel; every RPC is asked about once, first match first. So is every ping,
and every update that is pushed to an account, under the names `ping` and `push`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from random import Random

__all__ = ["PING", "PUSH", "Cut", "Delay", "Fail", "Fault", "Faults", "Outcome", "Silence", "When"]

ANY_METHOD, PING, PUSH = "*", "ping", "push"


class When(Enum):
    """On which side of doing what was asked a connection is cut."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fail:
    """Answer with an RPC error; nothing is done."""

    message: str
    code: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Never answer; nothing is done."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Do it and answer this many seconds later, and up to `jitter` seconds more."""

    seconds: float
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut the connection instead of answering, with the thing done (AFTER) or not (BEFORE)."""

    when: When


Outcome = Fail | Silence | Delay | Cut


@dataclass(slots=True, eq=False)
class Fault:
    """One script: for a method (`messages.*`, `*`), one account and one chat if given, `times` times (None: for ever).

    chance: how likely it strikes a call that it is meant for, by `dice`; a call it spares isn't counted.
    """

    outcome: Outcome
    method: str
    account: str | None = None
    chat: str | None = None
    times: int | None = None
    chance: float = 1.0
    dice: Random = field(default_factory=Random, repr=False)

    def matches(self, account: str | None, method: str, chat: str | None) -> bool:
        """Tell whether this call is meant."""
        if method == PING and self.method == ANY_METHOD and not isinstance(self.outcome, Silence | Cut):
            return False  # pings come by themselves: an error meant for an RPC is not spent on one
        return self._means(method) and self.account in (None, account) and (self.chat is None or self.chat == chat)

    def _means(self, method: str) -> bool:
        if self.method.endswith(ANY_METHOD):
            return method.startswith(self.method[:-1]) and method != PUSH
        return self.method == method

    def strikes(self) -> bool:
        """Throw the dice."""
        return self.chance >= 1 or self.dice.random() < self.chance


class Faults:
    """The scripts in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def need_chat(self) -> bool:
        """Tell whether any script is for one chat, so that the caller must find out a call's chat."""
        return any(fault.chat is not None for fault in self._faults)

    def add(self, fault: Fault) -> None:
        """Put a script behind those already there."""
        self._faults.append(fault)

    def heal(self, account: str | None) -> None:
        """Forget the scripts for an account, or all of them (None)."""
        self._faults = [fault for fault in self._faults if account is not None and fault.account != account]

    def decide(self, account: str | None, method: str, chat: str | None) -> Outcome | None:
        """Return what to do with a call, and count it against its script; None: nothing special."""
        for fault in self._faults:
            if fault.matches(account, method, chat) and fault.strikes():
                self._count(fault)
                return _drawn(fault)
        return None

    def _count(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)


def _drawn(fault: Fault) -> Outcome:
    """Return a fault's outcome with its jitter drawn."""
    outcome = fault.outcome
    if isinstance(outcome, Delay) and outcome.jitter:
        return Delay(outcome.seconds + fault.dice.uniform(0, outcome.jitter))
    return outcome
