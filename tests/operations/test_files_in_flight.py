"""Several parts of a file in flight: how many, what they cost when something fails, what the disk holds meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

import actors
from actors.model.answers import RemoteFile
from actors.operations.parts import PART
from actors.testing import Loopback
from tests.operations.recorder import Recorder
from tests.support import eventually
from tests.testing.server.pictures import png

SAVE, GET = "upload.saveFilePart", "upload.getFile"


def noise(path: Path, parts: int) -> bytes:
    """Fill a file with bytes that don't compress; return them."""
    data = Random(parts).randbytes(parts * PART)  # noqa: S311  noise for a test
    path.write_bytes(data)
    return data


@pytest.fixture
def recorder() -> Recorder:
    """Who writes down what leaves."""
    return Recorder()


@pytest.fixture
def alice(telegram: Loopback, system: actors.System, recorder: Recorder) -> actors.SessionRef:
    """A session whose parts are written down."""
    return system.start_session(replace(telegram.add_session("alice"), client_factory=recorder))


@pytest.fixture
def message_id(alice: actors.SessionRef, tmp_path: Path) -> int:
    """The message of a file of 12 parts, which is at `sent`."""
    noise(tmp_path / "sent", 12)
    return alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=20).id


@pytest.mark.parametrize("window", [1, 3, 16])
def test_as_many_parts_are_in_flight_as_the_window_says(
    telegram: Loopback, alice: actors.SessionRef, recorder: Recorder, tmp_path: Path, window: int
) -> None:
    """Up and down, and one by one if it is 1."""
    parts = window + 1
    data = noise(tmp_path / "sent", parts)
    telegram.fail("upload.*", account="alice", delay=0.4)
    sent = alice.ask(actors.SendFile("me", tmp_path / "sent", window=window), timeout=20)
    alice.ask(actors.DownloadFile("me", sent.id, tmp_path / "kept", window=window), timeout=20)
    assert (recorder.up.most, recorder.down.most) == (window, window)
    assert (recorder.up.sends, recorder.down.sends) == (parts, parts)
    assert (tmp_path / "kept").read_bytes() == data


def test_the_window_grows_with_the_answers(
    telegram: Loopback, alice: actors.SessionRef, recorder: Recorder, tmp_path: Path
) -> None:
    """Beyond the four that it begins with."""
    noise(tmp_path / "sent", 20)
    telegram.fail("upload.*", account="alice", delay=0.1)
    asked = alice.ask(actors.SendFile("me", tmp_path / "sent"), block=False)
    eventually(lambda: recorder.up.sends > 0)
    eventually(lambda: recorder.up.sends > 4)
    asked.get(timeout=20)
    assert 5 <= recorder.up.most <= 16


def test_a_slow_line_is_no_timeout_while_parts_are_answered(
    telegram: Loopback, alice: actors.SessionRef, recorder: Recorder, tmp_path: Path
) -> None:
    """The attempt timeout is for the next answer: six parts of 0.35 s each may take longer than 1.5 s together."""
    noise(tmp_path / "sent", 6)
    telegram.slow("alice", read=1_500_000)
    asked = actors.SendFile("me", tmp_path / "sent", window=6).with_(attempt_timeout=1.5, retries=0)
    alice.ask(asked, timeout=20)
    assert recorder.up.sends == 6


def test_a_silence_is_a_timeout_and_what_was_answered_is_kept(
    telegram: Loopback, alice: actors.SessionRef, recorder: Recorder, tmp_path: Path
) -> None:
    """The next attempt sends what had no answer, and nothing else."""
    noise(tmp_path / "sent", 12)
    telegram.fail(SAVE, account="alice", silence=True, times=2)
    alice.ask(actors.SendFile("me", tmp_path / "sent").with_(attempt_timeout=1.0), timeout=20)
    assert recorder.up.sends == 14
    assert recorder.up.again == set()


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_flood_wait_that_is_too_long_has_the_checkpoint_of_all_that_landed(
    telegram: Loopback,
    system: actors.System,
    alice: actors.SessionRef,
    message_id: int,
    recorder: Recorder,
    tmp_path: Path,
    way: str,
) -> None:
    """Those that were in flight with the refused part are waited for first; another session goes on from there."""
    method, operation = (
        (SAVE, actors.SendFile("me", tmp_path / "sent", window=8))
        if way == "up"
        else (GET, actors.DownloadFile("me", message_id, tmp_path / "kept", window=8))
    )
    before = recorder.of(way).sends
    telegram.fail(method, account="alice", error="FLOOD_WAIT_9999", times=1)
    telegram.fail(method, account="alice", delay=0.1)
    with pytest.raises(actors.FloodWait) as caught:
        alice.ask(operation, timeout=20)
    landed = recorder.of(way).sends - before - 1
    assert caught.value.checkpoint.done == landed * PART
    telegram.heal()
    others = Recorder()
    again = system.start_session(replace(telegram.add_session("again", account="alice"), client_factory=others))
    again.ask(replace(operation, resume=caught.value.checkpoint), timeout=20)
    assert others.of(way).sends == 12 - landed


