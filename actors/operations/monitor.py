"""Setting up and tearing down monitors. Both are operations, so they take turns with all other operations.

The running monitor is not here: it is a task of the session (`session/monitoring/monitor.py`) and holds no slot. Users
send `Monitor` and `StopMonitor` to a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, get_args

from actors.model.answers import ChatAccess
from actors.model.checks import (
    HIGHEST_ID,
    check_count,
    check_function,
    check_kind,
    check_seconds,
    check_table,
    check_text,
)
from actors.model.client import Client
from actors.model.content import Message, Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.model.events import MonitorStarted
from actors.model.policies import MONITORING, DeliveryPolicy
from actors.model.updates import NewMessage, News, Update
from actors.operations.dialog_pages import DialogsPosition, next_dialogs
from actors.operations.operation import Operation, OperationContext, check_peer
from actors.operations.watch import Watch
from actors.runtime.recipient import Recipient, check_recipient

__all__ = ["FromPolicy", "Monitor", "StopMonitor"]


_CHATS = 100
"""Chats of one messages.getPeerDialogs or messages.getDialogs."""

_KEY = re.compile(r"(user|chat|channel):\d+")


class FromPolicy(Enum):
    """A stand-in for a value that the policy table has."""

    RUN_TIMEOUT = "run timeout"


@dataclass(frozen=True, slots=True)
class Monitor(Operation[MonitorStarted]):
    """Send every new message of `chats` (of all chats when none are given) to `to` as `MessageReceived`.

    The operation is answered with `MonitorStarted(id, until)` once the monitor is set up. The monitor runs on through
    reconnects and restarts. What it missed meanwhile is read from the history, so that each message comes once and in
    the order of its chat; of what can't be read, `to` gets a `MonitorGap` in its place. What this session has sent is
    no news; what its account wrote elsewhere is, in Saved Messages as in any chat. A basic group that becomes a
    supergroup is followed there. `to` is the ref of any Pykka actor; it gets exactly one `MonitorEnded` as its last
    event.

    A public channel that the account hasn't joined is polled, as often as the server says; monitors of all chats then
    hear it as well. Any other chat that it can't hear is refused with `InvalidInput`. One that it leaves or is banned
    from later has a `MonitorGap` that says so. A bot monitors the chats that it is in, and reads no history: for what
    Telegram has dropped there is a `MonitorGap`.

    - lifetime: seconds; None for no end; by default the run timeout of the policy (3600 s).
    - kinds: the kinds of updates, by default `NewMessage` alone; the others come as `UpdateReceived`. `EditedMessage`,
      `DeletedMessages`, `ReactionsChanged`, `MemberJoined` and `MemberLeft` are told when they happen; what was missed
      of them is not read again.
    - where: a pure function of a new or edited message that says whether it is wanted. It runs on the event loop.
    - delivery: window, queue and overflow of this subscriber.
    - marks: the id up to which the subscriber has the messages of each chat, as a monitor's status gave it (`marks`).
      Later messages are sent first.
    - group: a name. Of all monitors in the system with the same name, one tells each message of a channel or
      supergroup.
    """

    operation_type: ClassVar[str] = MONITORING
    methods: ClassVar[frozenset[str]] = frozenset({"messages.getPeerDialogs"})

    chats: Sequence[str | int | Peer] = ()
    to: Recipient = field(kw_only=True, repr=False)
    lifetime: float | FromPolicy | None = field(default=FromPolicy.RUN_TIMEOUT, kw_only=True)
    kinds: Sequence[type[Update]] = field(default=(NewMessage,), kw_only=True)
    where: Callable[[Message], bool] | None = field(default=None, kw_only=True, repr=False)
    delivery: DeliveryPolicy = field(default=DeliveryPolicy(), kw_only=True)
    marks: Mapping[str, int] = field(default_factory=dict, kw_only=True, hash=False)
    group: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be monitored. Raises InvalidInput."""
        Operation.__post_init__(self)
        if isinstance(self.chats, str | bytes) or not isinstance(self.chats, Iterable):
            raise InvalidInput(field="chats", problem='must be a list, such as ["@news"]')
        object.__setattr__(self, "chats", tuple(self.chats))
        for index, chat in enumerate(self.chats):
            check_peer(chat, f"chats[{index}]")
        check_recipient("to", self.to)
        if not isinstance(self.lifetime, FromPolicy):
            check_seconds("lifetime", self.lifetime, or_none=True)
        object.__setattr__(self, "kinds", _checked_kinds(self.kinds))
        check_function("where", self.where, or_none=True)
        check_kind("delivery", self.delivery, DeliveryPolicy)
        check_table("marks", self.marks, int)
        for chat, mark in self.marks.items():
            if not _KEY.fullmatch(chat):
                raise InvalidInput(field="marks", problem='must be ids by chat, such as {"channel:123": 456}')
            check_count(f"marks[{chat!r}]", mark, most=HIGHEST_ID)
        check_text("group", self.group, or_none=True)

    async def run(self, client: Client, context: OperationContext) -> MonitorStarted:
        """Resolve the chats, note the newest message in each, then start the monitor."""
        peers = tuple([await client.resolve(chat) for chat in self.chats])
        since = await client.server_time()
        found = await _access(client, peers)
        seen: tuple[tuple[Peer, int], ...] = ()
        if NewMessage in self.kinds and not client.is_bot:
            known = tuple((peer, one.newest) for peer, one in found if one.newest is not None)
            seen = known if peers else await _seen_everywhere(client)
        watch = Watch(
            peers=peers,
            to=self.to,
            since=since,
            lifetime=context.policy.run_timeout if isinstance(self.lifetime, FromPolicy) else self.lifetime,
            kinds=tuple(self.kinds),
            where=self.where,
            delivery=self.delivery,
            seen=seen,
            marks=self.marks,
            group=self.group,
            polled=tuple(peer for peer, one in found if one.unheard),
            reads_history=not client.is_bot,
        )
        started = context.session.start_monitor(watch)
        client.poll(watch.polled, context.session.is_polled)
        return started


