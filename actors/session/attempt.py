"""One attempt at one operation. It doesn't decide: it returns how the attempt ended, and the dispatcher judges.

Every error is translated here, at the latest: an operation of a user's may have talked to Telethon itself. Run by the
session actor, in a task of the registry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from actors.model.client import Client
from actors.model.errors import FloodWait, TelegramError, Verdict
from actors.operations import Checkpoint, OperationContext, ResumableOperation
from actors.runtime.recipient import Receipt
from actors.session.patience import Patience
from actors.session.queued_operation import QueuedOperation

__all__ = ["Ended", "Failed", "Finished", "Paused", "run_attempt"]

T = TypeVar("T")

LOOK_AGAIN = 1.0
"""Seconds after which an operation that waits for its receiver looks again whether to give way: about a page's time."""

logger = logging.getLogger("actors.session")


@dataclass(frozen=True, slots=True)
class Finished:
    """The operation is done."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Paused:
    """The operation gave way at a checkpoint."""


Ended = Finished | Failed | Paused


async def run_attempt(
    entry: QueuedOperation,
    client: Client,
    context: OperationContext,
    patience: Patience,
    *,
    on_checkpoint: Callable[[Checkpoint], bool],
) -> Ended:
    """Run the operation once, with so much patience for each answer of the server.

    `on_checkpoint` is told of every checkpoint, and says whether to give way.
    """
    context.task = asyncio.current_task()
    try:
        if isinstance(entry.operation, ResumableOperation):
            return await _run_pages(entry, client, context, patience, on_checkpoint)
        work: Any = entry.operation.run(client, context)
        return Finished(await patience.wait(work))
    except asyncio.CancelledError:
        if context.task is None or context.task.cancelling():
            raise
        # Nobody cancelled us: Telethon cancels what is pending when it disconnects by itself.
        method = entry.operation_type
        return Failed(TelegramError(verdict=Verdict.TRANSIENT, name="CONNECTION_LOST", method=method))
    except (Exception, SystemExit, KeyboardInterrupt) as exc:  # noqa: BLE001  its caller's to see, not the loop's
        error = client.translate(exc) or exc
        entry.may_have_left |= context.may_have_left and _leaves_open(error)
        return Failed(error)


def _leaves_open(error: BaseException) -> bool:
    """Say whether what had left may have been done all the same: nobody refused it, or only its repeat.

    Telethon sends what has no answer again once it has reconnected; only a refusal of the first is one of them all. A
    flood wait that no server has said is a refusal, too: the client's own, before anything was sent.
    """
    if not isinstance(error, TelegramError):
        return False
    return error.repeated or not (error.code or isinstance(error, FloodWait))


async def _run_pages(
    entry: QueuedOperation,
    client: Client,
    context: OperationContext,
    patience: Patience,
    on_checkpoint: Callable[[Checkpoint], bool],
) -> Finished | Paused:
    operation = cast("ResumableOperation[Any]", entry.operation)
    pages = operation.run(client, context)
    try:
        while True:
            try:
                checkpoint = await patience.wait(anext(pages))
            except StopAsyncIteration:
                last = operation.start(context) or Checkpoint(None)
                return Finished(operation.result(tuple(entry.partial), last))
            context.checkpoint = checkpoint.bare()
            context.giving_way = on_checkpoint(checkpoint)
            if context.giving_way and checkpoint.settled:
                return Paused()
            while checkpoint.wait is not None and not await _settles(checkpoint.wait):
                if on_checkpoint(context.checkpoint):
                    return Paused()
            await asyncio.sleep(0)  # pages that never wait for anything must not keep the loop
    finally:
        await pages.aclose()


async def _settles(receipt: Receipt) -> bool:
    """Wait for an outcome, whatever it is, for a moment; say whether it is there.

    No attempt timeout: whom a page was sent to may take its time, and somebody else the slot meanwhile.
    """
    moment = asyncio.timeout(LOOK_AGAIN)
    try:
        async with moment:
            await receipt
    except TimeoutError:
        pass  # the moment's, or the receiver's own
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
    except (Exception, SystemExit, KeyboardInterrupt) as exc:  # noqa: BLE001  the operation looks at its receipts
        logger.debug("A receiver failed with %s", type(exc).__name__)
    return receipt.done()
