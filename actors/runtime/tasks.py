"""The registry of live tasks. Not a scheduler: it starts tasks, knows them while they live, and forgets them after.

Owned by the supervisor and used on its loop alone. Every task of the library is started here, so at any await point
the registry and `asyncio.all_tasks()` tell the same story.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Protocol

from actors.model.status import TaskStatus
from actors.runtime.eager import start_task

__all__ = ["Parent", "TaskRegistry", "TaskRegistryEntry"]


class Parent(Protocol):
    """What a task is carried out for: an operation, say."""

    @property
    def operation_id(self) -> int:
        """Its number."""

    @property
    def is_abandoned(self) -> bool:
        """Whether its task has outlived its cancellation, and was left to itself."""


@dataclass(slots=True, eq=False)
class TaskRegistryEntry:
    """One live task: what it is for, whose it is, and since when it runs (aware UTC, and monotonic seconds)."""

    id: int
    task: asyncio.Task[Any]
    task_type: str
    session_name: str | None
    parent: Parent | None
    created_at: datetime
    started: float

    @property
    def parent_operation(self) -> int | None:
        """The id of the operation that it is carried out for."""
        return None if self.parent is None else self.parent.operation_id

    @property
    def abandoned(self) -> bool:
        """Whether it has outlived its cancellation, and lost its session's slot and client."""
        return self.parent is not None and self.parent.is_abandoned

    def snapshot(self, now: float) -> TaskStatus:
        """Return a frozen copy for status."""
        return TaskStatus(
            id=self.id,
            name=self.task.get_name(),
            task_type=self.task_type,
            session_name=self.session_name,
            age=now - self.started,
            parent_operation=self.parent_operation,
            abandoned=self.abandoned,
        )


class TaskRegistry:
    """The live tasks of a system, by number. Sessions and the supervisor start every task of theirs here.

    now: the clock that their ages are read from, in monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._entries: dict[int, TaskRegistryEntry] = {}
        self._ids = count(1)

    def spawn(
        self,
        coroutine: Coroutine[Any, Any, Any],
        *,
        name: str,
        task_type: str,
        session_name: str | None = None,
        parent: Parent | None = None,
        context: Context | None = None,
        on_end: Callable[[asyncio.Task[Any]], None] | None = None,
        at_once: bool = False,
    ) -> TaskRegistryEntry:
        """Start a task on the running loop and know it until it ends; `on_end` is called after that.

        Without a context of somebody's it gets an empty one, not that of whoever happened to run. at_once: its first
        step runs before this returns, where Python can do that.
        """
        loop, context = asyncio.get_running_loop(), context or Context()
        start = partial(start_task, loop) if at_once else loop.create_task
        task = start(coroutine, name=name, context=context)
        entry = TaskRegistryEntry(
            next(self._ids), task, task_type, session_name, parent, datetime.now(UTC), self._now()
        )
        self._entries[entry.id] = entry

        def ended(task: asyncio.Task[Any]) -> None:
            del self._entries[entry.id]
            if on_end is not None:
                on_end(task)

        task.add_done_callback(ended)
        return entry

    def live(self) -> tuple[TaskRegistryEntry, ...]:
        """Return the live tasks, oldest first."""
        return tuple(entry for entry in self._entries.values() if not entry.task.done())

    def snapshot(self, now: float) -> tuple[TaskStatus, ...]:
        """Return frozen copies, oldest first."""
        return tuple(entry.snapshot(now) for entry in self.live())
