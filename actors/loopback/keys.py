"""The auth keys that the server knows, and who is logged in with each. Not their cryptography (cipher.py)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from actors.loopback.cipher import AuthKey
from actors.loopback.world.parties import Account

__all__ = ["Key", "KeyRing"]

KEY_BYTES = 256
REMEMBERED_SESSIONS = 100


def _salt() -> int:
    return secrets.randbits(62) + 1  # not 0: that is what clients start with


@dataclass(slots=True, eq=False)
class Key:
    """One login: its key, salt, account (None: nobody yet), why it is dead, and the MTProto sessions seen."""

    auth: AuthKey = field(repr=False)
    account: Account | None = None
    dead: str | None = None
    salt: int = field(default_factory=_salt, repr=False)
    sessions: dict[int, None] = field(default_factory=dict, repr=False)

    def meet(self, session_id: int) -> bool:
        """Tell whether this MTProto session is new to the server, and remember it."""
        if session_id in self.sessions:
            return False
        if len(self.sessions) >= REMEMBERED_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        self.sessions[session_id] = None
        return True


class KeyRing:
    """All keys, by id."""

    def __init__(self) -> None:
        self._keys: dict[int, Key] = {}

    def get(self, key_id: int) -> Key | None:
        """Return the key with this id, or None."""
        return self._keys.get(key_id)

    def add(self, auth: AuthKey, account: Account | None = None) -> Key:
        """Take in a key."""
        key = self._keys[auth.id] = Key(auth, account)
        return key

    def mint(self, account: Account) -> Key:
        """Make a key that is logged in already; without a leading or trailing zero, which some clients lose."""
        while True:
            data = secrets.token_bytes(KEY_BYTES)
            if data[0] and data[-1]:
                return self.add(AuthKey(data), account)

    def of(self, account: Account) -> list[Key]:
        """Return the keys that an account is logged in with."""
        return [key for key in self._keys.values() if key.account is account]

    def revoke(self, account: Account, reason: str) -> int:
        """Log an account out everywhere; later calls get `reason`. Return how many keys that were."""
        keys = self.of(account)
        for key in keys:
            key.account, key.dead = None, reason
        return len(keys)
