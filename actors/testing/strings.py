"""Telethon's StringSession, written without Telethon: version 1, dc, IPv4 or IPv6 address, port, 256 bytes of key.

The layout is that of telethon/sessions/string.py (1.45): `>B{4|16}sH256s` in url-safe base64 behind a "1". It reads no
session strings. The kit uses it.
"""

from __future__ import annotations

import base64
import ipaddress
import struct

__all__ = ["session_string"]

VERSION = "1"
DC = 2  # the loopback's only data centre


def session_string(host: str, port: int, key: bytes) -> str:
    """Return the session string of a login at a server, given the login's 256-byte auth key."""
    address = ipaddress.ip_address(host).packed
    packed = struct.pack(f">B{len(address)}sH256s", DC, address, port, key)
    return VERSION + base64.urlsafe_b64encode(packed).decode("ascii")
