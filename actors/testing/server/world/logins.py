"""Logins under way: codes sent to phone numbers, and tokens shown as QR codes. methods/auth.py and tokens.py use it.

It knows accounts by id alone, and has no clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

__all__ = ["CODE_LENGTH", "Logins", "QrToken", "SentCode"]

CODE_LENGTH = 5
TOKEN_BYTES = 32
TOKEN_SECONDS = 30  # how long a QR code can be scanned


@dataclass(frozen=True, slots=True)
class SentCode:
    """A login code, and the hash by which a client refers to it."""

    code: str = field(repr=False)
    hash: str = field(repr=False)


@dataclass(slots=True)
class QrToken:
    """A QR code on the screen of the client with this key. account: who scanned it; None for nobody yet."""

    token: bytes = field(repr=False)
    key: int
    expires: int
    account: int | None = None


def _digits() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))


class Logins:
    """All logins that are under way at a server."""

    def __init__(self) -> None:
        self.codes: dict[str, SentCode] = {}  # by phone
        self._tokens: dict[bytes, QrToken] = {}

    def send_code(self, phone: str, code_hash: str | None = None) -> SentCode:
        """Make a new code for a phone number, under a new hash unless one is given."""
        sent = self.codes[phone] = SentCode(_digits(), code_hash or secrets.token_hex(9))
        return sent

    def show_token(self, key: int, now: int) -> QrToken:
        """Return the token of a key: the one that was scanned, or a new one in place of its last."""
        mine = [token for token in self._tokens.values() if token.key == key]
        scanned = next((token for token in mine if token.account is not None), None)
        if scanned is not None:
            return scanned
        for token in mine:
            del self._tokens[token.token]
        made = QrToken(secrets.token_bytes(TOKEN_BYTES), key, now + TOKEN_SECONDS)
        self._tokens[made.token] = made
        return made

    def token(self, token: bytes) -> QrToken | None:
        """Return what is known of a token, or None."""
        return self._tokens.get(token)

    def forget_token(self, token: QrToken) -> None:
        """Drop a token, because it has led to a login."""
        self._tokens.pop(token.token, None)
