"""Telegram accounts as actors: Telethon sessions on Pykka, under a supervisor.

Everything that users need is here; the modules below are its parts. Names are loaded when they are first used, so that
importing the package, as the pytest plugin does in every run, costs nothing.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actors.brake import FleetBrake as FleetBrake
    from actors.config import (
        Ageing as Ageing,
        ServerAddress as ServerAddress,
        SessionConfig as SessionConfig,
        SystemConfig as SystemConfig,
    )
    from actors.content import (
        Account as Account,
        Dialog as Dialog,
        Entity as Entity,
        Forward as Forward,
        Media as Media,
        Message as Message,
        Participant as Participant,
        Peer as Peer,
        Reaction as Reaction,
        SentMessage as SentMessage,
    )
    from actors.errors import (
        ActorsError as ActorsError,
        AskCycle as AskCycle,
        BlockingCallError as BlockingCallError,
        FileFailed as FileFailed,
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
        ReceiverFailed as ReceiverFailed,
        SessionStartFailed as SessionStartFailed,
        TelegramError as TelegramError,
        UnknownOperation as UnknownOperation,
        UnknownSession as UnknownSession,
        Verdict as Verdict,
    )
    from actors.fates import (
        Fate as Fate,
        ShutdownReport as ShutdownReport,
    )
    from actors.health import HealthPolicy as HealthPolicy
    from actors.messages import (
        CancelOperation as CancelOperation,
        ChatChanged as ChatChanged,
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
        MonitoringGap as MonitoringGap,
        OperationFailed as OperationFailed,
        PageScraped as PageScraped,
        Prioritised as Prioritised,
        Progress as Progress,
        Request as Request,
        RestartSession as RestartSession,
        SessionDown as SessionDown,
        SessionOffline as SessionOffline,
        SessionOnline as SessionOnline,
        SessionRestarted as SessionRestarted,
        Shutdown as Shutdown,
        StartSession as StartSession,
        StopSession as StopSession,
        Subscribe as Subscribe,
        Unsubscribe as Unsubscribe,
        Why as Why,
    )
    from actors.operations import (
        Call as Call,
        CallInThread as CallInThread,
        Checkpoint as Checkpoint,
        DownloadMedia as DownloadMedia,
        ExportHistory as ExportHistory,
        Monitor as Monitor,
        Operation as Operation,
        OperationContext as OperationContext,
        Order as Order,
        QueuedOperation as QueuedOperation,
        ResumableOperation as ResumableOperation,
        ScrapeDialogs as ScrapeDialogs,
        ScrapeHistory as ScrapeHistory,
        ScrapeParticipants as ScrapeParticipants,
        SendFile as SendFile,
        SendMessage as SendMessage,
        StopMonitoring as StopMonitoring,
    )
    from actors.phases import Phase as Phase
    from actors.policies import (
        DEFAULT_POLICIES as DEFAULT_POLICIES,
        DeliveryPolicy as DeliveryPolicy,
        OperationPolicy as OperationPolicy,
        Overflow as Overflow,
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
        PriorityActor as PriorityActor,
        SessionRef as SessionRef,
        later as later,
    )
    from actors.scraped import (
        ExportedHistory as ExportedHistory,
        ScrapedDialogs as ScrapedDialogs,
        ScrapedMessages as ScrapedMessages,
        ScrapedParticipants as ScrapedParticipants,
    )
    from actors.session import SessionActor as SessionActor
    from actors.snapshots import (
        HoldStatus as HoldStatus,
        MonitorStatus as MonitorStatus,
        OperationStatus as OperationStatus,
        SessionStatus as SessionStatus,
        SystemStatus as SystemStatus,
        TaskStatus as TaskStatus,
    )
    from actors.supervisor import SupervisorActor as SupervisorActor
    from actors.system import AsyncSystem as AsyncSystem, System as System, open_system as open_system
    from actors.timeline import (
        StepKind as StepKind,
        Timeline as Timeline,
        TimelineStep as TimelineStep,
    )
    from actors.transfer import DownloadedFile as DownloadedFile
    from actors.updates import (
        DeletedMessages as DeletedMessages,
        EditedMessage as EditedMessage,
        MemberJoined as MemberJoined,
        MemberLeft as MemberLeft,
        NewMessage as NewMessage,
        ReactionsChanged as ReactionsChanged,
        Update as Update,
    )

_HOMES = {
    "actors.brake": ("FleetBrake",),
    "actors.config": ("Ageing", "ServerAddress", "SessionConfig", "SystemConfig"),
    "actors.content": (
        "Account",
        "Dialog",
        "Entity",
        "Forward",
        "Media",
        "Message",
        "Participant",
        "Peer",
        "Reaction",
        "SentMessage",
    ),
    "actors.errors": (
        "ActorsError",
        "AskCycle",
        "BlockingCallError",
        "FileFailed",
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
        "ReceiverFailed",
        "SessionStartFailed",
        "TelegramError",
        "UnknownOperation",
        "UnknownSession",
        "Verdict",
    ),
    "actors.fates": (
        "Fate",
        "ShutdownReport",
    ),
    "actors.health": ("HealthPolicy",),
    "actors.messages": (
        "CancelOperation",
        "ChatChanged",
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
        "MonitoringGap",
        "OperationFailed",
        "PageScraped",
        "Prioritised",
        "Progress",
        "Request",
        "RestartSession",
        "SessionDown",
        "SessionOffline",
        "SessionOnline",
        "SessionRestarted",
        "Shutdown",
        "StartSession",
        "StopSession",
        "Subscribe",
        "Unsubscribe",
        "Why",
    ),
    "actors.operations": (
        "Call",
        "CallInThread",
        "Checkpoint",
        "DownloadMedia",
        "ExportHistory",
        "Monitor",
        "Operation",
        "OperationContext",
        "Order",
        "QueuedOperation",
        "ResumableOperation",
        "ScrapeDialogs",
        "ScrapeHistory",
        "ScrapeParticipants",
        "SendFile",
        "SendMessage",
        "StopMonitoring",
    ),
    "actors.phases": ("Phase",),
    "actors.policies": (
        "DEFAULT_POLICIES",
        "DeliveryPolicy",
        "OperationPolicy",
        "Overflow",
        "operation_priority",
        "operation_timeout",
    ),
    "actors.ports": ("Client", "Recipient"),
    "actors.registry": ("TaskRegistryEntry",),
    "actors.runtime": (
        "ActorDeadError",
        "ActorFuture",
        "AsyncSessionRef",
        "AsyncioActor",
        "PriorityActor",
        "SessionRef",
        "later",
    ),
    "actors.scraped": ("ExportedHistory", "ScrapedDialogs", "ScrapedMessages", "ScrapedParticipants"),
    "actors.session": ("SessionActor",),
    "actors.snapshots": (
        "HoldStatus",
        "MonitorStatus",
        "OperationStatus",
        "SessionStatus",
        "SystemStatus",
        "TaskStatus",
    ),
    "actors.supervisor": ("SupervisorActor",),
    "actors.system": ("AsyncSystem", "System", "open_system"),
    "actors.timeline": (
        "StepKind",
        "Timeline",
        "TimelineStep",
    ),
    "actors.transfer": ("DownloadedFile",),
    "actors.updates": (
        "DeletedMessages",
        "EditedMessage",
        "MemberJoined",
        "MemberLeft",
        "NewMessage",
        "ReactionsChanged",
        "Update",
    ),
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
