"""Sending and fetching files, byte for byte; interruptions are test_files_interrupted.py's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pykka
import pytest

import actors
from actors.testing import Loopback
from tests.support import Collector, eventually, received
from tests.testing.server.pictures import png

KIB = 1024


@pytest.fixture
def bob(telegram: Loopback, system: actors.System) -> actors.SessionRef:
    """Who gets the files."""
    return system.start_session(telegram.add_session("bob"))


def noise(path: Path, size: int) -> bytes:
    """Fill a file with bytes that don't compress, the same ones every time; return them."""
    data = Random(size).randbytes(size)  # noqa: S311  noise for a test
    path.write_bytes(data)
    return data


@pytest.mark.parametrize("size", [1, 512 * KIB, 1100 * KIB, 10 * KIB * KIB, 10 * KIB * KIB + 1])
def test_a_document_arrives_as_it_was_sent(
    telegram: Loopback, alice: actors.SessionRef, bob: actors.SessionRef, tmp_path: Path, size: int
) -> None:
    """With its name, its type and its caption, in as many parts as it takes; nothing else is left on the disk."""
    data = noise(tmp_path / "report.pdf", size)
    sent = alice.ask(actors.SendFile("bob", tmp_path / "report.pdf", "as promised"), timeout=20)
    (message,) = telegram.messages("bob")
    assert (message.text, message.random_id) == ("as promised", sent.random_id)
    kept = bob.ask(actors.DownloadFile("alice", message.id, tmp_path / "copy.pdf"), timeout=20)
    assert (tmp_path / "copy.pdf").read_bytes() == data
    assert kept == actors.DownloadedFile(str(tmp_path / "copy.pdf"), size, "report.pdf", "application/pdf")
    assert names(tmp_path) == ["copy.pdf", "report.pdf"]
    method = "upload.saveFilePart" if size <= 10 * KIB * KIB else "upload.saveBigFilePart"
    assert Counter(map(str, telegram.calls("alice")))[method] == -(-size // (512 * KIB))


def test_a_photo_that_came_with_its_message_is_had_without_a_request(
    telegram: Loopback, alice: actors.SessionRef, bob: actors.SessionRef, tmp_path: Path
) -> None:
    """A small one, in one cached size and in no other."""
    telegram.cached_photos()
    (tmp_path / "dot.png").write_bytes(png(60, 40))
    alice.ask(actors.SendFile("bob", tmp_path / "dot.png", as_photo=True), timeout=20)
    (message,) = bob.ask(actors.ScrapeHistory("alice")).messages
    assert message.media is not None
    assert (message.media.size, message.media.width, message.media.height) == (len(png(60, 40)), 60, 40)
    bob.ask(actors.DownloadFile("alice", message.id, tmp_path / "copy.png"), timeout=20)
    assert (tmp_path / "copy.png").read_bytes() == png(60, 40)
    assert "upload.getFile" not in telegram.calls("bob")


def test_a_photo_arrives_as_a_photo_in_its_largest_size(
    alice: actors.SessionRef, bob: actors.SessionRef, tmp_path: Path
) -> None:
    """A photo has no name."""
    (tmp_path / "sea.png").write_bytes(png(900, 300))
    sent = alice.ask(actors.SendFile("bob", tmp_path / "sea.png", as_photo=True), timeout=20)
    kept = alice.ask(actors.DownloadFile("bob", sent.id, tmp_path / "copy.png"), timeout=20)
    assert (tmp_path / "copy.png").read_bytes() == png(900, 300)
    assert (kept.name, kept.mime_type) == (None, "image/jpeg")
    (message,) = bob.ask(actors.ScrapeHistory("alice")).messages
    assert message.media is not None
    assert message.media.kind == "photo"


def test_a_file_in_a_channel_is_fetched_by_its_members_and_replaces_what_was_there(
    telegram: Loopback, alice: actors.SessionRef, bob: actors.SessionRef, tmp_path: Path
) -> None:
    """The id of a message in a channel is everybody's; the file gets its place in one step."""
    telegram.add_channel("papers", members=["alice", "bob"])
    data = noise(tmp_path / "paper", 5000)
    (tmp_path / "copy").write_bytes(b"an older one")
    sent = alice.ask(actors.SendFile("@papers", str(tmp_path / "paper"), silent=True))
    kept = bob.ask(actors.DownloadFile("@papers", sent.id, str(tmp_path / "copy")))
    assert (tmp_path / "copy").read_bytes() == data
    assert kept.mime_type == "application/octet-stream"


def test_progress_counts_bytes(
    alice: actors.SessionRef, system: actors.System, collector: pykka.ActorRef[Collector], tmp_path: Path
) -> None:
    """An event for each part, up and down."""
    system.subscribe(collector, actors.Progress)
    size = 1300 * KIB
    noise(tmp_path / "f", size)
    sent = alice.ask(actors.SendFile("me", tmp_path / "f"))
    alice.ask(actors.DownloadFile("me", sent.id, tmp_path / "g"))
    eventually(lambda: len(received(collector)) == 9)
    steps = [0, 512, 1024, 1300]
    assert [(event.operation, event.done // KIB, event.total) for event in received(collector)] == [
        *(("SendFile", step, size) for step in [*steps, 1300]),
        *(("DownloadFile", step, size) for step in steps),
    ]


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def sparse(path: Path, size: int) -> None:
    """Make a file that is big and takes no room."""
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda _: None, "there is no such file"),
        (lambda path: path.mkdir(), "is not a file"),
        (lambda path: path.write_bytes(b""), "has 0 bytes"),
        (lambda path: sparse(path, 2_097_152_001), "has 2097152001 bytes"),
    ],
    ids=["missing", "a folder", "empty", "too big"],
)
def test_a_file_that_cannot_be_sent_is_refused_and_nothing_leaves(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, make: Any, problem: str
) -> None:
    """The problem is named, the path isn't."""
    make(tmp_path / "file")
    with pytest.raises(actors.InvalidInput, match=problem) as caught:
        alice.ask(actors.SendFile("me", tmp_path / "file"))
    assert caught.value.field == "path"
    assert str(tmp_path) not in str(caught.value)
    assert not any(call.startswith(("upload.", "messages.send")) for call in telegram.calls("alice"))


