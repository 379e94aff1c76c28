"""An actor's inbox: a lock, a wake-up, a lid that can be closed, and the lane of its messages, first in, first out.

Any thread puts; the actor alone takes. Accepting and checking liveness are one step, under the lock. Not the priority
mailbox: an actor that has one `admit`s messages into it, under the same lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pykka import ActorDeadError
from pykka.messages import _ActorStop

from actors.runtime.envelope import answer_all_dead, reply_error
from actors.runtime.future import ActorFuture
from actors.runtime.loop import LoopGone, LoopHost

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["Inbox", "nothing"]


class Inbox:
    """Where messages to one actor arrive. Everything in it is touched under `lock` alone.

    awake: whether something has come, or is left, since the last message was taken, so that the actor will look again;
    in_turn: whether the actor takes messages just now, and will look for what comes meanwhile: what it puts here itself
    need not wake it;
    admit: takes a message elsewhere and says so, or raises why it is refused; on_refused: hears of every refused tell;
    on_abandoned: answers what was admitted, when the loop is gone and nobody else will.
    """

    __slots__ = (
        "_came",
        "_closed",
        "_fate",
        "_host",
        "_lane",
        "_sealed",
        "_step",
        "admit",
        "awake",
        "in_turn",
        "lock",
        "on_abandoned",
        "on_refused",
        "owner",
    )

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.owner = "actor"
        self.admit: Callable[[Envelope[Any]], bool] | None = None
        self.on_refused: Callable[[Envelope[Any], Exception], Any] = nothing
        self.on_abandoned: Callable[[], Any] = nothing
        self._came: list[Envelope[Any]] = []
        self._lane: list[Envelope[Any]] = []  # of those that came, the ones that are taken now, the next one last
        self._host: LoopHost | None = None  # until it is attached, nobody is to be woken
        self._step: Callable[[], Any] = nothing
        self.awake = True
        self.in_turn = False
        self._closed = False
        self._sealed = False
        self._fate = "not found"  # as Pykka says it

    def put(self, envelope: Envelope[Any]) -> None:
        """Accept a message from any thread.

        What is refused is refused at once: an ask gets the error in its future, a tell raises it.
        """
        try:
            with self.lock:
                if self._closed and (self._sealed or not isinstance(envelope.message, _ActorStop)):
                    raise ActorDeadError(f"{self.owner} {self._fate}")  # noqa: TRY301  one way out for every refusal
                if self.admit is None or not self.admit(envelope):
                    self._came.append(envelope)
                wake, self.awake = not self.awake, True
            if wake and (host := self._host) is not None and not (self.in_turn and host.is_here()):
                host.schedule(self._step)
        except LoopGone:
            pass  # whoever closes the loop answers for every actor on it, for what was just put too
        except Exception as exc:
            if envelope.reply_to is None:
                self.on_refused(envelope, exc)
                raise
            if isinstance(envelope.reply_to, ActorFuture):
                envelope.reply_to.was_refused = True
            reply_error(envelope.reply_to, exc)

    def get(self) -> Any:
        """Take the next message, None when there is none. After the last one the next put wakes the actor."""
        with self.lock:
            lane = self._lane
            if not lane:
                self._lane = lane = self._came
                self._came = []
                lane.reverse()
            envelope = lane.pop() if lane else None
            self.awake = bool(lane or self._came)
            return envelope

    def rest(self) -> None:
        """Let the next put wake the actor, though it has not taken everything."""
        with self.lock:
            self.awake = False

    def empty(self) -> bool:
        """Say whether no message waits."""
        return not (self._lane or self._came)

    def attach(self, host: LoopHost, step: Callable[[], Any]) -> None:
        """Wake the actor by running `step` on its host."""
        self._host, self._step = host, step

    def close(self) -> list[Envelope[Any]]:
        """Refuse everything but further stop requests from now on, and return what was left."""
        with self.lock:
            self._closed = True
            return self._drain()

    def seal(self) -> list[Envelope[Any]]:
        """Refuse everything, and return what came since `close`."""
        with self.lock:
            self._closed = self._sealed = True
            return self._drain()

    def abandon(self) -> None:
        """Refuse everything, and answer everything that waits: the loop is gone, nobody else will."""
        answer_all_dead(self.seal(), self.owner)
        self.on_abandoned()

    def orphan(self) -> None:
        """Refuse everything, in a forked child of the process that the actor lives in."""
        self.lock = threading.RLock()
        self._closed = self._sealed = True
        self._fate = "lives in the process that this one was forked from; start actors of this one's own"

    def let_go(self) -> None:
        """Keep nothing of the actor, which has stopped: whoever keeps its ref keeps this, and no more.

        `on_refused` stays, for what is refused from now on; it mustn't hold the actor.
        """
        self._host, self._step, self.admit, self.on_abandoned = None, nothing, None, nothing

    def _drain(self) -> list[Envelope[Any]]:
        left = [*reversed(self._lane), *self._came]
        self._lane, self._came = [], []
        return left


def nothing(*_: Any) -> None:
    """Do nothing."""
