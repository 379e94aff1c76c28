"""The server's RSA key. Every server makes a new one, and clients know it by its fingerprint.

It encrypts no messages: it only protects the first step of the key exchange (handshake.py).
"""

from __future__ import annotations

import struct
from hashlib import sha1

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

__all__ = ["ServerKey"]

KEY_BITS = 2048  # what Telegram's clients expect: 256 bytes of encrypted_data
PUBLIC_EXPONENT = 65537


def _tl_bytes(number: int) -> bytes:
    """Return a number as TL `bytes`, big endian (https://core.telegram.org/mtproto/serialize#base-types)."""
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")  # noqa: PLR2004  TL's mark for a long string
    return head + data + bytes(-(len(head) + len(data)) % 4)


class ServerKey:
    """A 2048-bit key, fresh if none is given: `pem` for clients, `fingerprint`, raw decryption for the handshake."""

    def __init__(self, private: rsa.RSAPrivateKey | None = None) -> None:
        private = private or rsa.generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=KEY_BITS)
        public = private.public_key()
        self._numbers = private.private_numbers()
        self.pem: str = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
        digest = sha1(_tl_bytes(public.public_numbers().n) + _tl_bytes(PUBLIC_EXPONENT), usedforsecurity=False).digest()
        self.fingerprint: int = struct.unpack("<q", digest[-8:])[0]

    def __getstate__(self) -> dict[str, bytes]:
        private = self._numbers.private_key()
        return {"der": private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())}

    def __setstate__(self, state: dict[str, bytes]) -> None:
        private = load_der_private_key(state["der"], password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise TypeError("not an RSA key")
        self.__init__(private)  # type: ignore[misc]  # the one way to fill it

    def __repr__(self) -> str:
        return f"ServerKey(fingerprint={self.fingerprint:#x})"

    def decrypt(self, data: bytes) -> bytes:
        """Return the 255 padded bytes under textbook RSA, by the Chinese remainder theorem (a third of the time)."""
        number, key = int.from_bytes(data, "big"), self._numbers
        by_p = pow(number, key.dmp1, key.p)
        by_q = pow(number, key.dmq1, key.q)
        plain = by_q + (key.iqmp * (by_p - by_q) % key.p) * key.q
        return plain.to_bytes(KEY_BITS // 8, "big")[1:]
