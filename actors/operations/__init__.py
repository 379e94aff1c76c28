"""What sessions do for people: operations, as frozen messages that know how to run against a narrow client."""

from actors.operations.base import Checkpoint, Operation, OperationContext, ResumableOperation, SessionFacilities
from actors.operations.calls import Call, CallInThread
from actors.operations.catching_up import CatchUp, catch_up
from actors.operations.dialogs import DialogsPosition, ScrapeDialogs
from actors.operations.exporting import ExportHistory
from actors.operations.files import DownloadMedia, DownloadPosition, SendFile, UploadPosition
from actors.operations.history import ScrapeHistory
from actors.operations.monitoring import FromPolicy, Monitor, StopMonitoring
from actors.operations.pages import HistoryPosition, Order
from actors.operations.participants import ParticipantsPosition, ScrapeParticipants
from actors.operations.queued import OFFLINE, WRITING, QueuedOperation, chat_key, method_key, permit_key
from actors.operations.sending import SendMessage
from actors.operations.trace import Trace
from actors.operations.watch import CatchingUp, Watch

__all__ = [
    "OFFLINE",
    "WRITING",
    "Call",
    "CallInThread",
    "CatchUp",
    "CatchingUp",
    "Checkpoint",
    "DialogsPosition",
    "DownloadMedia",
    "DownloadPosition",
    "ExportHistory",
    "FromPolicy",
    "HistoryPosition",
    "Monitor",
    "Operation",
    "OperationContext",
    "Order",
    "ParticipantsPosition",
    "QueuedOperation",
    "ResumableOperation",
    "ScrapeDialogs",
    "ScrapeHistory",
    "ScrapeParticipants",
    "SendFile",
    "SendMessage",
    "SessionFacilities",
    "StopMonitoring",
    "Trace",
    "UploadPosition",
    "Watch",
    "catch_up",
    "chat_key",
    "method_key",
    "permit_key",
]
