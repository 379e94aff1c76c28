"""Reading what monitors have missed: after a reconnect, a restart, a difference that was too long, or on old marks.

An operation of the session's own, so that it waits its turn, is held by flood waits and tried again like any other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.errors import ChatMigrated, TelegramError, Verdict
from actors.model.policies import MONITORING, Overrides
from actors.operations.history_pages import (
    HistoryOrder,
    HistoryPosition,
    Pages,
    Wanted,
    newest_before,
    what_is_left_out,
)
from actors.operations.operation import Checkpoint, OperationContext, ResumableOperation
from actors.session.monitoring.gaps import Gaps

__all__ = ["CatchUp", "catch_up"]

PAGE = 100
"""Messages of one messages.getHistory, and chats of one messages.getPeerDialogs."""

TRIES = 5
"""Rounds in which a chat's history may fail before it is given up; each comes after a longer backoff."""

DAY = 86_400.0

_CHATS_OWN = {Verdict.CHAT_PERMANENT, Verdict.REFRESH_INPUT, Verdict.OPERATION_PERMANENT, Verdict.UNKNOWN}
"""Verdicts that are about one chat, and say nothing of the next."""


@dataclass(frozen=True, slots=True)
class CatchUp(ResumableOperation[int]):
    """Pass on what was missed in the chats that are held back; answered with how many messages that were.

    It needs no position: what is passed on moves the monitors' marks, and it reads on from those. Chats take turns, a
    page each, and one that fails doesn't keep the others waiting.
    """

    operation_type: ClassVar[str] = MONITORING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getPeerDialogs", "messages.getHistory"})

    gaps: Gaps = field(repr=False, compare=False)

    async def run(self, client: Client, context: OperationContext) -> AsyncGenerator[Checkpoint, None]:
        """Yield a checkpoint for each page."""
        chats, turns = self.gaps, _Turns(context.metadata)
        yield Checkpoint(None, done=turns.done)
        while True:
            await _look(client, chats)
            behind = turns.in_order(chats.behind())
            if not behind and not chats.wants_dialogs():
                return
            failure: TelegramError | None = None
            for peer in behind:
                while (wait := chats.pause(peer)) is not None:
                    yield Checkpoint(None, done=turns.done, wait=wait)
                turns.begin(peer)
                try:
                    turns.end(peer, await _page(client, chats, peer))
                except TelegramError as exc:
                    failure = turns.failed(chats, peer, exc)
                else:
                    yield Checkpoint(None, done=turns.done)
            if failure is not None:
                raise failure

    def result(self, items: tuple[Any, ...], last: Checkpoint) -> int:  # noqa: ARG002  nothing is collected
        """Make the reply."""
        return last.done


class _Turns:
    """Whose turn it is, and how often each failed; kept in the operation's metadata, from one attempt to the next."""

    def __init__(self, metadata: dict[str, Any]) -> None:
        self._failures: dict[str, int] = metadata.setdefault("failures", {})
        self._metadata = metadata

    @property
    def done(self) -> int:
        """How many messages were passed on."""
        return int(self._metadata.get("done", 0))

    def in_order(self, peers: Sequence[Peer]) -> list[Peer]:
        """Return the chats, last those that failed, and at the very end that which the last attempt ended at."""
        ended_at = self._metadata.get("at")
        return sorted(peers, key=lambda peer: (peer.key == ended_at, self._failures.get(peer.key, 0)))

    def begin(self, peer: Peer) -> None:
        """Note whose page is asked for."""
        self._metadata["at"] = peer.key

    def end(self, peer: Peer, count: int) -> None:
        """Note a page."""
        self._metadata["at"] = None
        self._metadata["done"] = self.done + count
        self._failures.pop(peer.key, None)

    def failed(self, chats: Gaps, peer: Peer, error: TelegramError) -> TelegramError | None:
        """Give a chat up whose error is its own, or that failed too often; return an error that asks for a backoff.

        What is about the account, and not about a chat, is raised.
        """
        if error.verdict not in _CHATS_OWN | {Verdict.TRANSIENT}:
            raise error
        self._failures[peer.key] = self._failures.get(peer.key, 0) + 1
        if error.verdict is Verdict.TRANSIENT and self._failures[peer.key] < TRIES:
            return error
        _give_up(chats, peer, error)
        return None


