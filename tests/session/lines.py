"""Sessions whose lines die, and what came of their sends and monitors. Used by tests, with short limits and long ones.

The server swallows what goes over a line; the socket stays open, as behind a NAT that has forgotten it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pykka

import actors
from actors.testing import Loopback

__all__ = ["DYING", "Death", "Listener", "Sender", "try_lines"]


@dataclass(frozen=True)
class Death:
    """How lines die: what they swallow, after so many seconds, and after how many more the next one does (0: never)."""

    what: Any = "all"
    after: float = 0.0
    every: float = 0.0


DYING = (Death(), Death("requests"), Death("answers"), Death(after=1.0), Death("answers", every=1.0))
"""Both ways, either way, after a while, and again and again; times are in units that a test chooses."""


class Listener(pykka.ThreadingActor):
    """Whoever a monitor tells: it notes each text, and when it came."""

    use_daemon_thread = True

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, float]] = []

    def on_receive(self, message: Any) -> Any:
        """Note it, or hand out what there is."""
        if message == "heard":
            return list(self.heard)
        if isinstance(message, actors.MessageReceived):
            self.heard.append((message.message.text, time.monotonic()))
        return None


@dataclass
class Sender:
    """A session that writes to bob now and then, or only listens.

    deaths: when its lines died, in monotonic seconds. futures: its sends, by their texts.
    """

    name: str
    ref: actors.SessionRef
    death: Death
    listener: pykka.ActorRef[Listener]
    deaths: list[float] = field(default_factory=list)
    futures: dict[str, actors.ActorFuture[actors.SentMessage]] = field(default_factory=dict)

    def send(self, text: str) -> None:
        """Write to bob."""
        self.futures[text] = self.ref.ask(actors.SendMessage("bob", text), block=False)

    def heard(self) -> list[tuple[str, float]]:
        """Return what its monitor was told."""
        return list(self.listener.ask("heard"))


def try_lines(
    telegram: Loopback,
    start: Callable[[str], actors.SessionRef],
    *,
    many: int,
    unit: float,
    seconds: float,
    pause: float,
) -> tuple[list[Sender], dict[str, float]]:
    """Let the lines of so many sessions die, and go on for so many seconds with a send and a post after each pause.

    start(name) starts a session. Every other session only listens. unit: seconds of a unit of `Death`. Return the
    sessions, and the posts with their times.
    """
    names = [f"session{number}" for number in range(many)]
    telegram.add_channel("news", members=["bob", *names])
    senders = []
    for number, name in enumerate(names):
        ref, listener = start(name), Listener.start()
        ref.ask(actors.Monitor(["@news"], to=listener, lifetime=None))
        ref.ask(actors.SendMessage("bob", f"{name} begins"))
        senders.append(Sender(name, ref, DYING[number // 2 % len(DYING)], listener))
    begun, posts = time.monotonic(), dict[str, float]()
    next_deaths = {sender.name: begun + unit * sender.death.after for sender in senders}
    wait = threading.Event()
    while (now := time.monotonic()) < begun + seconds:
        for number, sender in enumerate(senders):
            if now >= next_deaths[sender.name]:
                sender.deaths.append(now)
                telegram.swallow(sender.name, what=sender.death.what)
                every = sender.death.every
                next_deaths[sender.name] = now + (unit * every if every else 2 * seconds)
            if number % 2:
                sender.send(f"{sender.name} at {now - begun:.3f}")
        text = f"post at {now - begun:.3f}"
        posts[text] = now
        telegram.post("news", text, author="bob")
        wait.wait(pause)
    return senders, posts
