"""The script of faults: a pure function of the seed. It knows no server and no clock; trouble.py acts it out.

The same seed, length and number of sessions give the same script, so that a printed seed replays what went wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

__all__ = ["EVERYBODY", "Fault", "Kind", "revocations", "script"]

EVERYBODY = -1
"""The session of a fault that strikes whoever calls next."""


class Kind(Enum):
    """What can go wrong."""

    FLOOD = "flood wait"
    SLOW_MODE = "slow mode"
    SILENCE = "silence"
    DEAFNESS = "silence to everything"
    DELAY = "late reply"
    SERVER_ERROR = "server error"
    CUT_BEFORE = "cut before it is done"
    CUT_AFTER = "cut after it is done"
    DISCONNECT = "cut"
    SWALLOW = "line that swallows"
    LOST_UPDATES = "lost updates"
    SERVER_RESTART = "server restart"
    PROCESS_RESTART = "server process restart"
    REVOKE = "auth key revoked"
    NEW_CLIENT = "client replaced"
    STUBBORN = "operation that ignores its cancel"
    SUBSCRIBER_DIES = "subscriber that dies"
    SUBSCRIBER_RAISES = "subscriber that raises"
    SUBSCRIBER_IS_SLOW = "subscriber that is slow"


WEIGHTS = {
    Kind.FLOOD: 10,
    Kind.SLOW_MODE: 4,
    Kind.SILENCE: 14,
    Kind.DEAFNESS: 1,
    Kind.DELAY: 14,
    Kind.SERVER_ERROR: 8,
    Kind.CUT_BEFORE: 8,
    Kind.CUT_AFTER: 14,
    Kind.DISCONNECT: 8,
    Kind.SWALLOW: 4,
    Kind.LOST_UPDATES: 3,
    Kind.SERVER_RESTART: 1,
    Kind.NEW_CLIENT: 3,
    Kind.STUBBORN: 3,
    Kind.SUBSCRIBER_DIES: 2,
    Kind.SUBSCRIBER_RAISES: 1,
    Kind.SUBSCRIBER_IS_SLOW: 1,
}
"""How often each comes up beyond its first time; those that are rationed have no weight."""

METHODS = ("messages.sendMessage",) * 4 + ("messages.getHistory",) * 2 + ("contacts.resolveUsername",)
ERRORS = ("RPC_CALL_FAIL", "INTERDC_2_CALL_ERROR", "WORKER_BUSY_TOO_LONG_RETRY")

PER_SECOND, AT_LEAST = 16.0, 8.0
"""Faults a second for fifty sessions; for fewer in proportion, down to a least number."""

PATIENT = 20.0
"""Seconds that a run must last for a silence to everything: who is connecting then waits for 20 s."""

QUIET_END = 0.9
"""Share of the run after which nothing new goes wrong; sessions are revoked in its first three quarters."""

STUBBORN_PER_SESSION = 2
"""More within a minute, and the supervisor rightly gives a session up."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong `at` so many seconds after the start, to one session or to EVERYBODY.

    times: how many calls it strikes; seconds: how long a wait, a delay, a stubbornness or an absence is.
    """

    at: float
    kind: Kind
    session: int = EVERYBODY
    method: str = ""
    times: int = 1
    seconds: float = 0.0
    error: str = ""

    def __str__(self) -> str:
        whom = "everybody" if self.session == EVERYBODY else f"session {self.session}"
        details = [self.method, self.error, f"{self.seconds:.1f} s" if self.seconds else "", f"x{self.times}"]
        return f"{self.at:6.2f} s  {self.kind.value}: {whom} {' '.join(filter(None, details))}"


def script(seed: int, *, seconds: float, sessions: int) -> tuple[Fault, ...]:
    """Return the faults of a run in order: every kind at least once, then as the dice fall."""
    dice = Random(f"script {seed}")  # noqa: S311  faults are not secrets
    faults = [*_once_each(dice, seconds, sessions), *_revoked(dice, seconds, sessions)]
    wanted = max(AT_LEAST, PER_SECOND * sessions / 50) * seconds
    kinds = [kind for kind in WEIGHTS if kind is not Kind.DEAFNESS or seconds >= PATIENT]
    weights = [WEIGHTS[kind] for kind in kinds]
    while len(faults) < wanted:
        faults.append(_fault(dice, dice.choices(kinds, weights)[0], seconds, sessions))
    return tuple(sorted(_rationed(faults), key=lambda fault: fault.at))


def revocations(faults: tuple[Fault, ...]) -> set[int]:
    """Return the sessions that a script ends."""
    return {fault.session for fault in faults if fault.kind is Kind.REVOKE}


def _once_each(dice: Random, seconds: float, sessions: int) -> Iterator[Fault]:
    for kind in (*WEIGHTS, Kind.PROCESS_RESTART):
        if kind is not Kind.DEAFNESS or seconds >= PATIENT:
            yield _fault(dice, kind, seconds, sessions)


def _revoked(dice: Random, seconds: float, sessions: int) -> Iterator[Fault]:
    for session in dice.sample(range(sessions), max(1, sessions // 10)):
        yield Fault(round(dice.uniform(0.2, 0.75) * seconds, 2), Kind.REVOKE, session)


def _rationed(faults: list[Fault]) -> Iterator[Fault]:
    """Leave out what would be too much for one session."""
    stubborn: dict[int, int] = {}
    for fault in faults:
        if fault.kind is Kind.STUBBORN:
            stubborn[fault.session] = stubborn.get(fault.session, 0) + 1
            if stubborn[fault.session] > STUBBORN_PER_SESSION:
                continue
        yield fault


def _fault(dice: Random, kind: Kind, seconds: float, sessions: int) -> Fault:
    at = round(dice.uniform(0.02, QUIET_END) * seconds, 2)
    session = dice.randrange(sessions)
    everybody = dice.random() < 0.25
    whom, times = (EVERYBODY, dice.randint(2, 10)) if everybody else (session, dice.randint(1, 5))
    method = dice.choice(METHODS)
    length = round(dice.random(), 2)
    fault = Fault(at, kind, session)
    match kind:
        case Kind.FLOOD:
            fault = Fault(at, kind, whom, method, times, seconds=dice.randint(1, 4))
        case Kind.SLOW_MODE:
            fault = Fault(at, kind, session, METHODS[0], times=1, seconds=dice.randint(1, 3))
        case Kind.SILENCE | Kind.CUT_BEFORE | Kind.CUT_AFTER:
            fault = Fault(at, kind, whom, method, times)
        case Kind.DEAFNESS:
            fault = Fault(at, kind, session, "*", times=2)
        case Kind.DELAY:
            fault = Fault(at, kind, whom, method, times, seconds=0.3 + 2.2 * length)
        case Kind.SERVER_ERROR:
            fault = Fault(at, kind, whom, method, times, error=dice.choice(ERRORS))
        case Kind.LOST_UPDATES:
            fault = Fault(at, kind, session, "push", times=5)
        case Kind.SERVER_RESTART:
            fault = Fault(at, kind, seconds=length)
        case Kind.PROCESS_RESTART:
            fault = Fault(at, kind)
        case Kind.STUBBORN:
            fault = Fault(at, kind, session, seconds=1 + 4 * length)
        case Kind.SUBSCRIBER_DIES | Kind.SUBSCRIBER_RAISES | Kind.SUBSCRIBER_IS_SLOW:
            fault = Fault(at, kind, session, seconds=0.2 + length)
    return fault
