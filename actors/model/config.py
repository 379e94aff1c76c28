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
from actors.model.policies import DEFAULT_POLICIES, OperationPolicy
from actors.model.resilience import FleetBrake, HealthPolicy

__all__ = ["Ageing", "ServerAddress", "SessionConfig", "SystemConfig"]

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
class Ageing:
    """When a waiting operation becomes due: after this share (0 to 1) of its wait timeout."""

    share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a share outside 0 to 1."""
        if not 0 <= self.share <= 1:
            raise InvalidInput(field="ageing.share", problem=f"must be 0 to 1, not {self.share:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """One account: how to reach it, and how to treat its operations.

    - name: unique in the system.
    - session: a Telethon `StringSession` string of a logged-in account.
    - server: another server than Telegram's own.
    - proxy: as Telethon takes it.
    - labels: names and values of your own; the library doesn't read them.
    - policies: rows that replace those of the policy table for this session.
    - capacity: how many operations may wait, 1 or more.
    - ageing: when a waiting operation becomes due; None for strict priority.
    - health: when a quiet connection is asked whether it lives; None for never.
    - client_factory: a function that takes the keyword arguments the library would give `TelegramClient`, and returns a
      client that isn't connected yet.

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
    ageing: Ageing | None = field(default_factory=Ageing)
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

    def with_(self, **changes: Any) -> SessionConfig:
        """Return a copy with some fields replaced."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemConfig:
    """What holds for every session of a system. Times are seconds.

    - policies: the policy table.
    - start_timeout: how long a session may take to come online.
    - stop_timeout: how long the whole shutdown may take.
    - drain: how long a stopping session gives the operations that it has accepted.
    - brake: how reconnects are spread out when many sessions fail together.
    """

    policies: Mapping[str, OperationPolicy] = field(default_factory=lambda: DEFAULT_POLICIES)
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    drain: float = 10.0
    brake: FleetBrake = field(default_factory=FleetBrake)

    def __post_init__(self) -> None:
        """Fill the table up with the default rows. Refuse times that could never work."""
        merged = MappingProxyType({**DEFAULT_POLICIES, **self.policies})
        object.__setattr__(self, "policies", merged)
        for name in ("start_timeout", "stop_timeout"):
            if getattr(self, name) <= 0:
                raise InvalidInput(field=name, problem=f"must be more than 0 seconds, not {getattr(self, name):g}")
        if self.drain < 0:
            raise InvalidInput(field="drain", problem=f"must be 0 seconds or more, not {self.drain:g}")

    def policies_of(self, session: SessionConfig) -> Mapping[str, OperationPolicy]:
        """Return the table for one session: the session's own rows replace those of the system."""
        return {**self.policies, **session.policies}
