"""What a session can be asked to do: operations, one a file.

An operation is a frozen message that knows how to run against a narrow client. It neither queues nor retries itself:
sessions do that. Users send operations to sessions, and subclass them for work of their own.
"""

from actors.operations.call import Call, CallInThread
from actors.operations.dialog_pages import DialogsPosition
from actors.operations.download_file import DownloadFile, DownloadPosition
from actors.operations.export_history import ExportHistory
from actors.operations.history_pages import HistoryOrder, HistoryPosition
from actors.operations.monitor import FromPolicy, Monitor, StopMonitor
from actors.operations.operation import Checkpoint, Operation, OperationContext, ResumableOperation
from actors.operations.scrape_dialogs import ScrapeDialogs
from actors.operations.scrape_history import ScrapeHistory
from actors.operations.scrape_participants import ParticipantsPosition, ScrapeParticipants
from actors.operations.send_file import SendFile, UploadPosition
from actors.operations.send_message import SendMessage
from actors.operations.watch import SessionFacilities, Watch

__all__ = [
    "Call",
    "CallInThread",
    "Checkpoint",
    "DialogsPosition",
    "DownloadFile",
    "DownloadPosition",
    "ExportHistory",
    "FromPolicy",
    "HistoryOrder",
    "HistoryPosition",
    "Monitor",
    "Operation",
    "OperationContext",
    "ParticipantsPosition",
    "ResumableOperation",
    "ScrapeDialogs",
    "ScrapeHistory",
    "ScrapeParticipants",
    "SendFile",
    "SendMessage",
    "SessionFacilities",
    "StopMonitor",
    "UploadPosition",
    "Watch",
]
