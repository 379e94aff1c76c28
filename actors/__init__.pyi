# The public face of the package: every name that users import, once, with the module that it is loaded from.
# `__init__.py` reads this file (lazy_loader), and so do type checkers.

from .fleet.messages import (
    GetSession as GetSession,
    GetSystemStatus as GetSystemStatus,
    GetTimeline as GetTimeline,
    RestartSession as RestartSession,
    Shutdown as Shutdown,
    StartSession as StartSession,
    Subscribe as Subscribe,
    Unsubscribe as Unsubscribe,
)
from .fleet.supervisor import (
    SupervisorActor as SupervisorActor,
)
from .fleet.system import (
    AsyncSystem as AsyncSystem,
    System as System,
    open_system as open_system,
)
from .model.client import (
    Client as Client,
)
from .model.config import (
    ServerAddress as ServerAddress,
    SessionConfig as SessionConfig,
    SystemConfig as SystemConfig,
)
from .model.content import (
    Account as Account,
    Dialog as Dialog,
    Forward as Forward,
    Media as Media,
    Message as Message,
    Participant as Participant,
    Peer as Peer,
    Reaction as Reaction,
    TextEntity as TextEntity,
)
from .model.errors import (
    ActorsError as ActorsError,
    AskCycle as AskCycle,
    BlockingCallError as BlockingCallError,
    ChatMigrated as ChatMigrated,
    FileFailed as FileFailed,
    FloodScope as FloodScope,
    FloodWait as FloodWait,
    InvalidInput as InvalidInput,
    MailboxFull as MailboxFull,
    NameTaken as NameTaken,
    OperationCancelled as OperationCancelled,
    OperationError as OperationError,
    OperationRejected as OperationRejected,
    OperationTimeout as OperationTimeout,
    OutcomeUnknown as OutcomeUnknown,
    PeerLost as PeerLost,
    QueueWaitTimeout as QueueWaitTimeout,
    ReceiverFailed as ReceiverFailed,
    SessionStartFailed as SessionStartFailed,
    TelegramError as TelegramError,
    UnknownOperation as UnknownOperation,
    UnknownSession as UnknownSession,
    Verdict as Verdict,
)
from .model.events import (
    DeadLetter as DeadLetter,
    Event as Event,
    FloodWaiting as FloodWaiting,
    MessageReceived as MessageReceived,
    MonitorEnd as MonitorEnd,
    MonitorEnded as MonitorEnded,
    MonitorGap as MonitorGap,
    MonitorStarted as MonitorStarted,
    OperationFailed as OperationFailed,
    PageScraped as PageScraped,
    Progress as Progress,
    Refusal as Refusal,
    SessionDown as SessionDown,
    SessionOffline as SessionOffline,
    SessionOnline as SessionOnline,
    SessionRestarted as SessionRestarted,
    UpdateReceived as UpdateReceived,
)
from .model.outcomes import (
    Fate as Fate,
    Outcome as Outcome,
    ShutdownReport as ShutdownReport,
    StepKind as StepKind,
    Timeline as Timeline,
    TimelineStep as TimelineStep,
)
from .model.phases import (
    Phase as Phase,
)
from .model.policies import (
    DEFAULT_POLICIES as DEFAULT_POLICIES,
    DeliveryPolicy as DeliveryPolicy,
    OperationPolicy as OperationPolicy,
    Overflow as Overflow,
    operation_priority as operation_priority,
    operation_timeout as operation_timeout,
)
from .model.resilience import (
    Backoff as Backoff,
    FleetBrake as FleetBrake,
    HealthPolicy as HealthPolicy,
    RestartPolicy as RestartPolicy,
)
from .model.results import (
    DownloadedFile as DownloadedFile,
    ExportedHistory as ExportedHistory,
    ScrapedDialogs as ScrapedDialogs,
    ScrapedMessages as ScrapedMessages,
    ScrapedParticipants as ScrapedParticipants,
    SentMessage as SentMessage,
)
from .model.status import (
    HoldStatus as HoldStatus,
    MonitorStatus as MonitorStatus,
    OperationStatus as OperationStatus,
    SessionStatus as SessionStatus,
    SystemStatus as SystemStatus,
    TaskStatus as TaskStatus,
)
from .model.updates import (
    DeletedMessages as DeletedMessages,
    EditedMessage as EditedMessage,
    MemberJoined as MemberJoined,
    MemberLeft as MemberLeft,
    NewMessage as NewMessage,
    ReactionsChanged as ReactionsChanged,
    Update as Update,
)
from .operations.call import (
    Call as Call,
    CallInThread as CallInThread,
)
from .operations.download_file import (
    DownloadFile as DownloadFile,
)
from .operations.export_history import (
    ExportHistory as ExportHistory,
)
from .operations.history_pages import (
    HistoryOrder as HistoryOrder,
)
from .operations.monitor import (
    Monitor as Monitor,
    StopMonitor as StopMonitor,
)
from .operations.operation import (
    Checkpoint as Checkpoint,
    Operation as Operation,
    OperationContext as OperationContext,
    ResumableOperation as ResumableOperation,
)
from .operations.scrape_dialogs import (
    ScrapeDialogs as ScrapeDialogs,
)
from .operations.scrape_history import (
    ScrapeHistory as ScrapeHistory,
)
from .operations.scrape_participants import (
    ScrapeParticipants as ScrapeParticipants,
)
from .operations.send_file import (
    SendFile as SendFile,
)
from .operations.send_message import (
    SendMessage as SendMessage,
)
from .runtime import (
    ActorDeadError as ActorDeadError,
)
from .runtime.actor import (
    AsyncioActor as AsyncioActor,
)
from .runtime.future import (
    ActorFuture as ActorFuture,
)
from .runtime.later import (
    later as later,
)
from .runtime.priority import (
    PriorityActor as PriorityActor,
    WithPriority as WithPriority,
)
from .runtime.recipient import (
    Recipient as Recipient,
)
from .runtime.ref import (
    Request as Request,
)
from .runtime.tasks import (
    TaskRegistryEntry as TaskRegistryEntry,
)
from .session.messages import (
    CancelOperation as CancelOperation,
    GetStatus as GetStatus,
    LiftRestriction as LiftRestriction,
    StopSession as StopSession,
)
from .session.queued_operation import (
    QueuedOperation as QueuedOperation,
)
from .session.ref import (
    AsyncSessionRef as AsyncSessionRef,
    SessionRef as SessionRef,
)

__all__: list[str]
