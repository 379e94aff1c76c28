"""MTProto 2.0 message encryption, on the server's side. Connections encrypt and decrypt with it.

The key exchange is in handshake.py, and framing in framing.py. AES-IGE comes from cryptg; the key derivation and the
check of the msg_key are here: https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
"""

from __future__ import annotations

import struct
from hashlib import sha1, sha256
from os import urandom
from typing import NamedTuple

import cryptg

__all__ = ["AuthKey", "CannotDecrypt", "Message", "decrypt", "encrypt"]

HEAD = struct.Struct("<qqqii")  # salt, session id, message id, sequence number, length
MIN_PADDING, MAX_PADDING = 12, 1024
BLOCK = 16


class CannotDecrypt(Exception):
    """The packet is not an intact message under this key."""


class Message(NamedTuple):
    """One decrypted message: its envelope and its body."""

    salt: int
    session_id: int
    message_id: int
    sequence: int
    body: bytes


class AuthKey:
    """The 256 shared bytes of one login, and what is derived from them once."""

    __slots__ = ("client_large", "client_parts", "data", "id", "server_large", "server_parts")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.id: int = struct.unpack("<q", sha1(data, usedforsecurity=False).digest()[-8:])[0]
        self.client_large, self.client_parts = data[88:120], (data[0:36], data[40:76])
        self.server_large, self.server_parts = data[96:128], (data[8:44], data[48:84])

    def __repr__(self) -> str:
        return f"AuthKey(id={self.id:#x})"


def _aes(msg_key: bytes, parts: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    a = sha256(msg_key + parts[0]).digest()
    b = sha256(parts[1] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]


def decrypt(key: AuthKey, msg_key: bytes, data: bytes) -> Message:
    """Return the client's message. Raises CannotDecrypt unless length, msg_key and padding are right."""
    if len(data) < HEAD.size + MIN_PADDING or len(data) % BLOCK:
        raise CannotDecrypt
    plain = cryptg.decrypt_ige(data, *_aes(msg_key, key.client_parts))
    if sha256(key.client_large + plain).digest()[8:24] != msg_key:
        raise CannotDecrypt
    salt, session_id, message_id, sequence, length = HEAD.unpack_from(plain)
    padding = len(plain) - HEAD.size - length
    if length < 0 or length % 4 or not MIN_PADDING <= padding <= MAX_PADDING:
        raise CannotDecrypt
    return Message(salt, session_id, message_id, sequence, plain[HEAD.size : HEAD.size + length])


def encrypt(key: AuthKey, message: Message) -> tuple[bytes, bytes]:
    """Return the msg_key and the encrypted data of a message from the server."""
    head = HEAD.pack(message.salt, message.session_id, message.message_id, message.sequence, len(message.body))
    size = HEAD.size + len(message.body)
    plain = head + message.body + urandom(-(size + MIN_PADDING) % BLOCK + MIN_PADDING)
    msg_key = sha256(key.server_large + plain).digest()[8:24]
    return msg_key, cryptg.encrypt_ige(plain, *_aes(msg_key, key.server_parts))