def catch_up(gaps: Gaps) -> CatchUp:
    """Return the operation: with a session's patience instead of a user's, for there is nobody who could repeat it.

    Just below monitoring's priority, so that monitors can be set up and stopped meanwhile.
    """
    return CatchUp(
        gaps,
        overrides=Overrides(priority=9, wait_timeout=DAY, run_timeout=DAY, attempt_timeout=15.0, retries=1_000_000),
    )


async def _look(client: Client, chats: Gaps) -> None:
    """Find out which chats have something new (messages.getPeerDialogs, messages.getDialogs)."""
    if chats.wants_dialogs():
        await _look_at_list(client, chats)
    doubtful = chats.doubtful()
    try:
        for start in range(0, len(doubtful), PAGE):
            await _look_at(client, chats, doubtful[start : start + PAGE])
    except BaseException:
        chats.doubt(doubtful)
        raise


async def _look_at_list(client: Client, chats: Gaps) -> None:
    """Find the chats that have news, a page of the list at a time: the last one of a page is the one without any."""
    offset: dict[str, Any] = {}
    try:
        while True:
            page = await client.dialogs(limit=PAGE, **offset)
            spoken = [(dialog.chat, dialog.last_message) for dialog in page.dialogs if dialog.last_message is not None]
            news = [chats.found(chat, message.id) for chat, message in spoken]
            if page.last or not news or not news[-1]:
                break
            chat, message = spoken[-1]
            offset = {"offset_date": message.date, "offset_id": message.id, "offset_peer": chat}
    except TelegramError as exc:
        if exc.verdict not in _CHATS_OWN:
            raise
        chats.gave_up_list(str(exc))
    else:
        chats.dialogs_read()


async def _look_at(client: Client, chats: Gaps, peers: Sequence[Peer]) -> None:
    """Find the newest message of each; a chat that can't be read spoils the answer for all, so each is asked then."""
    try:
        newest = await client.newest(peers)
    except TelegramError as exc:
        if exc.verdict not in _CHATS_OWN:
            raise
        if len(peers) == 1:
            _give_up(chats, peers[0], exc)
            return
        for peer in peers:
            await _look_at(client, chats, [peer])
        return
    for peer in peers:
        chats.found(peer, newest.get(peer.key, 0))


def _give_up(chats: Gaps, peer: Peer, error: TelegramError) -> None:
    migrated_to = error.migrated_to if isinstance(error, ChatMigrated) else None
    chats.gave_up(peer, str(error), migrated_to=migrated_to)


async def _page(client: Client, chats: Gaps, peer: Peer) -> int:
    """Pass one page on and return how many messages it had.

    What the server counts and never shows, or has announced and shows no more, is a gap that is told.
    """
    while (since := chats.unmarked(peer)) is not None:
        found = await newest_before(client, peer, since)
        if found is None:
            chats.gave_up(
                peer, f"the history shows nothing from before {since:%Y-%m-%d %H:%M:%S}, where it should begin"
            )
        else:
            chats.set_missing_mark(peer, since, found)
    mark, newest, limit = chats.mark(peer), chats.newest(peer), min(PAGE, chats.room(peer))
    if newest <= mark:
        return 0
    position = HistoryPosition(peer, HistoryOrder.OLDEST_FIRST, mark)
    fresh: tuple[Message, ...] = ()
    total: int | None = None
    pages = Pages(client, Wanted(HistoryOrder.OLDEST_FIRST))
    while not fresh and not position.last and not pages.are_left_out:
        position, fresh, total = await pages.turn(position, limit)
    told = [message for message in fresh if not (message.out and client.has_sent(peer, message.id))]
    chats.missed(peer, told, position.mark)
    if pages.are_left_out:
        chats.gave_up(peer, what_is_left_out(total))
    elif position.last and position.mark < newest:
        chats.gave_up(peer, f"the history does not show message {newest} and what is before it: deleted, or left out")
    return len(fresh)
