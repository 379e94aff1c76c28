"""Limits as Telegram has them: token buckets, slow mode and PEER_FLOOD. They are off until the kit turns them on.

It is decided here what a call is refused with; server.py answers. There is no clock here: time is a parameter. Telegram
publishes no numbers for accounts of people, so these are what its users have measured. Those of bots are from
https://core.telegram.org/bots/faq#broadcasting-to-users.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from actors.testing.server.faults import Fail
from actors.testing.server.rpc_errors import code_of
from actors.testing.server.world.parties import Account, Channel, Party

__all__ = ["BOTS", "PEOPLE", "Bucket", "Limits", "Per", "Rule"]

SENDS = frozenset(("messages.sendMessage", "messages.sendMedia", "messages.sendMultiMedia", "messages.forwardMessages"))
JOINS = frozenset(("channels.joinChannel", "messages.importChatInvite"))
MINUTE, HOUR = 60.0, 3600.0


class Per(Enum):
    """What a rule counts together: all calls of an account, or those for one person, one group or one chat."""

    ACCOUNT = "account"
    PERSON = "person"
    GROUP = "group"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit: at most `count` calls of these methods at once, and as many again in `seconds`.

    penalty: seconds that a client is shut out for once it goes on asking after refusals.
    """

    methods: frozenset[str]
    count: int
    seconds: float
    per: Per = Per.ACCOUNT
    penalty: float | None = None


PEOPLE = (
    Rule(SENDS, 30, MINUTE),
    Rule(SENDS, 1, 1.0, Per.PERSON),
    Rule(SENDS, 16, MINUTE, Per.GROUP),
    Rule(frozenset(("messages.getHistory",)), 24, 30.0),
    Rule(frozenset(("contacts.resolveUsername",)), 20, MINUTE),
    Rule(frozenset(("contacts.resolveUsername",)), 60, HOUR),
    Rule(frozenset(("contacts.resolveUsername",)), 160, 24 * HOUR, penalty=15 * HOUR),
    Rule(frozenset(("messages.getDialogs",)), 1, MINUTE),
    Rule(JOINS, 3, 5 * MINUTE),
)
BOTS = (Rule(SENDS, 30, 1.0), Rule(SENDS, 1, 1.0, Per.CHAT), Rule(SENDS, 20, MINUTE, Per.GROUP))


@dataclass(slots=True)
class Bucket:
    """The tokens of one rule, which come back evenly. Times are monotonic seconds."""

    rule: Rule
    scale: float
    tokens: float
    since: float
    shut_until: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until a call is allowed, 0 for now. It counts nothing, except against a penalty."""
        period = self.rule.seconds * self.scale
        self.tokens = min(self.rule.count, self.tokens + (now - self.since) * self.rule.count / period)
        self.since = now
        if self.rule.penalty is not None:
            return self._penalty(now, self.rule.penalty * self.scale)
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) * period / self.rule.count

    def _penalty(self, now: float, seconds: float) -> float:
        """Count every call, also a refused one. Too many shut the client out."""
        if now >= self.shut_until and self.tokens < 1:
            self.shut_until, self.tokens = now + seconds, float(self.rule.count)
        self.tokens -= 1
        return max(0.0, self.shut_until - now)

    def take(self) -> None:
        """Count a call that was allowed."""
        if self.rule.penalty is None:
            self.tokens -= 1


@dataclass(slots=True, eq=False)
class Limits:
    """The limits in force. `scale` stretches every period: 0.1 makes a minute six seconds."""

    on: bool = False
    scale: float = 1.0
    slow: dict[int, float] = field(default_factory=dict)  # channel -> seconds between two messages of one member
    cold: dict[int, int] = field(default_factory=dict)  # account -> people it may write to first
    _buckets: dict[tuple[int, Rule, int], Bucket] = field(default_factory=dict)
    _posted: dict[tuple[int, int], float] = field(default_factory=dict)  # (account, channel) -> when it last wrote
    _strangers: dict[int, set[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.on or bool(self.slow) or bool(self.cold)

    def start_over(self) -> None:
        """Forget everything that was counted."""
        self._buckets.clear()
        self._posted.clear()
        self._strangers.clear()

    def forget_strangers(self, account_id: int) -> None:
        """Start an account's count of strangers anew."""
        self._strangers.pop(account_id, None)

    def judge(self, account: Account, method: str, request: Any, party: Party | None, now: float) -> Fail | None:
        """Return what a call is refused with at monotonic time `now`; None when it is allowed, and then count it.

        A repeated send, known by its random_id, is free.
        """
        sends = method in SENDS
        random_id = getattr(request, "random_id", None)
        if isinstance(random_id, int) and random_id in account.sent:
            return None
        name = self._peer_flood(account, party) if sends else None
        name = name or (self._slow_mode(account, party, now) if sends else None)
        name = name or (self._flood(account, method, party, now) if self.on else None)
        return None if name is None else Fail(name, code_of(name))

    def _flood(self, account: Account, method: str, party: Party | None, now: float) -> str | None:
        rules = BOTS if account.bot else PEOPLE
        found = [self._bucket(account, rule, party, now) for rule in rules if method in rule.methods]
        buckets = [bucket for bucket in found if bucket is not None]
        wait = max((bucket.wait(now) for bucket in buckets), default=0.0)
        if wait > 0:
            return f"FLOOD_WAIT_{math.ceil(wait)}"
        for bucket in buckets:
            bucket.take()
        return None

    def _bucket(self, account: Account, rule: Rule, party: Party | None, now: float) -> Bucket | None:
        """Return the bucket in which a rule counts this call; None when the rule isn't meant for such a chat."""
        if rule.per is not Per.ACCOUNT and party is None:
            return None
        if rule.per is (Per.PERSON if not isinstance(party, Account) else Per.GROUP):
            return None
        chat = party.id if party is not None and rule.per is not Per.ACCOUNT else 0
        key = (account.id, rule, chat)
        if key not in self._buckets:
            self._buckets[key] = Bucket(rule, self.scale, float(rule.count), now)
        return self._buckets[key]

    def _slow_mode(self, account: Account, party: Party | None, now: float) -> str | None:
        """Return the error of slow mode, which binds members. The creator may write at any time."""
        if not isinstance(party, Channel) or party.id not in self.slow or party.creator == account.id:
            return None
        ready = self._posted.get((account.id, party.id), -math.inf) + self.slow[party.id]
        if now < ready:
            return f"SLOWMODE_WAIT_{math.ceil(ready - now)}"
        self._posted[account.id, party.id] = now
        return None

    def _peer_flood(self, account: Account, party: Party | None) -> str | None:
        """Return PEER_FLOOD when an account writes to one more stranger than it may.

        A stranger is somebody who has never written to the account.
        """
        if account.id not in self.cold or not isinstance(party, Account) or party is account:
            return None
        if any(message.sender == party.id for message in account.chats[party.id].messages):
            return None
        strangers = self._strangers.setdefault(account.id, set())
        if party.id not in strangers and len(strangers) >= self.cold[account.id]:
            return "PEER_FLOOD"
        strangers.add(party.id)
        return None
