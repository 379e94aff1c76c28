"""Makes the Telethon clients of one session, one after the other. It connects nothing; the fleet hands it to sessions.

What an account has learned outlives its clients: the peers, and the update state, so that the next client catches up.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from inspect import iscoroutine
from typing import Any
from weakref import WeakValueDictionary

from telethon import TelegramClient, types
from telethon.sessions import StringSession

from actors.model.client import ClientFactory, ClientOwner
from actors.model.config import SessionConfig
from actors.model.content import Peer
from actors.model.errors import InvalidInput, TelegramError, Verdict
from actors.telegram.client import LoginTrouble, TelethonClient
from actors.telegram.logs import TELETHON_LOGGER
from actors.telegram.oddities import Oddities
from actors.telegram.peers import PeerDirectory, marked_id
from actors.telegram.polls import Polls
from actors.telegram.server_key import server_key
from actors.telegram.transport import DirectConnection, Transport

__all__ = ["AccountSession", "telethon_factory"]

CONNECT_TIMEOUT = 10
"""Seconds that one TCP connection may take."""

DEFAULT_DC = 2
"""The data center of a server that has but one."""


_ENTITIES = (types.User, types.Chat, types.Channel)
"""What some requests are answered with as it is, such as account.updateUsername."""


class AccountSession(StringSession):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's session, kept in memory. A client that didn't come online never empties it.

    Its entities are those of the account's directory: what Telethon shows it of each answer and each update, the
    directory learns, and Telethon finds there whom the account has met. Telethon's own would grow without end, and look
    through all of them each time. No phone number is kept. on_delete: called when its client has logged out.
    """

    on_delete: Callable[[], None] | None = None

    def __init__(self, string: str | None = None) -> None:
        super().__init__(string)
        self.directory = PeerDirectory()

    def delete(self) -> None:
        """Say that the login is over: Telethon deletes a session when `log_out()` has succeeded."""
        if self.on_delete is not None:
            self.on_delete()

    def process_entities(self, tlo: Any) -> None:
        """Learn who came with an answer or an update, also with updates inside it (ChatInviteJoinResultOk)."""
        met = tlo if isinstance(tlo, list) else [tlo] if isinstance(tlo, _ENTITIES) else []
        for several in (getattr(tlo, "users", None), getattr(tlo, "chats", None)):
            if isinstance(several, list):
                met = met + several
        for one in (getattr(tlo, "user", None), getattr(tlo, "chat", None)):
            if one is not None:
                met = [*met, one]
        if met:
            self.directory.learn(met)
        inside = getattr(tlo, "updates", None)
        if inside is not None and not isinstance(inside, list):
            self.process_entities(inside)

    def get_entity_rows_by_phone(self, phone: str) -> None:
        """Return nobody: Telethon asks contacts.getContacts instead."""

    def get_entity_rows_by_username(self, username: str) -> tuple[int, int] | None:
        """Return whom a username means: marked id and hash."""
        return _row(self.directory.by_name(username.lower()))

    def get_entity_rows_by_name(self, name: str) -> tuple[int, int] | None:
        """Return somebody who is called so."""
        return _row(self.directory.by_title(name))

    def get_entity_rows_by_id(self, number: int, exact: bool = True) -> tuple[int, int] | None:
        """Return whom an id means; nobody for one that several have, unless it is a channel whose updates are counted.

        exact: the id is marked, so that a positive one is a user's. Telethon asks for the account itself as 0, and for
        counted channels by ids that aren't marked.
        """
        if number == 0:
            return (0, self.directory.me) if self.directory.me else None
        if not exact and number in self._update_states:
            number, exact = marked_id("channel", number), True
        if exact:
            return _row(self.directory.addressable(number))
        try:
            return _row(self.directory.by_id(number))
        except InvalidInput:
            return None

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


def _row(peer: Peer | None) -> tuple[int, int] | None:
    return None if peer is None else (marked_id(peer.kind, peer.id), peer.access_hash)


def telethon_factory(config: SessionConfig) -> ClientFactory:
    """Return the factory of a session's clients. It connects nothing and opens no file.

    Raises InvalidInput, which doesn't show the value, for a session string, a server key or a proxy that can't work;
    and so does what it returns, for a `client_factory` that makes no client.
    """
    session = _session(config)
    key = None if config.server is None else server_key(config.server.public_key)
    directory, trouble, odd, polls = session.directory, LoginTrouble(), Oddities(), Polls()
    directory.names_for = config.names_for
    _check_proxy(config)

    def make(owner: ClientOwner) -> TelethonClient:
        transport = Transport(owner, session, key)
        session.on_delete = lambda: owner.logged_out(_logged_out(config.name))
        make_client = config.client_factory or _client_class(session.server_address, session.port)
        client = _checked(make_client(**_arguments(config, session)), session)
        transport.watch(client)
        return TelethonClient(
            client,
            name=config.name,
            directory=directory,
            transport=transport,
            owner=owner,
            trouble=trouble,
            odd=odd,
            polls=polls,
        )

    return make


def _logged_out(session: str) -> TelegramError:
    return TelegramError(verdict=Verdict.SESSION_DEAD, name="LOGGED_OUT", method="auth.logOut", session=session)


def _session(config: SessionConfig) -> AccountSession:
    try:
        session = AccountSession(config.session)
    except Exception:  # noqa: BLE001  what binascii, struct and ipaddress raise shows parts of the string
        raise InvalidInput(field="session", problem="is not a Telethon StringSession string") from None
    if session.auth_key is None:
        raise InvalidInput(field="session", problem="holds no login; make one with StringSession after signing in")
    if config.server is not None:
        session.set_dc(session.dc_id or DEFAULT_DC, config.server.host, config.server.port)
    return session


def _check_proxy(config: SessionConfig) -> None:
    if config.proxy and importlib.util.find_spec("python_socks") is None:
        raise InvalidInput(field="proxy", problem="needs the package python-socks[asyncio], which is not installed")


def _checked(client: Any, session: AccountSession) -> TelegramClient:
    """Return what a factory of the user's has made, if it is a client, and one of this session."""
    if isinstance(client, TelegramClient):
        if client.session is not session:  # it learns whom the account knows, and what it has missed
            problem = "must give its client the session that it is called with"
            raise InvalidInput(field="client_factory", problem=problem)
        return client
    if iscoroutine(client):
        client.close()  # or Python would say that nobody has awaited it
    made = "nothing" if client is None else type(client).__name__
    raise InvalidInput(field="client_factory", problem=f"must return a TelegramClient, and has returned {made}")


_classes: WeakValueDictionary[tuple[str, int], type[TelegramClient]] = WeakValueDictionary()
"""By the server that they are for, each for as long as there are clients of it."""


def _client_class(host: str, port: int) -> type[TelegramClient]:
    """Return a class of clients of its own for each server: Telethon keeps a server's data centers on the class."""
    made = _classes.get((host, port))
    if made is None:
        made = _classes[host, port] = type("TelegramClient", (TelegramClient,), {"server": (host, port)})
    return made


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