def _checked_kinds(kinds: object) -> tuple[type[Update], ...]:
    known = get_args(News)
    chosen = tuple(kinds) if isinstance(kinds, Sequence) else ()
    if not chosen or any(kind not in known for kind in chosen):
        names = ", ".join(kind.__name__ for kind in known)
        raise InvalidInput(field="kinds", problem=f"must be one or more of {names}")
    return chosen


async def _access(client: Client, peers: Sequence[Peer]) -> list[tuple[Peer, ChatAccess]]:
    """Return how the account stands to each chat. Raises InvalidInput for one that it could never hear."""
    found: list[tuple[Peer, ChatAccess]] = []
    for start in range(0, len(peers), _CHATS):
        chunk = peers[start : start + _CHATS]
        known = await _ask(client, chunk, start)
        found += [(peer, known.get(peer.key, ChatAccess(0))) for peer in chunk]
    for index, (_, access) in enumerate(found):
        if access.unheard and not access.pollable:
            raise _deaf(index, access.unheard)
    return found


async def _ask(client: Client, chunk: Sequence[Peer], start: int) -> Mapping[str, ChatAccess]:
    """Ask about up to a hundred chats; one that can't be read spoils the answer for all, so each is asked then."""
    try:
        return await client.access(chunk)
    except TelegramError as exc:
        if exc.verdict is not Verdict.CHAT_PERMANENT:
            raise
        if len(chunk) == 1:
            raise _deaf(start, f"Telegram says {exc.name}") from exc
    return {
        key: one for index, peer in enumerate(chunk) for key, one in (await _ask(client, [peer], start + index)).items()
    }


def _deaf(index: int, reason: str) -> InvalidInput:
    problem = f"is a chat that this account can't hear ({reason}): join it first, or have a bot added to it"
    return InvalidInput(field=f"chats[{index}]", problem=problem)


async def _seen_everywhere(client: Client) -> tuple[tuple[Peer, int], ...]:
    """Return the newest message of every chat that the account has (messages.getDialogs, a hundred at a time)."""
    found: list[tuple[Peer, int]] = []
    position = DialogsPosition()
    while not position.last:
        position, news = await next_dialogs(client, position)
        found += [(each.chat, each.last_message.id) for each in news if each.last_message is not None]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class StopMonitor(Operation[bool]):
    """End a monitor of this session; answered with whether there was one."""

    operation_type: ClassVar[str] = MONITORING

    monitor_id: int

    def __post_init__(self) -> None:
        """Refuse what can't be an id."""
        Operation.__post_init__(self)
        check_count("monitor_id", self.monitor_id, least=1)

    async def run(self, client: Client, context: OperationContext) -> bool:  # noqa: ARG002  the client isn't needed
        """Stop the monitor."""
        return context.session.stop_monitor(self.monitor_id)
