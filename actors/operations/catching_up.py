"""Reading what monitors have missed: after a reconnect, a restart, a difference that was too long, or on old marks.

An operation of the session's own, so that it waits its turn, is held by flood waits and tried again like any other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from actors.content import Peer
from actors.errors import TelegramError, Verdict
from actors.operations.base import Checkpoint, OperationContext, ResumableOperation
from actors.operations.watch import CatchingUp
from actors.policies import MONITORING, Overrides
from actors.ports import Client

__all__ = ["CatchUp", "catch_up"]

PAGE = 100
"""Messages of one messages.getHistory, and chats of one messages.getPeerDialogs."""

DAY = 86_400.0

_CHATS_OWN = {Verdict.CHAT_PERMANENT, Verdict.REFRESH_INPUT, Verdict.OPERATION_PERMANENT, Verdict.UNKNOWN}
"""Verdicts that are about one chat, and say nothing of the next."""


@dataclass(frozen=True, slots=True)
class CatchUp(ResumableOperation[int]):
    """Pass on what was missed in the chats that are held back; answered with how many messages that were.

    It needs no position: what is passed on moves the monitors' marks, and it reads on from those.
    """

    operation_type: ClassVar[str] = MONITORING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getPeerDialogs", "messages.getHistory"})

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page."""
        chats = context.session.catching_up
        done = context.metadata.setdefault("done", 0)
        yield Checkpoint(None, done=done)
        await _look(client, chats)
        for peer in chats.pending():
            while True:
                try:
                    count = await _page(client, chats, peer)
                except TelegramError as exc:
                    if exc.verdict not in _CHATS_OWN:
                        raise
                    chats.gave_up(peer, str(exc))
                    break
                if count is None:
                    break
                context.metadata["done"] += count
                yield Checkpoint(None, done=context.metadata["done"])

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> int:  # noqa: ARG002  nothing is collected
        """Make the reply."""
        return last.done


def catch_up() -> CatchUp:
    """Return the operation: with a session's patience instead of a user's, for there is nobody who could repeat it."""
    return CatchUp(overrides=Overrides(wait_timeout=DAY, run_timeout=DAY, attempt_timeout=15.0, retries=1_000_000))


async def _look(client: Client, chats: CatchingUp) -> None:
    """Find out which chats have something new (messages.getPeerDialogs, messages.getDialogs)."""
    if chats.wants_dialogs():
        page = await client.dialogs(limit=PAGE)
        for dialog in page.dialogs:
            if dialog.last_message is not None:
                chats.found(dialog.chat, dialog.last_message.id)
        chats.dialogs_read()
    pending = chats.pending()
    for start in range(0, len(pending), PAGE):
        await _look_at(client, chats, pending[start : start + PAGE])


async def _look_at(client: Client, chats: CatchingUp, peers: Sequence[Peer]) -> None:
    """Find the newest message of each; a chat that can't be read spoils the answer for all, so each is asked then."""
    try:
        newest = await client.newest(peers)
    except TelegramError as exc:
        if exc.verdict not in _CHATS_OWN:
            raise
        if len(peers) == 1:
            chats.gave_up(peers[0], str(exc))
            return
        for peer in peers:
            await _look_at(client, chats, [peer])
        return
    for peer in peers:
        chats.found(peer, newest.get(peer.key, 0))


async def _page(client: Client, chats: CatchingUp, peer: Peer) -> int | None:
    """Pass one page on; None when there is nothing more. Between the last look and that nothing is awaited."""
    mark = chats.mark(peer)
    newest = chats.newest(peer)
    if mark is None and newest:
        mark = await _mark_at(client, peer, chats)
    if mark is None or newest <= mark:
        chats.caught_up(peer)
        return None
    page = await client.history(peer, limit=PAGE, offset_id=mark + 1, add_offset=-PAGE, min_id=mark)
    fresh = [message for message in reversed(page.messages) if message.id > mark]
    chats.missed(peer, [message for message in fresh if not (message.out and client.has_sent(peer, message.id))])
    chats.set_mark(peer, fresh[-1].id if fresh else newest)
    return len(fresh)


async def _mark_at(client: Client, peer: Peer, chats: CatchingUp) -> int:
    page = await client.history(peer, limit=1, offset_date=chats.since)
    mark = page.messages[0].id if page.messages else 0
    chats.set_mark(peer, mark)
    return mark
