"""Who uses which login. One session string has one owner: Telegram ends a key that two connections fight over.

Owned by the supervisor. It keeps fingerprints of session strings, and not the strings.
"""

from __future__ import annotations

import hashlib

from actors.model.config import SessionConfig
from actors.model.errors import SessionStartFailed, Verdict

__all__ = ["DUPLICATED", "LoginOwners"]

DUPLICATED = "AUTH_KEY_DUPLICATED"
"""What Telegram says when two connections from different places use one key; the key is void from then on."""


class LoginOwners:
    """The logins in use, each with the name of its session, and those that are quarantined."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._logins: dict[str, str] = {}  # the same by name: each of many sessions that end together has to be found
        self._quarantined: dict[str, str] = {}

    def claim(self, config: SessionConfig) -> None:
        """Make a session the owner of its login; SessionStartFailed when it has another, or is quarantined."""
        login = _fingerprint(config)
        if login in self._quarantined:
            reason = "its login was in use elsewhere at the same time and is void now; log in again to get a new one"
            raise SessionStartFailed(name=config.name, reason=reason, verdict=Verdict.SESSION_DEAD)
        if login in self._owners:
            reason = f"session {self._owners[login]!r} has the same login; a login has one owner"
            raise SessionStartFailed(name=config.name, reason=reason, verdict=Verdict.CONFIGURATION)
        self._owners[login] = config.name
        self._logins[config.name] = login

    def release(self, name: str, *, cause: str) -> None:
        """Free the login of a session that has ended; one that proved to have two owners is quarantined instead."""
        login = self._logins.pop(name, None)
        if login is not None:
            del self._owners[login]
            if cause == DUPLICATED:
                self._quarantined[login] = name

    def quarantined(self) -> tuple[str, ...]:
        """Return the names of the sessions whose logins are quarantined."""
        return tuple(self._quarantined.values())


def _fingerprint(config: SessionConfig) -> str:
    return hashlib.sha256(config.session.encode()).hexdigest()
