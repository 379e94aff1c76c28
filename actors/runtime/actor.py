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
from contextvars import Context, copy_context
from types import CoroutineType
from typing import TYPE_CHECKING, Any, ClassVar

from pykka import Actor, ActorDeadError, ActorRegistry
from pykka.messages import ProxyCall, ProxyGetAttr, ProxySetAttr, _ActorStop

from actors.runtime.contained import contained, uncontained
from actors.runtime.eager import start_task
from actors.runtime.envelope import Carrier, answer_all_dead, reply, reply_error
from actors.runtime.future import ActorFuture
from actors.runtime.handling import handled, merely_makes_a_coroutine, when_ended
from actors.runtime.inbox import Inbox, nothing
from actors.runtime.later import Later
from actors.runtime.loop import LoopGone, LoopHost, current_host
from actors.runtime.place import Node, Stay, enter, go
from actors.runtime.ref import AsyncioRef

if TYPE_CHECKING:
    from pykka._envelope import Envelope

__all__ = ["AsyncioActor"]

logger = logging.getLogger("pykka")

_OF_PROXIES = (ProxyCall, ProxyGetAttr, ProxySetAttr)

RECOVERY = 1.0
"""Seconds after which an actor tries again whose turn has failed: at once, it would do nothing but fail."""

BATCH = 64
"""Messages that one actor handles before the loop turns to others."""


class AsyncioActor(Actor):
    """An actor on an event loop. Subclass it as you would `pykka.ThreadingActor`; handlers may be `async def`.

    `start()` puts it on its parent's loop; else in the system that is open; else on the loop that runs; else on the
    loop thread of the process.
    """

    actor_inbox: Inbox

    stop_messages: ClassVar[tuple[type[Any], ...]] = (_ActorStop,)
    """What asks this actor to stop; such a message goes to `_stop_requested`, which answers it when it has."""

    _async_handler: ClassVar[Any] = None
    """`on_receive` where it is an `async def`: calling that makes a coroutine, and does nothing else."""

    _handler_name: ClassVar[str] = "AsyncioActor: handler"
    _left: Sequence[Envelope[Any]] = ()
    _then: Callable[[], object] = staticmethod(nothing)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._handler_name = f"{cls.__name__}: handler"
        cls._async_handler = staticmethod(cls.on_receive) if merely_makes_a_coroutine(cls.on_receive) else None

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__()
        ref = self._actor_ref = self._create_ref()
        self._node = ref._node or Node(self.actor_urn, str(ref))
        self.actor_inbox.owner = str(self)
        self._busy = self._departing = self._is_over = False
        self._tasks: dict[asyncio.Task[Any], None] = {}  # as a set, which takes three times the memory
        self._unanswered: dict[Envelope[Any], None] = {}  # whose handlers wait

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
            self._keep(task)
        return task

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    def _on_turn(self) -> None:
        """Do what is to be done when no control message is left to handle."""

    def _on_message_while_busy(self) -> None:
        """Do what is to be done for what came while a handler is awaited."""

    def _stop_requested(self, envelope: Envelope[Any]) -> None:
        """Stop. Everything sent before was handled; what comes after is refused."""
        self._depart(functools.partial(reply, envelope.reply_to, None))

    def _depart(self, then: Callable[[], object] = nothing) -> None:
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
        if self.actor_stopped.is_set():
            self._end_at_once()
            return
        inbox = self.actor_inbox
        inbox.in_turn = True
        try:
            for _ in range(BATCH):
                if self._departing:
                    return
                if self._busy:
                    self._on_message_while_busy()
                    return
                envelope = inbox.get()
                if envelope is not None:
                    self._receive(envelope)
                if not (inbox.awake or self._busy or self._departing):
                    inbox.in_turn = False
                    self._on_turn()
                    return
        except Exception:
            logger.exception("A turn of %s failed; the next one comes in %g s", self, RECOVERY)
            self._host.loop.call_later(RECOVERY, self._step)
            return
        finally:
            inbox.in_turn = False
        self._host.schedule(self._step)

    def _receive(self, envelope: Envelope[Any]) -> None:
        message = envelope.message
        kind = type(message)
        if issubclass(kind, self.stop_messages):
            self._stop_requested(envelope)
            return
        context = envelope.context if isinstance(envelope, Carrier) else copy_context()
        try:
            handle = self._handle_receive if issubclass(kind, _OF_PROXIES) else self.on_receive
            if getattr(handle, "__func__", nothing) is self._async_handler:
                response = handle(message)  # nothing of it runs yet
            else:
                enter(context, self._host.place)
                response = context.run(handle, message)
        except BaseException as exc:
            self._failed(envelope, exc)
            return
        if isinstance(response, CoroutineType):
            self._await_handler(response, envelope, context)
        elif isinstance(response, Later):
            self._promised(envelope, context, response)
        else:
            reply(envelope.reply_to, response)

    def _await_handler(self, coroutine: Coroutine[Any, Any, Any], envelope: Envelope[Any], context: Context) -> None:
        """Wait for a handler before the next message. Its own task replies, if all goes well."""
        stay = Stay(self._node, self._host.place.home)
        context.run(go, stay)
        work = handled(coroutine, envelope, stay)
        task = start_task(self._host.loop, work, name=self._handler_name, context=context)
        if not stay.is_over:
            self._unanswered[envelope] = None
            self._wait_for(task, coroutine, functools.partial(self._answered, envelope, context, stay))

    def _promised(self, envelope: Envelope[Any], context: Context, promise: Later) -> None:
        """Reply when what a handler has promised is there; the actor goes on."""
        self._unanswered[envelope] = None
        enter(context, self._host.place)
        stay = Stay(self._node)
        work = handled(promise.coroutine, envelope, stay)
        answered = functools.partial(self._answered, envelope, context, stay)
        task = self._spawn(work, promise.name, context)
        when_ended(task, promise.coroutine, answered, self._is_gone)

    def _wait_for(
        self, task: asyncio.Task[Any], coroutine: Coroutine[Any, Any, Any], then: Callable[[asyncio.Task[Any]], Any]
    ) -> None:
        """Wait for the task that runs a coroutine before the next message, if it isn't done."""
        if task.done():
            then(task)
            return
        self._busy = True
        self._keep(task)

        def go_on(task: asyncio.Task[Any]) -> None:
            self._busy = False
            then(task)
            self._step()

        when_ended(task, coroutine, go_on, self._is_gone)

    def _is_gone(self) -> bool:
        return self._departing or self.actor_stopped.is_set()

    def _answered(self, envelope: Envelope[Any], context: Context, stay: Stay, task: asyncio.Task[Any]) -> None:
        """Have done with a handler, whose own task has replied if all went well."""
        stay.is_over = True
        self._unanswered.pop(envelope, None)
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
                self._end_at_once()
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
                    task = start_task(self._host.loop, contained(response), name=self._handler_name, context=context)
                    self._wait_for(task, response, ended)
                    return
                response.close()
        then()

    def _hook_failed(self, error: BaseException) -> None:
        self._handle_failure(type(error), error, error.__traceback__)
        self._host.pass_on(error)

    def _end_at_once(self) -> None:
        """End, after a failure has stopped this actor, unless it ends already."""
        if not self._departing:
            self.actor_inbox.abandon()
            self._clean_up()

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
        then, self._then = self._then, nothing
        then()
        self.actor_inbox.let_go()

    def _leave_host(self) -> None:
        """Leave the host, which would answer for this actor, when there is nothing left to be answered."""
        if not self._unanswered:
            self._host.actors.pop(self.actor_urn, None)