def test_a_download_without_a_file_or_a_place_is_refused(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """A text, a message that isn't there or in another chat, a folder, a folder that isn't there."""
    telegram.add_session("bob")
    noise(tmp_path / "f", 100)
    text = alice.ask(actors.SendMessage("bob", "hello")).id
    file = alice.ask(actors.SendFile("bob", tmp_path / "f")).id

    def problem(peer: str, message_id: int, to: Path) -> str:
        with pytest.raises(actors.InvalidInput) as caught:
            alice.ask(actors.DownloadFile(peer, message_id, to))
        return str(caught.value)

    assert problem("bob", text, tmp_path / "g") == f"message_id: message {text} has no file"
    assert problem("bob", 999, tmp_path / "g") == "message_id: there is no message 999 in that chat"
    assert problem("me", file, tmp_path / "g") == f"message_id: there is no message {file} in that chat"
    assert problem("bob", file, tmp_path) == "to: is a folder; it must name the file"
    assert problem("bob", file, tmp_path / "no" / "g") == "to: there is no such folder"
    assert names(tmp_path) == ["f"]


def test_a_file_of_another_data_center_is_an_error_that_says_so(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """And it has the checkpoint."""
    noise(tmp_path / "f", 100)
    sent = alice.ask(actors.SendFile("me", tmp_path / "f"))
    telegram.fail("upload.getFile", account="alice", error="FILE_MIGRATE_4", code=303)
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.DownloadFile("me", sent.id, tmp_path / "g"))
    assert (caught.value.name, caught.value.verdict) == ("FILE_MIGRATE", actors.Verdict.OPERATION_PERMANENT)
    assert caught.value.checkpoint.done == 0


def test_a_caption_is_in_no_repr() -> None:
    """As a text isn't."""
    assert "secret" not in repr(actors.SendFile("bob", "f", "secret plans"))


def test_a_file_has_more_time_than_a_text_and_what_it_is_given() -> None:
    """300 s, or what `with_` says; other cells stay the type's."""
    policy = actors.DEFAULT_POLICIES["sending"]
    assert actors.SendFile("bob", "f").overrides.apply(policy) == policy.with_(run_timeout=300.0)
    longer = actors.SendFile("bob", "f").with_(run_timeout=3600, priority=2)
    assert longer.overrides.apply(policy) == policy.with_(run_timeout=3600, priority=2)
