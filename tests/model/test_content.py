"""Snapshots of what Telegram holds: picklable, discreet, and plain data by stable keys."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest

from actors.model.answers import DialogsPage, HistoryPage, ParticipantsPage
from actors.model.content import Account, Dialog, Forward, Media, Message, Participant, Peer, Reaction, TextEntity
from actors.model.results import ExportedHistory, ScrapedDialogs, ScrapedMessages, ScrapedParticipants, SentMessage
from actors.model.snapshot import Snapshot
from actors.model.updates import (
    DeletedMessages,
    EditedMessage,
    Gap,
    MemberJoined,
    MemberLeft,
    NewMessage,
    ReactionsChanged,
)

DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHAT = Peer("channel", 5, 55, "news", "The News", broadcast=True)
MESSAGE = Message(
    id=9,
    chat=CHAT,
    sender_id=7,
    date=DATE,
    text="planted text",
    sender=Peer("user", 7, 70, "ann", "planted person"),
    entities=(TextEntity("text_url", 0, 7, "https://planted.example"),),
    forward=Forward(DATE, None, "planted forwarder", 3, "planted signature"),
    media=Media("video", 5, "planted.mp4", "video/mp4", 1.5, 4, 3, 1),
    reactions=(Reaction("+", 2, chosen=True),),
    post_author="planted author",
)
MEMBER = Participant(7, "ann", "planted person")

SNAPSHOTS: list[tuple[Snapshot, list[str]]] = [
    (CHAT, ["kind", "id", "access_hash", "username", "title", "broadcast"]),
    (Account(7, "ann"), ["id", "username", "bot"]),
    (MESSAGE.entities[0], ["kind", "offset", "length", "url", "user_id", "language", "document_id"]),
    (Forward(DATE), ["date", "from_id", "from_name", "post_id", "post_author"]),
    (Media("photo"), ["kind", "size", "name", "mime_type", "duration", "width", "height", "id"]),
    (MESSAGE.reactions[0], ["emoji", "count", "chosen"]),
    (
        MESSAGE,
        [
            "id",
            "chat",
            "sender_id",
            "date",
            "text",
            "out",
            "reply_to",
            "reply_to_chat_id",
            "thread_id",
            "forum_topic",
            "sender",
            "entities",
            "forward",
            "media",
            "views",
            "forwards",
            "replies",
            "reactions",
            "edit_date",
            "pinned",
            "silent",
            "post_author",
            "grouped_id",
            "via_bot_id",
            "service",
            "migrated_to",
        ],
    ),
    (SentMessage(1, CHAT, DATE, 2), ["id", "chat", "date", "random_id"]),
    (MEMBER, ["id", "username", "name", "role", "bot"]),
    (
        Dialog(CHAT, MESSAGE),
        [
            "chat",
            "last_message",
            "unread_count",
            "unread_mentions",
            "read_inbox_id",
            "read_outbox_id",
            "pinned",
            "unread_mark",
            "folder_id",
        ],
    ),
    (HistoryPage((MESSAGE,), 1, last=True), ["messages", "total", "last", "first"]),
    (DialogsPage((Dialog(CHAT, None),), 1, last=True), ["dialogs", "total", "last"]),
    (ParticipantsPage((MEMBER,), 1), ["participants", "total"]),
    (ScrapedMessages(CHAT, (MESSAGE,), complete=True, count=1), ["chat", "messages", "complete", "count", "reason"]),
    (ScrapedParticipants(CHAT, (MEMBER,), 1, complete=True), ["chat", "participants", "total", "complete", "reason"]),
    (ScrapedDialogs((Dialog(CHAT, MESSAGE),), 1, complete=True), ["dialogs", "total", "complete", "reason"]),
    (ExportedHistory(CHAT, "news.jsonl", 1, 9), ["chat", "path", "count", "last_id", "complete", "reason"]),
    (NewMessage(MESSAGE), ["message"]),
    (EditedMessage(MESSAGE), ["message"]),
    (DeletedMessages(None, (1, 2)), ["chat", "ids"]),
    (ReactionsChanged(CHAT, 9, MESSAGE.reactions), ["chat", "message_id", "reactions"]),
    (MemberJoined(CHAT, 7, DATE), ["chat", "user_id", "date", "by"]),
    (MemberLeft(CHAT, 7, DATE, 8), ["chat", "user_id", "date", "by"]),
    (Gap(None, 3), ["chat", "last_pts"]),
]
CASES = pytest.mark.parametrize(
    ("snapshot", "keys"), SNAPSHOTS, ids=[type(snapshot).__name__ for snapshot, _ in SNAPSHOTS]
)


@CASES
def test_the_keys_are_these(snapshot: Snapshot, keys: list[str]) -> None:
    """Whoever stores them relies on it; JSON takes them as they are."""
    assert list(snapshot.to_dict()) == keys
    assert json.loads(json.dumps(snapshot.to_dict())) == snapshot.to_dict()


@CASES
def test_a_snapshot_survives_pickle_and_is_discreet(snapshot: Snapshot, keys: list[str]) -> None:
    """It goes to other processes, and into logs; nothing can be put into it."""
    del keys
    assert pickle.loads(pickle.dumps(snapshot)) == snapshot  # noqa: S301  our own bytes
    assert hash(pickle.loads(pickle.dumps(snapshot))) == hash(snapshot)  # noqa: S301  our own bytes
    assert not hasattr(snapshot, "__dict__")
    assert "planted" not in repr(snapshot)


@CASES
def test_every_field_is_documented(snapshot: Snapshot, keys: list[str]) -> None:
    """By name, in the list in its class's docstring; a class of few fields may do it in a sentence."""
    text = type(snapshot).__doc__ or ""
    listed = [name for line in text.splitlines() if line.lstrip().startswith("- ") for name in _names(line)]
    assert listed == keys or (len(keys) <= 5 and not set(listed) - set(keys))


def _names(line: str) -> list[str]:
    return line.lstrip().removeprefix("- ").partition(":")[0].split(", ")


def test_plain_data_is_nested_dated_and_whole() -> None:
    """Dates are ISO 8601, tuples are lists, and what isn't known is there as None."""
    plain = MESSAGE.to_dict()
    assert plain["date"] == "2026-01-02T03:04:05+00:00"
    assert plain["chat"] == CHAT.to_dict()
    assert plain["chat"]["title"] == "The News"
    assert plain["reactions"] == [{"emoji": "+", "count": 2, "chosen": True}]
    assert plain["forward"]["date"] == "2026-01-02T03:04:05+00:00"
    assert (plain["views"], plain["service"], plain["text"]) == (None, None, "planted text")
    elsewhere = SentMessage(1, CHAT, DATE.astimezone(timezone(timedelta(hours=2))), 2)
    assert elsewhere.to_dict()["date"] == "2026-01-02T05:04:05+02:00"
