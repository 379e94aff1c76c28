"""What Telethon takes as a proxy, checked before anything is connected. It knows neither Telethon nor python-socks.

Telethon asks for (kind, address, port, rdns, username, password), of which the last three may be left out, or for a
dict of these (telethon.network.connection.Connection._parse_proxy). A session's config uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from actors.model.checks import check_count, check_kind, check_text
from actors.model.errors import InvalidInput

__all__ = ["check_proxy"]

PARTS = ("proxy_type", "addr", "port", "rdns", "username", "password")
NEEDED = 3
"""Of the parts, so many from the first one on."""

KINDS = ("socks4", "socks5", "http")
NUMBERS = (1, 2, 3)
"""Their numbers in PySocks, and in python-socks."""

SHAPE = "a tuple (proxy_type, addr, port), with rdns, username and password behind them or not, or a dict of these"


def check_proxy(value: object) -> None:
    """Refuse what is no proxy; None is none. Nothing of it is shown: it may hold a password."""
    if value is None:
        return
    check_kind("proxy", value, tuple | list | dict, f"{SHAPE}; or None")
    parts = _parts(value)
    _check_kind_of(parts["proxy_type"])
    check_text("proxy.addr", parts["addr"])
    check_count("proxy.port", parts["port"], least=1, most=65535)
    check_kind("proxy.rdns", parts.get("rdns", True), bool)
    check_text("proxy.username", parts.get("username"), or_empty=True, or_none=True)
    check_text("proxy.password", parts.get("password"), or_empty=True, or_none=True)


def _parts(value: Any) -> Mapping[str, Any]:
    """Return a proxy's parts by Telethon's names."""
    parts = value if isinstance(value, dict) else dict(zip(PARTS, value, strict=False))
    is_whole = set(PARTS[:NEEDED]) <= parts.keys() <= set(PARTS)
    if not is_whole or len(value) > len(PARTS):
        raise InvalidInput(field="proxy", problem=f"must be {SHAPE}; it has other parts")
    return parts


def _check_kind_of(kind: object) -> None:
    name = kind.name if isinstance(kind, Enum) else kind  # python_socks.ProxyType is one
    is_number = isinstance(name, int) and not isinstance(name, bool) and name in NUMBERS
    is_name = isinstance(name, str) and name.lower() in KINDS
    if not (is_number or is_name):
        raise InvalidInput(field="proxy.proxy_type", problem=f"must be one of {', '.join(map(repr, KINDS))}")
