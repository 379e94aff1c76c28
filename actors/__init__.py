"""Telegram accounts as actors: Telethon sessions on Pykka, under a supervisor.

Everything that users need is here; the modules below are its parts. Names are loaded when they are first used, so that
importing the package, as the pytest plugin does in every run, costs nothing.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actors.config import (
        Ageing as Ageing,
        ServerAddress as ServerAddress,
        SessionConfig as SessionConfig,
        SystemConfig as SystemConfig,
    )
    from actors.errors import (
        ActorsError as ActorsError,
        AskCycle as AskCycle,
        BlockingCallError as BlockingCallError,
        FloodWait as FloodWait,
        InvalidInput as InvalidInput,
        MailboxFull as MailboxFull,
        NameTaken as NameTaken,
        OperationCancelled as OperationCancelled,
        OperationError as OperationError,
        OperationRejected as OperationRejected,
        OperationTimeout as OperationTimeout,
        OutcomeUnknown as OutcomeUnknown,
        QueueWaitTimeout as QueueWaitTimeout,
        SessionStartFailed as SessionStartFailed,
        TelegramError as TelegramError,
        UnknownSession as UnknownSession,
        Verdict as Verdict,
    )
    from actors.messages import (
        CancelOperation as CancelOperation,
        DeadLetter as DeadLetter,
        Event as Event,
        FloodWaiting as FloodWaiting,
        GetSession as GetSession,
        GetStatus as GetStatus,
        GetSystemStatus as GetSystemStatus,
        LiftRestriction as LiftRestriction,
        MessageReceived as MessageReceived,
        Monitoring as Monitoring,
        MonitoringEnded as MonitoringEnded,
        OperationFailed as OperationFailed,
        Progress as Progress,
        Request as Request,
        RestartSession as RestartSession,
        SessionDown as SessionDown,
        SessionOffline as SessionOffline,
        SessionOnline as SessionOnline,
        SessionRestarted as SessionRestarted,
        StartSession as StartSession,
        StopSession as StopSession,
        Subscribe as Subscribe,
        Unsubscribe as Unsubscribe,
    )
    from actors.operations import (
        Call as Call,
        CallInThread as CallInThread,
        Checkpoint as Checkpoint,
        Monitor as Monitor,
        Operation as Operation,
        OperationContext as OperationContext,
        QueuedOperation as QueuedOperation,
        ResumableOperation as ResumableOperation,
        ScrapeHistory as ScrapeHistory,
        ScrapeParticipants as ScrapeParticipants,
        SendMessage as SendMessage,
        StopMonitoring as StopMonitoring,
    )
    from actors.phases import Phase as Phase
    from actors.policies import (
        DEFAULT_POLICIES as DEFAULT_POLICIES,
        OperationPolicy as OperationPolicy,
        operation_priority as operation_priority,
        operation_timeout as operation_timeout,
    )
    from actors.ports import Client as Client, Recipient as Recipient
    from actors.registry import TaskRegistryEntry as TaskRegistryEntry
    from actors.runtime import (
        ActorDeadError as ActorDeadError,
        ActorFuture as ActorFuture,
        AsyncioActor as AsyncioActor,
        AsyncSessionRef as AsyncSessionRef,
        SessionRef as SessionRef,
        later as later,
    )
    from actors.session import SessionActor as SessionActor
    from actors.snapshots import (
        Account as Account,
        HoldStatus as HoldStatus,
        Message as Message,
        MonitorStatus as MonitorStatus,
        OperationStatus as OperationStatus,
        Participant as Participant,
        Peer as Peer,
        ScrapedMessages as ScrapedMessages,
        ScrapedParticipants as ScrapedParticipants,
        SentMessage as SentMessage,
        SessionStatus as SessionStatus,
        SystemStatus as SystemStatus,
        TaskStatus as TaskStatus,
    )
    from actors.supervisor import SupervisorActor as SupervisorActor
    from actors.system import AsyncSystem as AsyncSystem, System as System, open_system as open_system

_HOMES = {
    "actors.config": ("Ageing", "ServerAddress", "SessionConfig", "SystemConfig"),
    "actors.errors": (
        "ActorsError",
        "AskCycle",
        "BlockingCallError",
        "FloodWait",
        "InvalidInput",
        "MailboxFull",
        "NameTaken",
        "OperationCancelled",
        "OperationError",
        "OperationRejected",
        "OperationTimeout",
        "OutcomeUnknown",
        "QueueWaitTimeout",
        "SessionStartFailed",
        "TelegramError",
        "UnknownSession",
        "Verdict",
    ),
    "actors.messages": (
        "CancelOperation",
        "DeadLetter",
        "Event",
        "FloodWaiting",
        "GetSession",
        "GetStatus",
        "GetSystemStatus",
        "LiftRestriction",
        "MessageReceived",
        "Monitoring",
        "MonitoringEnded",
        "OperationFailed",
        "Progress",
        "Request",
        "RestartSession",
        "SessionDown",
        "SessionOffline",
        "SessionOnline",
        "SessionRestarted",
        "StartSession",
        "StopSession",
        "Subscribe",
        "Unsubscribe",
    ),
    "actors.operations": (
        "Call",
        "CallInThread",
        "Checkpoint",
        "Monitor",
        "Operation",
        "OperationContext",
        "QueuedOperation",
        "ResumableOperation",
        "ScrapeHistory",
        "ScrapeParticipants",
        "SendMessage",
        "StopMonitoring",
    ),
    "actors.phases": ("Phase",),
    "actors.policies": ("DEFAULT_POLICIES", "OperationPolicy", "operation_priority", "operation_timeout"),
    "actors.ports": ("Client", "Recipient"),
    "actors.registry": ("TaskRegistryEntry",),
    "actors.runtime": ("ActorDeadError", "ActorFuture", "AsyncSessionRef", "AsyncioActor", "SessionRef", "later"),
    "actors.session": ("SessionActor",),
    "actors.snapshots": (
        "Account",
        "HoldStatus",
        "Message",
        "MonitorStatus",
        "OperationStatus",
        "Participant",
        "Peer",
        "ScrapedMessages",
        "ScrapedParticipants",
        "SentMessage",
        "SessionStatus",
        "SystemStatus",
        "TaskStatus",
    ),
    "actors.supervisor": ("SupervisorActor",),
    "actors.system": ("AsyncSystem", "System", "open_system"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  a list of strings all the same


logging.getLogger(__name__).addHandler(logging.NullHandler())  # what is logged is the program's to show


def __getattr__(name: str) -> Any:
    """Load a public name from its module; the composition root comes with it, so that its wiring is done."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module("actors.system")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
