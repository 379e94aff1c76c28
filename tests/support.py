"""What many tests need: waiting for a condition, an operation that waits for the test, actors that collect."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pykka

import actors
from actors.fleet.system import SystemOpener

__all__ = ["Collector", "Gate", "eventually", "quick_system", "received", "shortest"]


def eventually(condition: Callable[[], Any], *, within: float = 5.0) -> Any:
    """Return the first true value of `condition`; fail when there is none within so many seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within:g} s"
        pause.wait(0.005)
    return value


def shortest(measure: Callable[[], float], *, below: float, tries: int = 5) -> float:
    """Return the shortest of a few measurements in seconds; the first one below the bound is enough.

    Other programs on the machine can only add to what the library takes.
    """
    taken = [measure()]
    while len(taken) < tries and min(taken) >= below:
        taken.append(measure())
    return min(taken)


def quick_system(*, drain: float = 1.0, **limits: Any) -> SystemOpener:
    """Open a system whose backoffs and cancel grace are short, for tests of what comes after them."""
    quick: dict[str, Any] = {"backoff": actors.Backoff(base=0.2, cap=1.0), "cancel_grace": 0.3}
    return actors.open_system(drain=drain, **{**quick, **limits})


class Gate:
    """Operations that wait until the test lets them go on, and say in which order they started."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.entered = threading.Event()
        self._open = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self, client: actors.Client, name: str) -> str:
        """Wait for `open`; the function of a `Call`."""
        del client
        self._loop = asyncio.get_running_loop()
        self.started.append(name)
        self.entered.set()
        await self._open.wait()
        return name

    async def note(self, client: actors.Client, name: str) -> str:
        """Only say that it ran."""
        del client
        self.started.append(name)
        return name

    def held(self, name: str, operation_type: str = "gate") -> actors.Call[str]:
        """Return an operation that waits at this gate."""
        return actors.Call(operation_type, self.wait, name)

    def noted(self, name: str, operation_type: str = "note") -> actors.Call[str]:
        """Return an operation that passes by."""
        return actors.Call(operation_type, self.note, name)

    def open(self) -> None:
        """Let everything go on."""
        if self._loop is None:
            self._open.set()
        else:
            self._loop.call_soon_threadsafe(self._open.set)


class Collector(pykka.ThreadingActor):
    """A plain Pykka actor that keeps what it is sent."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Any] = []

    def on_receive(self, message: Any) -> Any:
        """Keep the message, or hand out what there is."""
        if message == "received":
            return list(self.received)
        self.received.append(message)
        return None


def received(ref: pykka.ActorRef[Any]) -> list[Any]:
    """Return what a collector has been sent so far."""
    return list(ref.ask("received", block=True))
