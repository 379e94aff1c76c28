"""Scripted faults: which call gets an error, silence, a delay, a cut or another answer; server.py acts them out.

A test's kit adds faults over the control channel. The server asks about every RPC once, and the first match holds. It
also asks about every ping, and about every update that is pushed to an account, under the names `ping` and `push`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from random import Random

__all__ = ["PING", "PUSH", "Cut", "Delay", "Fail", "Fault", "Faults", "Newer", "Outcome", "Say", "Silence", "When"]

ANY_METHOD, PING, PUSH = "*", "ping", "push"


class When(Enum):
    """When a connection is cut: before or after the call is carried out."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fail:
    """The call is answered with an RPC error and not carried out."""

    message: str
    code: int


@dataclass(frozen=True, slots=True)
class Silence:
    """The call is never answered and not carried out."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The call is carried out and answered this many seconds later, and up to `jitter` seconds more."""

    seconds: float
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut instead of an answer, after the call is carried out or before it would be."""

    when: When


@dataclass(frozen=True, slots=True)
class Say:
    """The call is answered with these TL bytes and not carried out."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Newer:
    """The call is carried out, and its answer holds a constructor of a newer layer, which clients don't know yet."""


Outcome = Fail | Silence | Delay | Cut | Say | Newer


@dataclass(slots=True, eq=False)
class Fault:
    """One fault: for a method (`messages.*`, `*`), one account and one chat if given, `times` times (None: for ever).

    chance: how likely the fault strikes a call that it is meant for, by `dice`. A call that it spares isn't counted.
    """

    outcome: Outcome
    method: str
    account: str | None = None
    chat: str | None = None
    times: int | None = None
    chance: float = 1.0
    dice: Random = field(default_factory=Random, repr=False)

    def matches(self, account: str | None, method: str, chat: str | None) -> bool:
        """Tell whether the fault is meant for this call."""
        if method == PING and self.method == ANY_METHOD and not isinstance(self.outcome, Silence | Cut):
            return False  # pings come by themselves: an error meant for an RPC is not spent on one
        return self._means(method) and self.account in (None, account) and (self.chat is None or self.chat == chat)

    def _means(self, method: str) -> bool:
        if self.method.endswith(ANY_METHOD):
            return method.startswith(self.method[:-1]) and method != PUSH
        return self.method == method

    def strikes(self) -> bool:
        """Throw the dice, and tell whether the fault strikes."""
        return self.chance >= 1 or self.dice.random() < self.chance


class Faults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def need_chat(self) -> bool:
        """Tell whether any fault is for one chat, so that the caller must find out a call's chat."""
        return any(fault.chat is not None for fault in self._faults)

    def add(self, fault: Fault) -> None:
        """Put a fault behind those already there."""
        self._faults.append(fault)

    def heal(self, account: str | None) -> None:
        """Forget the faults of an account, or all of them (None)."""
        self._faults = [fault for fault in self._faults if account is not None and fault.account != account]

    def decide(self, account: str | None, method: str, chat: str | None) -> Outcome | None:
        """Return what happens to a call, and count it against its fault; None when nothing special happens."""
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
