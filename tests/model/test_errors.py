"""The exception tree: fields, derived text, pickle and copy."""

from __future__ import annotations

import copy
import pickle

import pytest

from actors.model import errors
from actors.model.errors import ActorsError, Verdict

EXAMPLES: list[ActorsError] = [
    errors.InvalidInput(field="text", problem="is empty"),
    errors.NameTaken(name="alice"),
    errors.UnknownSession(name="alice"),
    errors.UnknownOperation(operation_id=7),
    errors.SessionStartFailed(name="alice", reason="no answer"),
    errors.BlockingCallError(call="get()"),
    errors.AskCycle(path=("a", "b", "a")),
    errors.MailboxFull(session="alice", operation_type="sending", capacity=100),
    errors.QueueWaitTimeout(session="alice", waited=60.1, wait_timeout=60.0),
    errors.OperationTimeout(session="alice", run_timeout=300.0, partial=(1, 2), checkpoint="<checkpoint>"),
    errors.OutcomeUnknown(session="alice", random_id=7),
    errors.OperationCancelled(session="alice"),
    errors.OperationRejected(session="alice", reason="stopped"),
    errors.FileFailed(session="alice", reason="No space left on device", checkpoint="<checkpoint>"),
    errors.ReceiverFailed(session="alice", reason="ValueError", checkpoint="<checkpoint>"),
    errors.TelegramError(verdict=Verdict.CHAT_PERMANENT, name="CHAT_WRITE_FORBIDDEN", method="messages.sendMessage"),
    errors.PeerLost(verdict=Verdict.OPERATION_PERMANENT, name="PEER_ID_INVALID", peer=7, reason="it has no username"),
    errors.ChatMigrated(session="alice", chat=-7, migrated_to=-1_000_000_000_008),
    errors.FloodWait(session="alice", retry_after=5.0, method="messages.sendMessage"),
]


def test_there_is_an_example_of_every_error() -> None:
    """A new class of error is tested too."""
    others = {"ActorsError", "OperationError", "Verdict", "FloodScope"}
    known = {type(example).__name__ for example in EXAMPLES} | others
    assert known == set(errors.__all__)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickle_and_copy(error: ActorsError) -> None:
    """With its fields and its text."""
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  our own bytes
        assert type(other) is type(error)
        assert vars(other) == vars(error)
        assert str(other) == str(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_text_of_an_error_is_derived_from_its_fields(error: ActorsError) -> None:
    """No braces are left, and nothing of what was found is in it."""
    assert "{" not in str(error)
    assert "checkpoint" not in str(error)
