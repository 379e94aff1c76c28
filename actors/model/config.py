"""Settings of a session and of a system, validated when they are built.

A setting does nothing by itself. A config's repr shows neither key nor hash, so that secrets don't leak into logs.
Users build a `SessionConfig`; the system and the session actors read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from actors.model.errors import InvalidInput
from actors.model.policies import DEFAULT_POLICIES, OperationPolicy, is_duration, policy_for
from actors.model.resilience import Backoff, FleetBrake, HealthPolicy, RestartPolicy

__all__ = ["ServerAddress", "SessionConfig", "SystemConfig"]

MAILBOX_CAPACITY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """The address of a server other than Telegram's: host, port (1 to 65535), and its RSA public key as PEM text."""

    host: str
    port: int
    public_key: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a port that can't exist."""
        if not 1 <= self.port <= 65535:  # noqa: PLR2004  TCP's range
            raise InvalidInput(field="server.port", problem=f"must be 1 to 65535, not {self.port}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """One account: how to reach it, and how to treat its operations.

    name: unique in the system; session: a Telethon `StringSession` string of a logged-in account; server: Telegram's
    own by default; proxy: as Telethon takes it; labels: your own; policies: rows that replace those of the table;
    capacity: operations that may wait (1 and up); due_after: the share of its wait timeout (0 to 1) after which an
    operation that waits goes before all others, None for strict priority; health: when a quiet connection is asked
    whether it lives, None for never; client_factory: called with the keyword arguments that the library would give
    `TelegramClient`, returns one that isn't connected yet.

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
    client_factory: Callable[..., Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Name the first field that can't work, and never a secret's value."""
        if not isinstance(self.name, str) or not self.name.strip():
            raise InvalidInput(field="name", problem="must be a non-empty string")
        if not isinstance(self.api_id, int) or isinstance(self.api_id, bool) or self.api_id <= 0:
            raise InvalidInput(field="api_id", problem="must be a positive whole number (my.telegram.org)")
        if not isinstance(self.api_hash, str) or not self.api_hash:
            raise InvalidInput(field="api_hash", problem="must be a non-empty string (my.telegram.org)")
        if not isinstance(self.session, str):
            raise InvalidInput(field="session", problem="must be a Telethon StringSession string")
        if self.capacity < 1:
            raise InvalidInput(field="capacity", problem=f"must be 1 or more, not {self.capacity}")
        if self.due_after is not None and not 0 <= self.due_after <= 1:
            raise InvalidInput(field="due_after", problem=f"must be 0 to 1, or None, not {self.due_after!r}")

    def with_(self, **changes: Any) -> SessionConfig:
        """Return a copy with some fields replaced."""
        return replace(self, **changes)


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
        merged = MappingProxyType({**DEFAULT_POLICIES, **self.policies})
        object.__setattr__(self, "policies", merged)
        for name in (*_TIMES, "stuck_after"):
            value = getattr(self, name)
            if not is_duration(value):
                raise InvalidInput(field=name, problem=f"must be a number of seconds above 0, not {value!r}")
        if self.drain != 0 and not is_duration(self.drain):
            raise InvalidInput(field="drain", problem=f"must be 0 seconds or more, not {self.drain!r}")
        if not isinstance(self.traces, int) or self.traces < 0:
            raise InvalidInput(field="traces", problem=f"must be a whole number of 0 or more, not {self.traces!r}")

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


_TIMES = ("start_timeout", "stop_timeout", "connect_timeout", "disconnect_timeout", "cancel_grace")
