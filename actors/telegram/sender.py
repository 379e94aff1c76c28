"""One request on one connection. Only this module touches the sender inside a TelegramClient.

`TelegramClient.__call__` is not used on purpose: it sleeps on server errors, refuses by its own flood cache (one for
all chats), moves to other data centers, and leaves what it has sent pending for ever, to be sent again after a
reconnect. Here a request is sent once, and it is gone when its caller gives up. `TelethonClient` calls it.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable
from typing import Any

from telethon import functions, types
from telethon.network.requeststate import RequestState
from telethon.tl.core import MessageContainer, TLMessage

from actors.model.errors import InvalidInput
from actors.telegram.names import method_name
from actors.telegram.unwritable import unwritable

__all__ = [
    "done",
    "drop",
    "exchange",
    "fail_open_requests",
    "forget",
    "post",
    "post_ping",
    "prepare_again",
    "reconnect",
    "settle",
]


_UNWRITABLE = (TypeError, ValueError, AttributeError, OverflowError, struct.error)
"""What Telethon raises for a value that can't be written; UnicodeEncodeError is a ValueError."""

_LARGEST = MessageContainer.MAXIMUM_SIZE - TLMessage.SIZE_OVERHEAD
"""Bytes of a request at most: the server cuts a connection that brings more (MessagePacker.get)."""


class Departing(bytes):
    """The bytes of a request whose sender wants to know when they leave: `leaving` is called as they are written."""

    leaving: Callable[[], None]


async def exchange(client: Any, request: Any, leaving: Callable[[], None] | None = None) -> Any:
    """Send a request and return the answer. leaving: as for `post`.

    Raises what Telethon and `post` do, and ConnectionError when the connection ends. A request whose caller is
    cancelled is neither sent again after a reconnect nor answered late.
    """
    state = post(client, request, leaving)
    try:
        result = await state.future
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            drop(client._sender, state)
            raise
        raise client._updates_error or ConnectionError("the client was disconnected") from None
    forget(state)
    client.session.process_entities(result)
    return result


def post(client: Any, request: Any, leaving: Callable[[], None] | None = None) -> Any:
    """Send a request and return its RequestState; the `future` in it is done with its answer.

    leaving: called when the request is written, at a later turn of the loop, and each time that it is written again.

    Raises ConnectionError when there is no connection, and InvalidInput for a request that can't be written.
    """
    sender = client._sender
    if sender._pending_ack:
        _acknowledge(sender)
    is_wrapped = client._no_updates and not isinstance(request, functions.PingRequest)  # a ping is no call
    try:
        sender.send(functions.InvokeWithoutUpdatesRequest(request) if is_wrapped else request)
    except _UNWRITABLE:
        field = unwritable(request) or method_name(request)
        raise InvalidInput(field=field, problem="has no form in which it could be sent to Telegram") from None
    queue = sender._send_queue._deque
    state = queue[-1]  # where it stands until the loop turns
    if len(state.data) > _LARGEST:
        del queue[-1]
        raise InvalidInput(field=method_name(request), problem=f"is longer than {_LARGEST} bytes")
    if leaving is not None:
        state.data = Departing(state.data)
        state.data.leaving = leaving
    return state


def forget(state: Any) -> None:
    """Keep no answer: Telethon holds on to the states of the packet that it sent last, until it sends another."""
    state.data, state.future = b"", None


def _acknowledge(sender: Any) -> None:
    """Have what has arrived acknowledged in the packet of the next request; Telethon would send one more after it."""
    ack = RequestState(types.MsgsAck(list(sender._pending_ack)))
    sender._pending_ack.clear()
    sender._last_acks.append(ack)
    sender._send_queue.append(ack)


def drop(sender: Any, state: Any) -> None:
    """Forget a request, whether it was sent or not. Telethon would send it again after a reconnect."""
    if not state.future.cancel():
        settle(state.future)
    for msg_id in [msg_id for msg_id, pending in sender._pending_state.items() if pending is state]:
        del sender._pending_state[msg_id]
    queue = sender._send_queue._deque
    if state in queue:
        queue.remove(state)


def post_ping(client: Any) -> Any:
    """Send a ping and return its RequestState, as `post`."""
    return post(client, functions.PingRequest(random.getrandbits(63)))


def reconnect(sender: Any) -> None:
    """Have Telethon leave its connection and make another, as it does when a pong of its own is missing."""
    sender._start_reconnect(ConnectionError("the connection is dead"))


def fail_open_requests(sender: Any) -> None:
    """Fail every request that has no answer, whether sent or not sent yet. Telethon would leave the latter hanging."""
    for state in [*sender._pending_state.values(), *sender._send_queue._deque]:
        if not state.future.done():
            state.future.set_exception(ConnectionError("the client was disconnected"))
            state.future.exception()  # seen: an acknowledgement's future has nobody else to look at it
    sender._pending_state.clear()
    sender._send_queue._deque.clear()


def prepare_again(client: Any) -> None:
    """Make a disconnected client fit to be connected again.

    A reconnect that was cut short leaves Telethon's sender marked as reconnecting, and such a sender sends nothing.
    """
    sender = client._sender
    fail_open_requests(sender)
    sender._reconnecting = False
    sender._ping = None
    sender._state.reset()
    client._authorized = None


async def done(future: asyncio.Future[Any]) -> None:
    """Wait until a future is done, whatever it comes to. `asyncio.wait` would take 1 KB for as long as that lasts."""
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(_: asyncio.Future[Any]) -> None:
        if not waiter.done():
            waiter.set_result(None)

    future.add_done_callback(wake)
    await waiter


def settle(future: asyncio.Future[Any]) -> None:
    """Look at how something ended that nobody waits for, or asyncio reports an exception that nobody retrieved."""
    if future.done() and not future.cancelled():
        future.exception()
