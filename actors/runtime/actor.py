"""`AsyncioActor`: a Pykka runtime on an event loop. One message at a time, in order, without a thread of its own.

It supplies Pykka's three hooks (inbox, future, loop) and keeps Pykka's semantics to the letter. An idle actor is a
callback that isn't scheduled, so it costs no task; an `async def` handler is awaited before the next message.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from contextvars import Context
from types import CoroutineType
from typing import TYPE_CHECKING, Any, ClassVar

from pykka import Actor, ActorDeadError, ActorRegistry
from pykka.messages import ProxyCall, ProxyGetAttr, ProxySetAttr, _ActorStop

from actors.runtime.contained import contained, uncontained
from actors.runtime.eager import start_task
from actors.runtime.envelope import answer_all_dead, context_of, reply, reply_error
from actors.runtime.future import ActorFuture
from actors.runtime.inbox import Inbox
from actors.runtime.later import Later
from actors.runtime.loop import LoopGone, LoopHost, current_host
from actors.runtime.place import Node, Place, Stay, enter
from actors.runtime.ref import AsyncioRef

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["AsyncioActor"]

logger = logging.getLogger("pykka")

_OF_PROXIES = (ProxyCall, ProxyGetAttr, ProxySetAttr)

RECOVERY = 1.0
"""Seconds after which an actor tries again whose turn has failed: at once, it would do nothing but fail."""

DOUBT = 0.05
"""Seconds after which a loop that still runs isn't being closed, though a handler's task was cancelled from outside."""

BATCH = 64
"""Messages that one actor handles before the loop turns to others."""


def _nothing() -> None:
    """Do nothing."""


class AsyncioActor(Actor):
    """An actor on an event loop. Subclass it as you would `pykka.ThreadingActor`; handlers may be `async def`.

    `start()` puts it on its parent's loop; else in the system that is open; else on the loop that runs; else on the
    loop thread of the process.
    """

    actor_inbox: Inbox

    stop_messages: ClassVar[tuple[type[Any], ...]] = (_ActorStop,)
    """What asks this actor to stop; such a message goes to `_stop_requested`, which answers it when it has."""

    _left: Sequence[Envelope[Any]] = ()
    _then: Callable[[], object] = staticmethod(_nothing)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__()
        ref = self._actor_ref = self._create_ref()
        self._node = ref._node or Node(self.actor_urn, str(ref))
        self.actor_inbox.owner = str(self)
        self._busy = False
        self._departing = False
        self._is_over = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unanswered: set[Envelope[Any]] = set()  # whose handlers wait

    @staticmethod
    def _create_actor_inbox() -> Inbox:
        return Inbox()

    @staticmethod
    def _create_future() -> ActorFuture[Any]:
        return ActorFuture()

    def _create_ref(self) -> AsyncioRef[Any]:
        return AsyncioRef(self)

    def _start_actor_loop(self) -> None:
        try:
            self._host: LoopHost = current_host()
            while not self._host.adopt(self):
                self._host = current_host()
        except BaseException:
            self._be_dead()
            raise
        self.actor_inbox.attach(self._host, self._step)
        with suppress(LoopGone):  # whoever closes it has answered for this actor too, which is dead
            self._host.schedule(self._begin)

    # Hooks of ours.

    def _spawn(
        self, coroutine: Coroutine[Any, Any, Any], name: str, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """Run a coroutine for this actor, at once; its tasks end with it."""
        task = start_task(self._host.loop, coroutine, name=f"{type(self).__name__}: {name}", context=context)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    def _on_turn(self) -> None:
        """Do what is to be done when no control message is left to handle."""

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Stop. Everything sent before was handled; what comes after is refused."""
        self._depart(functools.partial(reply, envelope.reply_to, None))

    def _depart(self, then: Callable[[], object] = _nothing) -> None:
        """Refuse everything from now on, leave Pykka's registry, stop as Pykka's actors do, then call `then`.

        When the loop is closed first, that is the end of it, and `then` is called all the same.
        """
        self._departing = True
        self._then = then
        self._left = self.actor_inbox.close()
        self._host.leave(self.actor_ref, self._departed)

    def _departed(self) -> None:
        self.actor_stopped.set()
        logger.debug("Stopped %s", self)
        self._guard(self.on_stop, self._clean_up)

    def loop_gone(self) -> None:
        """Be dead: the loop is closing, and whoever waits for an answer hears so."""
        self._be_dead()
        self._clean_up()

    def _be_dead(self) -> None:
        """Be dead at once."""
        self.actor_stopped.set()
        ActorRegistry.unregister(self.actor_ref)
        self.actor_inbox.abandon()

    def _told_failed(self, message: Any) -> None:
        """Treat an exception that nobody waits for: Pykka stops the actor."""
        del message
        self._handle_failure(*sys.exc_info())
        try:
            self._host.fresh_context().run(self.on_failure, *sys.exc_info())
        except Exception:
            self._handle_failure(*sys.exc_info())

    # The life.

    def _begin(self) -> None:
        if not self.actor_stopped.is_set():  # as it is on a loop that has ended in the meantime
            self._guard(self.on_start, self._step)

    def _step(self) -> None:
        inbox = self.actor_inbox
        for _ in range(BATCH):
            if self._departing:
                return
            if self.actor_stopped.is_set():
                inbox.abandon()
                self._clean_up()
                return
            if self._busy:
                return
            envelope = inbox.get()
            try:
                if envelope is not None:
                    self._receive(envelope)
                if inbox.empty() and not (self._busy or self._departing or self.actor_stopped.is_set()):
                    self._on_turn()
                    return
            except Exception:
                logger.exception("A turn of %s failed; the next one comes in %g s", self, RECOVERY)
                self._host.loop.call_later(RECOVERY, self._step)
                return
        self._host.schedule(self._step)

    def _receive(self, envelope: Envelope[Any]) -> None:
        message = envelope.message
        if isinstance(message, self.stop_messages):
            self._stop_requested(envelope)
            return
        context, place = context_of(envelope), self._host.place
        enter(context, place)
        handle = self._handle_receive if isinstance(message, _OF_PROXIES) else self.on_receive
        try:
            response = context.run(handle, message)
        except BaseException as exc:
            self._failed(envelope, exc)
            return
        if isinstance(response, CoroutineType):
            stay = Stay(self._node)
            enter(context, Place(place.home, stay))
            work = contained(response, functools.partial(_reply, envelope, stay))
            if not self._await(response, work, functools.partial(self._answered, envelope, context, stay), context):
                self._unanswered.add(envelope)
        elif isinstance(response, Later):
            self._promised(envelope, context, response)
        else:
            reply(envelope.reply_to, response)

    def _promised(self, envelope: Envelope[Any], context: Context, promise: Later) -> None:
        """Reply when what a handler has promised is there; the actor goes on."""
        self._unanswered.add(envelope)
        enter(context, self._host.place)
        stay = Stay(self._node)
        work = contained(promise.coroutine, functools.partial(_reply, envelope, stay))
        answered = functools.partial(self._answered, envelope, context, stay)
        task = self._spawn(work, promise.name, context)
        task.add_done_callback(functools.partial(self._ended, promise.coroutine, answered))

    def _await(
        self,
        coroutine: Coroutine[Any, Any, Any],
        work: Coroutine[Any, Any, Any],
        then: Callable[[asyncio.Task[Any]], Any],
        context: Context,
    ) -> bool:
        """Wait for a coroutine, by the work that contains it, before the next message; say whether it is done."""
        self._busy = True
        task = self._spawn(work, "handler", context)
        if task.done():
            self._busy = False
            then(task)
            return True

        def go_on(task: asyncio.Task[Any]) -> None:
            self._busy = False
            then(task)
            self._step()

        task.add_done_callback(functools.partial(self._ended, coroutine, go_on))
        return False

    def _ended(
        self, coroutine: Coroutine[Any, Any, Any], then: Callable[[asyncio.Task[Any]], Any], task: asyncio.Task[Any]
    ) -> None:
        """Go on after a task; when it was cancelled from outside, wait and see whether that was a stranger.

        It may be the beginning of the loop's end: `asyncio.run` cancels every task first. A loop that is closed drops
        its timers, and its host answers.
        """
        if task.cancelled():
            coroutine.close()  # it may not have begun
            if task.cancelling() and not self._is_gone():
                self._host.loop.call_later(DOUBT, then, task)
                return
        then(task)

    def _is_gone(self) -> bool:
        return self._departing or self.actor_stopped.is_set()

    def _answered(self, envelope: Envelope[Any], context: Context, stay: Stay, task: asyncio.Task[Any]) -> None:
        """Have done with a handler, whose own task has replied if all went well."""
        stay.is_over = True
        self._unanswered.discard(envelope)
        if task.cancelled() and self._is_gone():
            reply_error(envelope.reply_to, ActorDeadError(f"{self.actor_ref} stopped before it had an answer"))
        else:
            try:
                response = uncontained(task)
            except BaseException as exc:
                self._failed(envelope, exc)
            else:
                if isinstance(response, Later):
                    self._promised(envelope, context, response)
        if self._is_over:
            self._leave_host()

    def _failed(self, envelope: Envelope[Any], error: BaseException) -> None:
        """Treat the exception being handled as Pykka does: to the asker, or to this actor, or to all of them."""
        if not isinstance(error, Exception | asyncio.CancelledError):
            logger.debug("%r in %s. Stopping all actors.", error, self)
            reply_error(envelope.reply_to, error)
            if not self._departing:
                self._depart(self.actor_inbox.abandon)
            ActorRegistry.stop_all(block=False)
            self._host.pass_on(error)
        elif envelope.reply_to is None:
            self._told_failed(envelope.message)
            if self.actor_stopped.is_set():
                self._host.schedule(self._step)
        else:
            logger.info("Exception returned from %s to caller:", self, exc_info=error)
            reply_error(envelope.reply_to, error)

    def _guard(self, hook: Callable[[], Any], then: Callable[[], None]) -> None:
        """Run `on_start` or `on_stop`, which may be a coroutine function, then go on; a failure is Pykka's to treat."""

        def ended(task: asyncio.Task[Any]) -> None:
            try:
                uncontained(task)
            except BaseException as exc:
                self._hook_failed(exc)
            then()

        context = self._host.fresh_context()
        try:
            response = context.run(hook)
        except BaseException as exc:
            self._hook_failed(exc)
        else:
            if isinstance(response, CoroutineType):
                if not self._host.has_ended:
                    self._await(response, contained(response), ended, context)
                    return
                response.close()
        then()

    def _hook_failed(self, error: BaseException) -> None:
        self._handle_failure(type(error), error, error.__traceback__)
        self._host.pass_on(error)

    def _clean_up(self) -> None:
        """Answer what was left, end the tasks, leave the host, and say so to whoever waits for that."""
        self._departing = self._is_over = True
        left, self._left = [*self._left, *self.actor_inbox.seal()], ()
        if self._host.has_ended:
            left += self._unanswered
            self._unanswered.clear()
        else:
            for task in self._tasks:
                task.cancel()
        answer_all_dead(left, f"{self.actor_ref}")
        self._leave_host()
        then, self._then = self._then, _nothing
        then()

    def _leave_host(self) -> None:
        """Leave the host, which would answer for this actor, when there is nothing left to be answered."""
        if not self._unanswered:
            self._host.actors.pop(self.actor_urn, None)


def _reply(envelope: Envelope[Any], stay: Stay, response: Any) -> None:
    """Reply with what a handler returned, unless that is a promise."""
    stay.is_over = True
    if not isinstance(response, Later):
        reply(envelope.reply_to, response)
