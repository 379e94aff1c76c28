"""The life of a session as one table of phases, signals and moves.

It is not the session and holds no state: it says which move is allowed. The session actor moves by it, status shows the
phase, and the state diagram in the docs is made from `STEPS`.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["STEPS", "Phase", "Signal", "step"]


class Phase(Enum):
    """The phase that a session is in.

    Operations start in `ONLINE`, and in `DRAINING` to finish what was accepted.
    """

    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    BACKING_OFF = "backing_off"
    DRAINING = "draining"
    STOPPED = "stopped"
    DEAD = "dead"


class Signal(Enum):
    """An occurrence that may move a session from one phase to another: its own decision, or news of its connection."""

    DIAL = "dial"
    CONNECTED = "connected"
    LOST = "lost"
    RETRY_LATER = "retry_later"
    DRAIN = "drain"
    STOP = "stop"
    DOOM = "doom"


STEPS: dict[tuple[Phase, Signal], Phase] = {
    (Phase.OFFLINE, Signal.DIAL): Phase.CONNECTING,
    (Phase.BACKING_OFF, Signal.DIAL): Phase.CONNECTING,
    (Phase.CONNECTING, Signal.CONNECTED): Phase.ONLINE,
    (Phase.OFFLINE, Signal.CONNECTED): Phase.ONLINE,
    (Phase.ONLINE, Signal.LOST): Phase.OFFLINE,
    (Phase.OFFLINE, Signal.RETRY_LATER): Phase.BACKING_OFF,
    (Phase.CONNECTING, Signal.RETRY_LATER): Phase.BACKING_OFF,
    (Phase.ONLINE, Signal.RETRY_LATER): Phase.BACKING_OFF,
    (Phase.ONLINE, Signal.DRAIN): Phase.DRAINING,
    **{(phase, Signal.STOP): Phase.STOPPED for phase in Phase if phase is not Phase.DEAD},
    **{(phase, Signal.DOOM): Phase.DEAD for phase in Phase if phase is not Phase.STOPPED},
}
"""Every allowed move. A pair that isn't here leaves the phase as it is: late news of a connection is no news."""


def step(phase: Phase, signal: Signal) -> Phase:
    """Return the phase after `signal`."""
    return STEPS.get((phase, signal), phase)
