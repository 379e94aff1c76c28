"""The life of a session as one table of phases, signals and moves.

Read by a session's core, by status, and by the state diagram in the docs, which is made from `STEPS`.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["STEPS", "Phase", "Signal", "step"]


class Phase(Enum):
    """Where a session is. Operations start in `ONLINE` and, to finish what was accepted, in `DRAINING`: it stops."""

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
    **{
        (phase, Signal.DRAIN): Phase.DRAINING
        for phase in (Phase.OFFLINE, Phase.CONNECTING, Phase.ONLINE, Phase.BACKING_OFF)
    },
    **{(phase, Signal.STOP): Phase.STOPPED for phase in Phase if phase is not Phase.DEAD},
    **{(phase, Signal.DOOM): Phase.DEAD for phase in Phase if phase is not Phase.STOPPED},
}
"""Every allowed move. A pair that isn't here leaves the phase as it is: late news of a connection is no news."""


def step(phase: Phase, signal: Signal) -> Phase:
    """Return the phase after `signal`."""
    return STEPS.get((phase, signal), phase)
