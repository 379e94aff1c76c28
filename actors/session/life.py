"""The life of an operation as one table. Not the operation: it says which move is allowed, and `advance` makes it.

Read by the slot and the outcomes, which move operations, and by whoever asks whether one has ended. A session's own
life is `model/phases.py`'s.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["LIVES", "Life", "Turning", "advance"]


class Life(StrEnum):
    """Where an accepted operation is.

    WAITING: in the queue. RUNNING: in the slot, in a task. ENDING: its task was told to end, and holds the slot for
    the cancel grace at most. ABANDONED: its task has outlived that, and lost slot and client. ENDED: it has its
    outcome, and no task.
    """

    WAITING = "waiting"
    RUNNING = "running"
    ENDING = "ending"
    ABANDONED = "abandoned"
    ENDED = "ended"


class Turning(StrEnum):
    """What can happen to an operation."""

    STARTED = "started"
    TOLD_TO_END = "told to end"
    OUTLIVED_GRACE = "outlived the grace"
    WENT_BACK = "went back"
    TASK_ENDED = "task ended"
    CONCLUDED = "concluded"


LIVES: dict[tuple[Life, Turning], Life] = {
    (Life.WAITING, Turning.STARTED): Life.RUNNING,
    (Life.WAITING, Turning.CONCLUDED): Life.ENDED,
    (Life.RUNNING, Turning.TOLD_TO_END): Life.ENDING,
    (Life.RUNNING, Turning.WENT_BACK): Life.WAITING,
    (Life.RUNNING, Turning.TASK_ENDED): Life.ENDED,
    (Life.RUNNING, Turning.OUTLIVED_GRACE): Life.ABANDONED,
    (Life.ENDING, Turning.WENT_BACK): Life.WAITING,
    (Life.ENDING, Turning.TASK_ENDED): Life.ENDED,
    (Life.ENDING, Turning.OUTLIVED_GRACE): Life.ABANDONED,
    (Life.ABANDONED, Turning.TASK_ENDED): Life.ENDED,
}
"""Every allowed move. A pair that isn't here leaves the life as it is: a running operation that is concluded runs on
until its task has ended, and what has ended stays so."""


def advance(life: Life, turning: Turning) -> Life:
    """Return the life after `turning`."""
    return LIVES.get((life, turning), life)
