"""Setting up and tearing down monitors. Both are operations, so they are serialised with everything else.

The running monitor is not here: it is a task of the session (`monitor.py`) and holds no slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from actors.errors import InvalidInput
from actors.messages import Monitoring
from actors.operations.base import Operation, OperationContext, checked_peer, checked_range
from actors.policies import MONITORING
from actors.ports import Client, Recipient
from actors.snapshots import Peer

__all__ = ["FromPolicy", "Monitor", "StopMonitoring"]


class FromPolicy(Enum):
    """A value that the policy table has."""

    RUN_TIMEOUT = "run timeout"


@dataclass(frozen=True, slots=True)
class Monitor(Operation[Monitoring]):
    """Send every new message of `chats` (none given: of all chats) to `to` as `MessageReceived`.

    Answered with `Monitoring(id, until)` once it is set up. lifetime: seconds, None for no end; by default the run
    timeout of the policy (3600 s). It runs on through reconnects and restarts, and `to` gets exactly one
    `MonitoringEnded` as its last event. `to` is the ref of any Pykka actor.
    """

    operation_type: ClassVar[str] = MONITORING

    chats: Sequence[str | int | Peer] = ()
    to: Recipient = field(kw_only=True, repr=False)
    lifetime: float | FromPolicy | None = field(default=FromPolicy.RUN_TIMEOUT, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what can't be monitored."""
        if isinstance(self.chats, str | bytes | int | Peer):
            raise InvalidInput(field="chats", problem='must be a list, such as ["@news"]')
        chats = tuple(checked_peer(chat, f"chats[{index}]") for index, chat in enumerate(self.chats))
        object.__setattr__(self, "chats", chats)
        if not isinstance(self.to, Recipient):
            raise InvalidInput(field="to", problem="must be the ref of an actor")
        if isinstance(self.lifetime, int | float) and self.lifetime <= 0:
            raise InvalidInput(field="lifetime", problem=f"must be more than 0 seconds, or None, not {self.lifetime:g}")

    async def run(self, client: Client, context: OperationContext) -> Monitoring:
        """Resolve the chats, then start."""
        peers = [await client.resolve(chat) for chat in self.chats]
        lifetime = context.policy.run_timeout if isinstance(self.lifetime, FromPolicy) else self.lifetime
        return context.session.start_monitor(peers, self.to, lifetime)


@dataclass(frozen=True, slots=True)
class StopMonitoring(Operation[bool]):
    """End a monitor of this session; answered with whether there was one."""

    operation_type: ClassVar[str] = MONITORING

    monitor_id: int

    def __post_init__(self) -> None:
        """Refuse what can't be an id."""
        checked_range("monitor_id", self.monitor_id, least=1)

    async def run(self, client: Client, context: OperationContext) -> bool:  # noqa: ARG002  the client isn't needed
        """Stop it."""
        return context.session.stop_monitor(self.monitor_id)
