"""The auth keys that the server knows, and which account is logged in with each. The server and its methods use them.

The cryptography of a key is in wire/cipher.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from actors.testing.server.clock import clock
from actors.testing.server.wire.cipher import AuthKey
from actors.testing.server.wire.received import Received
from actors.testing.server.world.parties import Account
from actors.testing.server.world.passwords import Challenge

__all__ = ["Device", "Key", "KeyRing"]

KEY_BYTES = 256
REMEMBERED_SESSIONS = 100
STRANGERS = 10_000  # keys that nobody is logged in with


def _salt() -> int:
    return secrets.randbits(62) + 1  # not 0: that is what clients start with


@dataclass(frozen=True, slots=True)
class Device:
    """What a client says of itself (initConnection)."""

    api_id: int = 0
    model: str = "unknown"
    system: str = "unknown"
    app: str = "unknown"


@dataclass(slots=True, eq=False)
class Key:
    """One login: its key, its salt, its account (None: nobody yet), why it is dead, and the MTProto sessions seen.

    pending: the account whose password is still missing. lost: the Unix time since when updates may not have reached
    it.
    """

    auth: AuthKey = field(repr=False)
    account: Account | None = None
    dead: str | None = None
    salt: int = field(default_factory=_salt, repr=False)
    sessions: dict[int, Received] = field(default_factory=dict, repr=False)
    device: Device = field(default_factory=Device)
    created: int = field(default_factory=clock.now)
    active: int = field(default_factory=clock.now)
    lost: int | None = None
    pending: Account | None = field(default=None, repr=False)
    challenge: Challenge | None = field(default=None, repr=False)

    @property
    def hash(self) -> int:
        """The 64-bit name of this login that other logins of the account may know. It is never 0."""
        return self.auth.id ^ self.salt or 1

    def log_in(self, account: Account, now: int) -> None:
        """Make this key a login of an account."""
        self.account, self.dead, self.pending, self.challenge = account, None, None, None
        self.created = self.active = now

    def log_out(self, reason: str | None = None) -> None:
        """End the login. Later calls get `reason`."""
        self.account, self.dead, self.pending, self.challenge = None, reason, None, None

    def begin(self, session_id: int) -> Received:
        """Remember a new MTProto session. When there are too many, the oldest is forgotten."""
        if len(self.sessions) >= REMEMBERED_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        self.sessions[session_id] = Received()
        return self.sessions[session_id]


class KeyRing:
    """All keys that the server knows, by id."""

    def __init__(self) -> None:
        self._keys: dict[int, Key] = {}
        self._strangers: dict[int, Key] = {}  # exchanged and perhaps never logged in, oldest first
        self._notices: list[tuple[Key, Any]] = []
        self.ended: list[Key] = []  # by somebody else; the server looks after their connections

    def get(self, key_id: int) -> Key | None:
        """Return the key with this id, or None."""
        return self._keys.get(key_id)

    def add(self, auth: AuthKey, account: Account | None = None) -> Key:
        """Take in a key. When too many keys have no login, the oldest of them is forgotten."""
        key = self._keys[auth.id] = Key(auth, account)
        if account is None:
            self._strangers[auth.id] = key
            if len(self._strangers) > STRANGERS:
                oldest = self._strangers.pop(next(iter(self._strangers)))
                if oldest.account is None and oldest.dead is None:
                    del self._keys[oldest.auth.id]
        return key

    def forget_sessions(self) -> None:
        """Forget every MTProto session, as a restart does. Clients are then told of new ones."""
        for key in self._keys.values():
            key.sessions.clear()

    def forget_received(self) -> None:
        """Start every session's window of message ids anew, because the clock has changed, and their order with it."""
        for key in self._keys.values():
            key.sessions = {session_id: Received() for session_id in key.sessions}

    def mint(self, account: Account) -> Key:
        """Make a key that is logged in already. It has no leading or trailing zero, which some clients lose."""
        while True:
            data = secrets.token_bytes(KEY_BYTES)
            if data[0] and data[-1]:
                return self.add(AuthKey(data), account)

    def of(self, account: Account) -> list[Key]:
        """Return the keys that an account is logged in with."""
        return [key for key in self._keys.values() if key.account is account]

    def revoke(self, account: Account, reason: str) -> int:
        """Log an account out everywhere. Later calls get `reason`. Return how many keys that ended."""
        keys = self.of(account)
        for key in keys:
            self.end(key, reason)
        return len(keys)

    def end(self, key: Key, reason: str) -> None:
        """End one login from outside."""
        key.log_out(reason)
        self.ended.append(key)

    def notify(self, key: Key, updates: Any) -> None:
        """Leave updates for the clients that use a key, logged in or not."""
        self._notices.append((key, updates))

    def take_notices(self) -> list[tuple[Key, Any]]:
        """Take the updates that were left for keys."""
        notices, self._notices = self._notices, []
        return notices
