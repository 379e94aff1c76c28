"""The key that proves a server to one client: every connection of the client checks it, and no other client knows it.

Telethon has one table of keys for the whole process (`telethon.crypto.rsa`), from which any server of any client may
choose. It stays Telegram's own: a client whose config names a server brings that server's key along on its
connections, also to other data centers, and there the key is all that counts. Used by the factory and the transport.
"""

from __future__ import annotations

import os
from hashlib import sha1
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from telethon.crypto import rsa
from telethon.network import authenticator

from actors.model.errors import InvalidInput

__all__ = ["ServerKey", "server_key"]

_PADDED = 255
"""Bytes that are encrypted: a hash, the data and chance, as core.telegram.org/mtproto/auth_key had it until 2021."""


_keys: WeakValueDictionary[str, ServerKey] = WeakValueDictionary()
"""By their PEM text, each for as long as there are clients that check it."""


def server_key(public_key: str) -> ServerKey:
    """Return the key that a PEM text is; the sessions of one server share it. Raises InvalidInput."""
    key = _keys.get(public_key)
    if key is None:
        key = _keys[public_key] = ServerKey(public_key)
    return key


class ServerKey:
    """A server's RSA public key. To Telethon's handshake it is what `telethon.crypto.rsa` is else: all keys there are.

    Raises InvalidInput for what isn't a key as PEM text.
    """

    get_byte_array = staticmethod(rsa.get_byte_array)

    def __init__(self, public_key: str) -> None:
        try:
            self._key = rsa.rsa.PublicKey.load_pkcs1(public_key)
        except Exception:  # noqa: BLE001  rsa raises whatever its parser meets
            raise InvalidInput(field="server.public_key", problem="is not an RSA public key in PKCS#1 PEM") from None
        self._fingerprint = rsa._compute_fingerprint(self._key)
        bound = {**_do_authentication.__globals__, "rsa": self}
        self.do_authentication: Any = FunctionType(_do_authentication.__code__, bound)

    def encrypt(self, fingerprint: int, data: bytes, *, use_old: bool = False) -> bytes | None:
        """Return the data encrypted for the key of that fingerprint; None for another server's key."""
        del use_old  # there is one key, and it counts
        if fingerprint != self._fingerprint:
            return None
        padded = sha1(data, usedforsecurity=False).digest() + data
        padded += os.urandom(_PADDED - len(padded))
        n: int = self._key.n
        return pow(int.from_bytes(padded), int(self._key.e), n).to_bytes((n.bit_length() + 7) // 8)


_do_authentication = authenticator.do_authentication


async def _authenticate(sender: Any) -> Any:
    """Make a key with a server, as Telethon does; on a connection that brings a server's key along, with that alone."""
    key: ServerKey | None = getattr(sender._connection, "server_key", None)
    return await (_do_authentication if key is None else key.do_authentication)(sender)


authenticator.do_authentication = _authenticate  # Telethon has no hook: its senders call this by its module