def test_a_file_that_gives_way_lets_what_is_in_flight_land(
    telegram: Loopback, alice: actors.SessionRef, recorder: Recorder, tmp_path: Path
) -> None:
    """It begins nothing more meanwhile, and nothing is moved twice."""
    noise(tmp_path / "sent", 16)
    telegram.fail(SAVE, account="alice", delay=0.15)
    moving = alice.ask(actors.SendFile("me", tmp_path / "sent", window=4), block=False)
    eventually(lambda: recorder.up.sends >= 4)
    alice.ask(actors.SendMessage("me", "now").with_(priority=20), timeout=5)
    seen = [str(call) for call in telegram.calls("alice")]
    assert seen[: seen.index("messages.sendMessage")].count(SAVE) <= 8
    telegram.heal()
    moving.get(timeout=20)
    assert recorder.up.sends == 16


def _cancelled_midway(alice: actors.SessionRef, operation: Any, recorder: Recorder) -> actors.Checkpoint:
    """Cancel a download after some answers; return its checkpoint."""
    before = recorder.down.sends
    moving = alice.ask(operation, block=False)
    eventually(lambda: recorder.down.sends >= before + 8)
    moving.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        moving.get(timeout=5)
    checkpoint: actors.Checkpoint = caught.value.checkpoint
    eventually(lambda: not recorder.down.flying)
    return checkpoint


def test_an_old_checkpoint_does_not_trust_an_unfinished_file_that_was_begun_anew(
    telegram: Loopback, alice: actors.SessionRef, message_id: int, recorder: Recorder, tmp_path: Path
) -> None:
    """That has parts far behind, as the first one had, and holes where the checkpoint has parts."""
    telegram.fail(GET, account="alice", delay=0.05)
    download = actors.DownloadFile("me", message_id, tmp_path / "kept", window=4)
    old = _cancelled_midway(alice, download, recorder)
    (tmp_path / "kept.part").unlink()
    _cancelled_midway(alice, replace(download, resume=old), recorder)
    telegram.heal()
    before = recorder.down.sends
    alice.ask(replace(download, resume=old), timeout=20)
    assert recorder.down.sends - before == 12
    assert (tmp_path / "kept").read_bytes() == (tmp_path / "sent").read_bytes()


def test_the_unfinished_file_of_another_download_is_not_gone_on_with(
    telegram: Loopback, alice: actors.SessionRef, message_id: int, recorder: Recorder, tmp_path: Path
) -> None:
    """Whatever its length is: it has another seal."""
    telegram.fail(GET, account="alice", delay=0.05)
    download = actors.DownloadFile("me", message_id, tmp_path / "kept", window=4)
    checkpoint = _cancelled_midway(alice, download, recorder)
    telegram.heal()
    (tmp_path / "kept.part").write_bytes(bytes(13 * PART))
    alice.ask(replace(download, resume=checkpoint), timeout=20)
    assert (tmp_path / "kept").read_bytes() == (tmp_path / "sent").read_bytes()


class Boastful(actors.DownloadFile):
    """Fetches a photo that was said to be bigger than it is."""

    async def _find(self, client: actors.Client, context: actors.OperationContext) -> RemoteFile:
        file = await actors.DownloadFile._find(self, client, context)
        return replace(file, size=file.size + 5 * PART + 7)


@pytest.mark.parametrize("size", [100, PART, PART + 1, 3 * PART])
def test_a_photo_that_is_smaller_than_it_was_said_to_be_is_kept_as_it_is(
    alice: actors.SessionRef, tmp_path: Path, size: int
) -> None:
    """Parts behind its end come back empty, in whatever order."""
    picture = png(300, 200)
    picture = picture + Random(size).randbytes(max(0, size - len(picture)))  # noqa: S311  noise for a test
    (tmp_path / "sea.png").write_bytes(picture)
    sent = alice.ask(actors.SendFile("me", tmp_path / "sea.png", as_photo=True), timeout=20)
    kept = alice.ask(Boastful("me", sent.id, tmp_path / "copy.png", window=8), timeout=20)
    assert (tmp_path / "copy.png").read_bytes() == picture
    assert kept.size == len(picture)
    assert not (tmp_path / "copy.png.part").exists()
