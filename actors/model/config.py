"""Settings of a session and of a system, validated when they are built.

A setting does nothing by itself. A config's repr shows neither key nor hash, so that secrets don't leak into logs.
Users build a `SessionConfig`; the system and the session actors read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from types import MappingProxyType
from typing import Any

from actors.model.checks import (
    HIGHEST_ID,
    check_count,
    check_function,
    check_kind,
    check_seconds,
    check_share,
    check_table,
    check_text,
)
from actors.model.errors import InvalidInput
from actors.model.policies import DEFAULT_POLICIES, OperationPolicy, policy_for
from actors.model.proxy import check_proxy
from actors.model.resilience import Backoff, FleetBrake, HealthPolicy, RestartPolicy

__all__ = ["ServerAddress", "SessionConfig", "SystemConfig"]

MAILBOX_CAPACITY = 100

NAMES_FOR = 86_400.0
"""Seconds, a day: long enough for a program that writes to the same people not to ask for their names each time, as
contacts.resolveUsername is flooded first, and shorter than anybody takes to find a name that somebody gave up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """The address of a server other than Telegram's: host, port (1 to 65535), and its RSA public key as PEM text."""

    host: str
    port: int
    public_key: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what can't be an address."""
        check_text("server.host", self.host)
        check_count("server.port", self.port, least=1, most=65535)
        check_text("server.public_key", self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """One account: how to reach it, and how to treat its operations.

    name: unique in the system; api_id, api_hash: your program's, from my.telegram.org; session: a Telethon
    `StringSession` string of a logged-in account; server: Telegram's own by default; proxy: as Telethon takes it, which
    is (kind, address, port, rdns, username, password) or a dict of these, the kind being `socks5`, `socks4` or `http`
    and the last three left out or not; labels: your own; policies: rows that replace those of the table; capacity:
    operations that may wait (1 and up); due_after: the share of its wait timeout (0 to 1) after which an operation that
    waits goes before all others, None for strict priority; health: when a quiet connection is asked whether it lives,
    None for never; names_for: seconds for which a username is taken to be the same account's as before, when somebody
    is to be written to (0: never, None: always; reading goes by what is known); client_factory: a plain function that
    is called with the keyword arguments that the library would give `TelegramClient`, and returns one that isn't
    connected yet.

    Raises InvalidInput, which names the field, for what can't work.
    """

    name: str
    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(repr=False)
    server: ServerAddress | None = None
    proxy: Any = field(default=None, repr=False)
    device_model: str | None = None
    app_version: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, OperationPolicy] = field(default_factory=dict)
    capacity: int = MAILBOX_CAPACITY
    due_after: float | None = 0.5
    health: HealthPolicy | None = field(default_factory=HealthPolicy)
    names_for: float | None = NAMES_FOR
    client_factory: Callable[..., Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Name the first field that can't work, and never a secret's value."""
        check_text("name", self.name)
        check_count("api_id", self.api_id, least=1, most=HIGHEST_ID)
        check_text("api_hash", self.api_hash)
        check_text("session", self.session, or_empty=True)
        check_kind("server", self.server, ServerAddress | None)
        check_proxy(self.proxy)
        check_text("device_model", self.device_model, or_none=True)
        check_text("app_version", self.app_version, or_none=True)
        check_table("labels", self.labels, str)
        check_table("policies", self.policies, OperationPolicy)
        check_count("capacity", self.capacity, least=1)
        check_share("due_after", self.due_after, or_none=True)
        check_kind("health", self.health, HealthPolicy | None)
        check_seconds("names_for", self.names_for, or_zero=True, or_none=True)
        check_function("client_factory", self.client_factory, or_none=True)
        if _is_async(self.client_factory):
            problem = "must be a plain function, not an async one: it only makes a client, and connects nothing"
            raise InvalidInput(field="client_factory", problem=problem)

    def with_(self, **changes: Any) -> SessionConfig:
        """Return a copy with some fields replaced."""
        return replace(self, **changes)


def _is_async(function: object) -> bool:
    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemConfig:
    """What holds for every session of a system. Times are seconds.

    policies: rows that replace those of the policy table, or are added to it; its `permits` are the system's alone.
    start_timeout: for a session to come online; stop_timeout: for the whole shutdown; drain: what a session's stop
    gives its accepted operations. connect_timeout, disconnect_timeout: for one attempt at a connection, its first
    answer included, and for closing one. cancel_grace: what a cancelled task gets to end before it is abandoned.
    backoff: between attempts of operations and of connections; restarts: how often a session's client may be replaced;
    brake: how reconnects are spread when many fail together. stuck_after: how long the loop may be blocked before its
    stack is logged. traces: how many ended operations `why` still knows, each about 1 KiB.

    Raises InvalidInput, naming the field, for what can't work.
    """

    policies: Mapping[str, OperationPolicy] = field(default_factory=lambda: DEFAULT_POLICIES)
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    drain: float = 10.0
    connect_timeout: float = 20.0
    disconnect_timeout: float = 3.0
    cancel_grace: float = 3.0
    backoff: Backoff = field(default_factory=Backoff)
    restarts: RestartPolicy = field(default_factory=RestartPolicy)
    brake: FleetBrake = field(default_factory=FleetBrake)
    stuck_after: float = 1.0
    traces: int = 1000

    def __post_init__(self) -> None:
        """Fill the table up with the default rows, and refuse what could never work."""
        check_table("policies", self.policies, OperationPolicy)
        merged = MappingProxyType({**DEFAULT_POLICIES, **self.policies})
        object.__setattr__(self, "policies", merged)
        for name in _TIMES:
            check_seconds(name, getattr(self, name), or_zero=name == "drain")
        check_kind("backoff", self.backoff, Backoff)
        check_kind("restarts", self.restarts, RestartPolicy)
        check_kind("brake", self.brake, FleetBrake)
        check_count("traces", self.traces)

    def policies_of(self, session: SessionConfig) -> Mapping[str, OperationPolicy]:
        """Return the table for one session: its own rows before the system's, with the system's permits.

        Raises InvalidInput for a row of the session's that has permits of its own.
        """
        table = dict(self.policies)
        for operation_type, row in session.policies.items():
            permits = policy_for(operation_type, self.policies).permits
            if row.permits not in (None, permits):
                problem = "belongs to the whole system: give the row to open_system(policies=...)"
                raise InvalidInput(field=f"policies[{operation_type!r}].permits", problem=problem)
            table[operation_type] = row.with_(permits=permits)
        return table


_TIMES = (
    "start_timeout",
    "stop_timeout",
    "drain",
    "connect_timeout",
    "disconnect_timeout",
    "cancel_grace",
    "stuck_after",
)
