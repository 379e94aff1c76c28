"""Makes the Telethon clients of one session, one after the other. It connects nothing; the fleet hands it to sessions.

What an account has learned outlives its clients: the peers, and the update state, so that the next client catches up.
"""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from actors.model.client import ClientFactory, ConnectionWatcher
from actors.model.config import SessionConfig
from actors.model.errors import InvalidInput
from actors.telegram.client import LoginTrouble, TelethonClient
from actors.telegram.logs import TELETHON_LOGGER
from actors.telegram.peers import PeerDirectory
from actors.telegram.polls import Polls
from actors.telegram.transport import DirectConnection, Transport

__all__ = ["AccountSession", "telethon_factory"]

CONNECT_TIMEOUT = 10
"""Seconds that one TCP connection may take."""

DEFAULT_DC = 2
"""The data center of a server that has but one."""


class AccountSession(StringSession):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's session, kept in memory. A client that didn't come online never empties it."""

    def set_update_state(self, entity_id: int, state: Any) -> None:
        """Keep what is known when there is nothing newer. A pts of 0 is Telethon's word for 'no state'."""
        if state.pts:
            super().set_update_state(entity_id, state)

    def save(self) -> str:
        """Return the session as a string; empty when its server has a name instead of an IP address."""
        try:
            return str(super().save())
        except ValueError:
            return ""


def telethon_factory(config: SessionConfig) -> ClientFactory:
    """Return the factory of a session's clients. It connects nothing and opens no file.

    Raises InvalidInput, which doesn't show the value, for a session string, a server key or a proxy that can't work.
    """
    session = _session(config)
    directory, trouble, polls = PeerDirectory(), LoginTrouble(), Polls()
    _check_proxy(config)

    def make(watcher: ConnectionWatcher) -> TelethonClient:
        transport = Transport(watcher, session)
        make_client = config.client_factory or _client_class(session.server_address, session.port)
        client = make_client(**_arguments(config, session))
        transport.watch(client)
        return TelethonClient(
            client, name=config.name, directory=directory, transport=transport, trouble=trouble, polls=polls
        )

    return make


def _session(config: SessionConfig) -> AccountSession:
    try:
        session = AccountSession(config.session)
    except Exception:  # noqa: BLE001  what binascii, struct and ipaddress raise shows parts of the string
        raise InvalidInput(field="session", problem="is not a Telethon StringSession string") from None
    if session.auth_key is None:
        raise InvalidInput(field="session", problem="holds no login; make one with StringSession after signing in")
    if config.server is not None:
        _trust(config.server.public_key)
        session.set_dc(session.dc_id or DEFAULT_DC, config.server.host, config.server.port)
    return session


@functools.lru_cache(maxsize=64)
def _trust(public_key: str) -> None:
    """Make a server's key known to Telethon. `telethon.crypto.rsa` keeps keys for the whole process."""
    try:
        rsa.add_key(public_key, old=False)
    except Exception:  # noqa: BLE001  rsa raises whatever its parser meets
        raise InvalidInput(field="server.public_key", problem="is not an RSA public key in PKCS#1 PEM") from None


def _check_proxy(config: SessionConfig) -> None:
    if config.proxy and importlib.util.find_spec("python_socks") is None:
        raise InvalidInput(field="proxy", problem="needs the package python-socks[asyncio], which is not installed")


@functools.cache
def _client_class(host: str, port: int) -> type[TelegramClient]:
    """Return a class of clients of its own for each server: Telethon keeps a server's data centers on the class."""
    return type("TelegramClient", (TelegramClient,), {"server": (host, port)})


def _arguments(config: SessionConfig, session: AccountSession) -> dict[str, Any]:
    """Return the settings of a client.

    Telethon retries a connection once, without a pause. Then it gives up, and the session connects again at its own
    pace. Two attempts of a request matter only to calls on `client.telethon`: Telethon needs the second after it has
    moved to another data center. It never sleeps through a flood wait.
    """
    return {
        "session": session,
        "api_id": config.api_id,
        "api_hash": config.api_hash,
        "connection": DirectConnection,
        "use_ipv6": ":" in (session.server_address or ""),
        "proxy": config.proxy,
        "timeout": CONNECT_TIMEOUT,
        "request_retries": 1,
        "connection_retries": 1,
        "retry_delay": 0,
        "auto_reconnect": True,
        "sequential_updates": False,
        "flood_sleep_threshold": 0,
        "raise_last_call_error": True,
        "device_model": config.device_model,
        "app_version": config.app_version,
        "base_logger": TELETHON_LOGGER,
        "catch_up": True,
    }
