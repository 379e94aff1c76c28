"""Operations that can't work are refused when they are made, by the name of the argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

import actors
from actors.model.updates import Gap
from actors.operations import DialogsPosition, DownloadPosition, HistoryPosition, ParticipantsPosition
from tests.secretwatch import MARKER
from tests.wrong import ANYTHING, COUNTS, TEXTS, TIMES, Make, fields_of, refusal, refused, rows


class Ear:
    """The least that messages can be sent to."""

    def is_alive(self) -> bool:
        """Say that it is."""
        return True

    def tell(self, message: Any) -> None:
        """Forget it."""


SEND = partial(actors.SendMessage, "bob", "hello")
MESSAGE = partial(actors.SendMessage, peer="bob", text="hello")
FILE = partial(actors.SendFile, peer="bob", path="picture.png")
DOWNLOAD = partial(actors.DownloadFile, peer="bob", message_id=1, to="picture.png")
HISTORY = partial(actors.ScrapeHistory, peer="news")
DIALOGS = partial(actors.ScrapeDialogs)
MEMBERS = partial(actors.ScrapeParticipants, peer="news")
EXPORT = partial(actors.ExportHistory, peer="news", path="news.jsonl")
MONITOR = partial(actors.Monitor, to=Ear())
STOP = partial(actors.StopMonitor, monitor_id=1)
MAKERS: list[Make] = [MESSAGE, FILE, DOWNLOAD, HISTORY, DIALOGS, MEMBERS, EXPORT, MONITOR, STOP]
FIELDS = fields_of(*MAKERS)

IDS = [2**31, *COUNTS]
NO_PEERS: list[Any] = ["", "a b", "+4912345", True, 0, 2**63, -(2**63), 2**64, 10**5000, 1.5, b"bob", []]
LONG = [actors.Peer("user", 2**63, 1), actors.Peer("user", 1, 2**63)]
PEERS = [None, *NO_PEERS, *LONG, actors.Peer("club", 1), actors.Peer("user", cast("Any", "1"))]
CHAT = actors.Peer("channel", 5)
NEWEST, OLDEST = actors.HistoryOrder.NEWEST_FIRST, actors.HistoryOrder.OLDEST_FIRST
CHECKPOINTS = [1, "x", actors.Checkpoint(1), actors.Checkpoint(None)]
EARLY, LATE = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

WRONG = [
    *[row for make in MAKERS for row in rows(make, key=["", *TEXTS], overrides=[None, 5, {"priority": 5}])],
    *[row for make in (FILE, DOWNLOAD, HISTORY, DIALOGS, MEMBERS, EXPORT) for row in rows(make, resume=CHECKPOINTS)],
    *[row for make in (MESSAGE, FILE, DOWNLOAD, HISTORY, MEMBERS, EXPORT) for row in rows(make, peer=PEERS)],
    *rows(MESSAGE, text=["", " ", None, "x" * 4097, *TEXTS], silent=["no", None, 1], reply_to=[0, *IDS]),
    *rows(MESSAGE, random_id=[None, 2**63, -(2**63) - 1, True, 1.5, "5"]),
    *rows(FILE, path=[None, "", 1, b"x", "a\0b", "\ud800", "caf\udce9"], caption=[None, "x" * 1025, *TEXTS]),
    *rows(FILE, as_photo=["x", None, 1], silent=["no"], reply_to=[0, *IDS], random_id=[None, 2**63, "5"]),
    *rows(DOWNLOAD, message_id=[0, None, *IDS], to=[None, "", 1, "\ud800"]),
    *[row for make in (FILE, DOWNLOAD) for row in rows(make, window=[0, 17, *COUNTS])],
    *[row for make in (HISTORY, EXPORT) for row in rows(make, prefetch=[None, 1, "yes"])],
    *rows(HISTORY, limit=[None, *COUNTS], min_id=[None, *COUNTS], max_id=[None, *COUNTS], window=[0, None, *COUNTS]),
    *rows(HISTORY, since=["x", 1, datetime(2026, 1, 1)], until=["x", datetime(2026, 1, 1)]),  # noqa: DTZ001
    *rows(
        HISTORY,
        search=[None, *TEXTS],
        author=NO_PEERS,
        order=["newest", None],
        to=["bob", print, 1],
    ),
    *rows(DIALOGS, limit=[None, *COUNTS], folder=[2, 2**31, *COUNTS]),
    *rows(MEMBERS, limit=[None, *COUNTS]),
    *rows(EXPORT, path=[None, "", "news.txt", 1]),
    *rows(MONITOR, chats=[None, "news", 5, actors.Peer("user", 1), [None], [["news"]]], to=[None, "bob", print, {}]),
    *rows(MONITOR, lifetime=[0, *TIMES], kinds=[None, 1, "x", [], [str], actors.NewMessage, [Gap]], where=[5, "x"]),
    *rows(MONITOR, delivery=[None, 1, actors.Overflow.END], group=["", *TEXTS]),
    *rows(MONITOR, marks=[None, [], {1: 1}, {"news": 1}, *[{"channel:1": mark} for mark in IDS]]),
    *rows(HISTORY, resume=[actors.Checkpoint(HistoryPosition(CHAT, OLDEST, 3)), actors.Checkpoint(DialogsPosition())]),
    *rows(EXPORT, resume=[actors.Checkpoint(HistoryPosition(CHAT, NEWEST, 3))]),
    *rows(DIALOGS, resume=[actors.Checkpoint(ParticipantsPosition(CHAT))]),
    *rows(DOWNLOAD, resume=[actors.Checkpoint(DownloadPosition(2, 7))]),
    *rows(partial(HISTORY, until=datetime(2026, 1, 1, tzinfo=UTC)), since=[datetime(2026, 1, 2, tzinfo=UTC)]),
    *rows(STOP, monitor_id=[0, None, *COUNTS]),
]


@pytest.mark.parametrize(("make", "field", "value"), WRONG)
def test_an_argument_that_can_not_work_is_refused_by_its_name(make: Make, field: str, value: object) -> None:
    """Before the operation is sent to anybody."""
    refused(partial(make, **{field: value}), field)


@settings(max_examples=500)
@given(argument=st.sampled_from([row.values for row in FIELDS]), value=ANYTHING)
def test_an_argument_is_taken_or_refused_by_its_name_whatever_it_is(argument: tuple[Make, str], value: Any) -> None:
    """For all arguments of all operations: no other error, and none that is only seen later."""
    make, field = argument
    error = refusal(partial(make, **{field: value}))
    assert error is None or field in error.field


@pytest.mark.parametrize(("make", "field"), FIELDS)
def test_no_error_shows_a_text_that_was_given_by_mistake(make: Make, field: str) -> None:
    """It may be a phone number, or the words of a message."""
    for value in (f"+1 {MARKER}", f"{MARKER} \ud800", MARKER * 1000, MARKER.encode(), [f"+1 {MARKER}"], 15557654321):
        error = str(refusal(partial(make, **{field: value})))
        assert MARKER not in error
        assert "5557654321" not in error


@pytest.mark.parametrize(
    ("make", "field", "value"),
    rows(
        SEND().with_,
        key=["", *TEXTS],
        priority=[True, 1.5, "high"],
        retries=COUNTS,
        wait_timeout=[0, *TIMES],
        run_timeout=[0, *TIMES],
        attempt_timeout=[0, *TIMES],
    ),
)
def test_a_copy_that_can_not_work_is_refused(make: Make, field: str, value: object) -> None:
    """By the name of the cell."""
    refused(partial(make, **{field: value}), field)


@pytest.mark.parametrize("operation_type", ["", " ", None, 5, b"x"])
def test_a_type_that_no_policy_can_be_for_is_refused(operation_type: Any) -> None:
    """With the class that has it, or with the call that brings it along."""
    refused(lambda: actors.Call(operation_type, print), "operation_type")  # type: ignore[arg-type]
    refused(lambda: actors.CallInThread(operation_type, print), "operation_type")
    refused(lambda: type("Mine", (actors.Operation,), {"operation_type": operation_type}), "operation_type")


def test_an_operation_of_ones_own_is_checked_by_its_base() -> None:
    """Without a word of its author's."""

    class Mine(actors.Operation[None]):
        operation_type = "mine"

        async def run(self, client: actors.Client, context: actors.OperationContext) -> None:
            raise NotImplementedError

    refused(lambda: Mine(key=5), "key")  # type: ignore[arg-type]
    refused(lambda: actors.Call("mine", None), "function")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda: MESSAGE(text="x" * 4096, reply_to=2**31 - 1, random_id=-(2**63), key="mine", silent=True),
        lambda: MESSAGE(text="Grüße 🙂", reply_to=None, random_id=2**63 - 1, peer=-1001234567890),
        lambda: MESSAGE(peer=actors.Peer("channel", 1, -(2**62))),
        lambda: FILE(caption="", path=Path("bild.png"), as_photo=True),
        lambda: DOWNLOAD(message_id=2**31 - 1, to=Path("caf\udce9")),
        lambda: [HISTORY(limit=0, min_id=2**bits, max_id=2**bits + 1) for bits in (0, 30, 31, 63, 64, 5000)],
        lambda: HISTORY(limit=0, since=EARLY, until=LATE),
        lambda: HISTORY(limit=None, to=Ear(), search="", author=5),
        lambda: [DIALOGS(folder=folder, limit=0) for folder in (None, 0, 1)],
        lambda: [MONITOR(chats=cast("Any", chats)) for chats in (["news"], ("news",), {"news"}, iter(["news"]), ())],
        lambda: [MONITOR(lifetime=lifetime) for lifetime in (None, 1, 0.5, 10**9)],
        lambda: [MONITOR(kinds=kinds) for kinds in ([actors.NewMessage], (actors.NewMessage, actors.MemberLeft))],
        lambda: [MONITOR(marks=marks) for marks in ({}, {"channel:1": 0}, {"user:1": 2**31 - 1})],
        lambda: SEND().with_(priority=-1, retries=0, wait_timeout=1, key=None),
    ],
)
def test_what_is_just_possible_is_taken(make: Callable[[], object]) -> None:
    """The edges, None where it means something, lists and tuples, whole numbers for seconds."""
    make()
