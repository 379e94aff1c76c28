"""Two-step passwords by SRP: what the server keeps, its challenge, and whether an answer proves the password. Pure.

https://core.telegram.org/api/srp. Every function here is slow (big powers, PBKDF2), so callers run it in a thread.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac, sha256

__all__ = ["GENERATOR", "PRIME", "Challenge", "Password", "challenge", "make_password", "new_salts", "proves"]

ROUNDS = 100_000  # the KDF's name says so: ...PBKDF2HMACSHA512iter100000...
SIZE = 256  # bytes of a number that is hashed
SALT_BYTES = 16
GENERATOR = 3
# The safe prime that Telegram's servers use, which clients know to be good (https://core.telegram.org/mtproto/auth_key).
PRIME = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D22530F4DB"
    "FA336F6E0AC925139543AED44CCE7C3720FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64"
    "2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4A4A695811051907E162753B56B0F6B41"
    "0DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F0D8115F635B105EE2E4E15D04B2454BF"
    "6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)


@dataclass(frozen=True, slots=True)
class Password:
    """What the server keeps of a password: salts, the owner's hint, and a verifier that doesn't reveal the password."""

    salt1: bytes = field(repr=False)
    salt2: bytes = field(repr=False)
    verifier: int = field(repr=False)
    hint: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One question: its id, the server's secret exponent, and the value that the client gets."""

    id: int
    secret: int = field(repr=False)
    value: bytes = field(repr=False)


def new_salts() -> tuple[bytes, bytes]:
    """Return salts for a new password."""
    return secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES)


def _padded(number: int) -> bytes:
    return number.to_bytes(SIZE, "big")


def _number(*parts: bytes) -> int:
    return int.from_bytes(sha256(b"".join(parts)).digest(), "big")


def _salted(data: bytes, salt: bytes) -> bytes:
    return sha256(salt + data + salt).digest()


def make_password(text: str, hint: str) -> Password:
    """Return what to keep of a password."""
    salt1, salt2 = new_salts()
    first = _salted(_salted(text.encode(), salt1), salt2)
    second = _salted(pbkdf2_hmac("sha512", first, salt1, ROUNDS), salt2)
    verifier = pow(GENERATOR, int.from_bytes(second, "big"), PRIME)
    return Password(salt1, salt2, verifier, hint)


def challenge(password: Password) -> Challenge:
    """Return a new question about a password."""
    secret = secrets.randbits(8 * SIZE)
    multiplier = _number(_padded(PRIME), _padded(GENERATOR))
    value = (multiplier * password.verifier + pow(GENERATOR, secret, PRIME)) % PRIME
    return Challenge(secrets.randbits(62) + 1, secret, _padded(value))


def proves(password: Password, asked: Challenge, public: bytes, proof: bytes) -> bool:
    """Tell whether a client's answer (its public value A and its proof M1) shows that it knows the password."""
    shown = int.from_bytes(public, "big")
    if not 0 < shown < PRIME:
        return False
    mixed = _number(_padded(shown), asked.value)
    shared = pow(shown * pow(password.verifier, mixed, PRIME) % PRIME, asked.secret, PRIME)
    group = bytes(a ^ b for a, b in zip(_hash(_padded(PRIME)), _hash(_padded(GENERATOR)), strict=True))
    salts = _hash(password.salt1) + _hash(password.salt2)
    expected = _hash(group + salts + _padded(shown) + asked.value + _hash(_padded(shared)))
    return hmac.compare_digest(expected, proof)


def _hash(data: bytes) -> bytes:
    return sha256(data).digest()
