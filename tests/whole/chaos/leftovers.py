"""What a process holds: descriptors, memory, tasks, and the library's own objects. Looks only; invariants.py judges."""

from __future__ import annotations

import asyncio
import gc
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from telethon import TelegramClient

import actors
import actors.fleet.system  # public names are loaded late: what loading makes is not left over
from actors.runtime.tasks import TaskRegistry

__all__ = ["Holding", "holding", "registry_of", "tasks"]

KEPT = (
    "actors.model.config",
    "actors.model.policies",
    "actors.testing",
    "actors.telegram.logs",
    "actors.runtime.loop",
    "actors.runtime.place.Home",
    "actors.runtime.place.Place",
)
"""Modules and classes whose objects are there for good: configs, policies, the kit, loggers, the host of this loop."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process held at one moment. memory: resident bytes; objects: by class, the library's and Telethon's."""

    descriptors: int
    memory: int
    threads: int
    objects: Counter[str]


def holding() -> Holding:
    """Look at this process, after what is unreachable is gone."""
    gc.collect()
    gc.collect()
    objects = Counter(name for each in gc.get_objects() if (name := _name(type(each))))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  names are enough
    return Holding(descriptors, pages * os.sysconf("SC_PAGE_SIZE"), _threads(), objects)


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208  as above


def _name(cls: type) -> str:
    module = str(cls.__module__)  # of a metaclass of Cython's it is a descriptor
    if issubclass(cls, TelegramClient):
        return "telethon.TelegramClient"
    name = f"{module}.{cls.__qualname__}"
    return name if module.startswith("actors.") and not name.startswith(KEPT) else ""


def registry_of(system: actors.AsyncSystem) -> TaskRegistry:
    """Return the registry itself: a status would be a message, and the tasks another moment's by then."""
    supervisor = system.supervisor._actor_weakref()
    assert supervisor is not None
    registry: TaskRegistry = supervisor._registry
    return registry


def tasks() -> list[str]:
    """Return the names of every task on this loop but the caller's, Telethon's included."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return sorted(f"{task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')})" for task in others)
