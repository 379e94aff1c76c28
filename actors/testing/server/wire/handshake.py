"""The key exchange of one connection: three questions and three answers give a shared key. It has no socket, no clock.

https://core.telegram.org/mtproto/auth_key, with the RSA padding that Telethon sends (sha1 + data + random, 255 bytes).
The connection hands it the unencrypted messages of a client that has no key yet.
"""

from __future__ import annotations

import secrets
from hashlib import sha1
from typing import Any

import cryptg

from actors.testing.server.tl import MalformedRequest, encode, functions, parse, types
from actors.testing.server.wire.cipher import AuthKey
from actors.testing.server.wire.rsa_key import ServerKey

__all__ = ["Handshake", "HandshakeFailed"]

# The proof of work: the two primes of Telegram's own worked example (https://core.telegram.org/mtproto/samples-auth_key).
P, Q = 0x494C553B, 0x53911073
# RFC 3526, group 14: a 2048-bit safe prime that is 7 modulo 8, so that 2 generates the subgroup of prime order.
DH_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
KEY_BYTES = 256


class HandshakeFailed(Exception):
    """The client broke the protocol. Its connection must be closed."""


def _sha1(data: bytes) -> bytes:
    return sha1(data, usedforsecurity=False).digest()


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _little(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)


class Handshake:
    """One key exchange. `answer(body, now)` takes the client's message. `key` is set once both sides share one."""

    def __init__(self, server_key: ServerKey) -> None:
        self.key: AuthKey | None = None
        self._server_key = server_key
        self._nonce = self._server_nonce = self._new_nonce = 0
        self._secret = 0
        self._aes: tuple[bytes, bytes] = (b"", b"")
        self._steps = {
            functions.ReqPqRequest: self._offer_pq,
            functions.ReqPqMultiRequest: self._offer_pq,
            functions.ReqDHParamsRequest: self._offer_dh,
            functions.SetClientDHParamsRequest: self._agree,
        }

    def answer(self, body: bytes, now: int) -> Any:
        """Return the TL answer to one unencrypted message at Unix time `now`. Raises HandshakeFailed."""
        try:
            request = parse(body)
            step = self._steps[type(request)]
            return step(request, now)
        except (MalformedRequest, KeyError, ValueError, OverflowError) as error:
            raise HandshakeFailed from error

    def _offer_pq(self, request: Any, _now: int) -> Any:
        self._nonce = request.nonce
        self._server_nonce = int.from_bytes(secrets.token_bytes(16), "little", signed=True)
        return types.ResPQ(self._nonce, self._server_nonce, _big_endian(P * Q), [self._server_key.fingerprint])

    def _check(self, message: Any) -> None:
        if not self._server_nonce or (message.nonce, message.server_nonce) != (self._nonce, self._server_nonce):
            raise HandshakeFailed

    def _read_inner(self, data: bytes) -> Any:
        """Return the object between its 20-byte sha1 and the random padding, if the sha1 is right."""
        inner = parse(data[20:])
        if _sha1(encode(inner)) != data[:20]:
            raise HandshakeFailed
        self._check(inner)
        return inner

    def _offer_dh(self, request: Any, now: int) -> Any:
        self._check(request)
        if request.public_key_fingerprint != self._server_key.fingerprint:
            raise HandshakeFailed
        inner = self._read_inner(self._server_key.decrypt(request.encrypted_data))
        self._new_nonce = inner.new_nonce
        self._derive_aes()
        self._secret = secrets.randbits(KEY_BYTES * 8 - 1)
        answer = encode(
            types.ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=self._server_nonce,
                g=GENERATOR,
                dh_prime=_big_endian(DH_PRIME),
                g_a=_big_endian(pow(GENERATOR, self._secret, DH_PRIME)),
                server_time=now,
            )
        )
        padded = _sha1(answer) + answer
        padded += secrets.token_bytes(-len(padded) % 16)
        return types.ServerDHParamsOk(self._nonce, self._server_nonce, cryptg.encrypt_ige(padded, *self._aes))

    def _derive_aes(self) -> None:
        new, server = _little(self._new_nonce, 32), _little(self._server_nonce, 16)
        first, second, third = _sha1(new + server), _sha1(server + new), _sha1(new + new)
        self._aes = (first + second[:12], second[12:20] + third + new[:4])

    def _agree(self, request: Any, _now: int) -> Any:
        self._check(request)
        if not self._secret or len(request.encrypted_data) % 16:
            raise HandshakeFailed
        inner = self._read_inner(cryptg.decrypt_ige(request.encrypted_data, *self._aes))
        g_b = int.from_bytes(inner.g_b, "big")
        margin = 1 << (KEY_BYTES * 8 - 64)  # the range that Telegram asks both sides to check
        if not margin <= g_b <= DH_PRIME - margin:
            raise HandshakeFailed
        shared = pow(g_b, self._secret, DH_PRIME).to_bytes(KEY_BYTES, "big")
        if shared[0] == 0:
            # Clients disagree on whether to keep leading zeros (Telethon drops them): ask for another g_b instead.
            return types.DhGenRetry(self._nonce, self._server_nonce, self._nonce_hash(shared, 2))
        self.key = AuthKey(shared)
        return types.DhGenOk(self._nonce, self._server_nonce, self._nonce_hash(shared, 1))

    def _nonce_hash(self, shared: bytes, number: int) -> int:
        data = _little(self._new_nonce, 32) + bytes([number]) + _sha1(shared)[:8]
        return int.from_bytes(_sha1(data)[4:20], "little", signed=True)
