"""What sessions do for people: operations, as frozen messages that know how to run against a narrow client."""

from actors.operations.base import Checkpoint, Operation, OperationContext, ResumableOperation, SessionFacilities
from actors.operations.calls import Call, CallInThread
from actors.operations.monitoring import FromPolicy, Monitor, StopMonitoring
from actors.operations.queued import WRITING, QueuedOperation, chat_key, method_key, permit_key
from actors.operations.scraping import HistoryPosition, ParticipantsPosition, ScrapeHistory, ScrapeParticipants
from actors.operations.sending import SendMessage

__all__ = [
    "WRITING",
    "Call",
    "CallInThread",
    "Checkpoint",
    "FromPolicy",
    "HistoryPosition",
    "Monitor",
    "Operation",
    "OperationContext",
    "ParticipantsPosition",
    "QueuedOperation",
    "ResumableOperation",
    "ScrapeHistory",
    "ScrapeParticipants",
    "SendMessage",
    "SessionFacilities",
    "StopMonitoring",
    "chat_key",
    "method_key",
    "permit_key",
]
