"""Files that are interrupted on their way: each goes on at the part where it was, and the loop stays free."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

import actors
from actors.operations.window import MOST
from actors.testing import Loopback
from tests.support import eventually, shortest

MIB = 1024 * 1024
SAVE_BIG, SAVE, GET = "upload.saveBigFilePart", "upload.saveFilePart", "upload.getFile"
STALL = 0.05
"""Seconds that the loop may be stuck at most."""


def noise(path: Path, size: int) -> bytes:
    """Fill a file with bytes that don't compress; return them."""
    data = Random(size).randbytes(size)  # noqa: S311  noise for a test
    path.write_bytes(data)
    return data


def copied(checkpoint: actors.Checkpoint) -> actors.Checkpoint:
    """Return a checkpoint as another process would get it."""
    again: actors.Checkpoint = pickle.loads(pickle.dumps(checkpoint))  # noqa: S301  our own
    return again


def slowed(telegram: Loopback, method: str, *, delay: float = 0.05) -> None:
    """Let each part of alice's take a while, so that there is a middle to interrupt."""
    telegram.fail(method, account="alice", delay=delay)


def calls(telegram: Loopback) -> list[str]:
    """Return the methods that alice has called."""
    return [str(call) for call in telegram.calls("alice")]


def until_called(telegram: Loopback, method: str, times: int) -> None:
    """Wait until alice has called a method so often."""
    eventually(lambda: calls(telegram).count(method) >= times, within=20)


@pytest.fixture
def alice_with_file(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> tuple[int, bytes]:
    """A file of 5 MiB among alice's own messages; its message's id, and its bytes."""
    data = noise(tmp_path / "sent", 5 * MIB)
    sent = alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=20)
    telegram.forget_calls("alice")
    return sent.id, data


# 50 MB.


class Stalls:
    """How long the loop of a session was stuck: wall-clock time between two turns, beyond what was asked for."""

    def __init__(self, session: actors.SessionRef) -> None:
        self.longest = 0.0
        self._watch = session.ask(actors.Call("watch", self._look), block=False)

    async def _look(self, client: actors.Client) -> None:
        del client
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.monotonic() - before - 0.001)

    def end(self) -> float:
        """Stop watching; return the longest one in seconds."""
        self._watch.cancel()
        return self.longest


def cut_line(telegram: Loopback) -> None:
    """Cut the connection: Telethon makes another by itself, and the attempt goes on."""
    assert telegram.disconnect("alice") == 1


def cut_for_a_while(telegram: Loopback) -> None:
    """Let the server be away until the client has given up: another attempt goes on."""
    telegram.restart(down_for=0.5)


@pytest.mark.parametrize("window", [1, None])
@pytest.mark.parametrize("cut", [cut_line, cut_for_a_while])
def test_50_mb_go_on_after_a_cut_at_the_part_where_they_were(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, cut: Callable[[Loopback], None], window: int | None
) -> None:
    """Up and down: of 96 parts only those in flight are moved twice, or thrice; the bytes are those that were sent."""
    most = 96 + 2 * (window or MOST)
    data = noise(tmp_path / "sent", 50_000_000)
    slowed(telegram, SAVE_BIG, delay=0.01)
    uploading = alice.ask(actors.SendFile("me", tmp_path / "sent", window=window), block=False)
    until_called(telegram, SAVE_BIG, 40)
    cut(telegram)
    telegram.heal()
    sent = uploading.get(timeout=30)
    assert 96 <= calls(telegram).count(SAVE_BIG) <= most

    slowed(telegram, GET, delay=0.01)
    downloading = alice.ask(actors.DownloadFile("me", sent.id, tmp_path / "kept", window=window), block=False)
    until_called(telegram, GET, 40)
    cut(telegram)
    telegram.heal()
    assert downloading.get(timeout=30).size == len(data)
    assert 96 <= calls(telegram).count(GET) <= most
    assert (tmp_path / "kept").read_bytes() == data
    assert len(telegram.messages("alice")) == 1


@pytest.mark.timing
@pytest.mark.both_hosts
def test_the_loop_is_never_stuck_for_50_ms_while_50_mb_go_up_and_come_down(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """Noise of the machine only adds: the best of five tries is at least what the library does."""
    watcher = system.start_session(telegram.add_session("watcher"))
    data = noise(tmp_path / "sent", 50_000_000)

    def moves() -> float:
        stalls = Stalls(watcher)
        sent = alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=60)
        alice.ask(actors.DownloadFile("me", sent.id, tmp_path / "kept"), timeout=60)
        return stalls.end()

    assert shortest(moves, below=STALL) < STALL
    assert (tmp_path / "kept").read_bytes() == data


# Cancelled, and gone on with.


@pytest.mark.parametrize("window", [1, 5])
def test_a_cancelled_upload_goes_on_from_its_checkpoint(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, window: int
) -> None:
    """The checkpoint survives pickling; no part but those in flight is sent again."""
    noise(tmp_path / "sent", 15 * MIB)
    slowed(telegram, SAVE_BIG)
    uploading = alice.ask(actors.SendFile("me", tmp_path / "sent", "once", window=window), block=False)
    until_called(telegram, SAVE_BIG, 10)
    uploading.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        uploading.get(timeout=5)
    telegram.heal()
    checkpoint = copied(caught.value.checkpoint)
    assert checkpoint.total == 15 * MIB
    done, before = checkpoint.done, calls(telegram).count(SAVE_BIG)
    assert done >= (10 - window) * MIB // 2
    alice.ask(actors.SendFile("me", tmp_path / "sent", "once", resume=checkpoint), timeout=20)
    left = (15 * MIB - done) // (MIB // 2)
    assert left <= calls(telegram).count(SAVE_BIG) - before <= left + window  # the cancelled ones may still come in
    assert [message.text for message in telegram.messages("alice")] == ["once"]


@pytest.mark.both_hosts
@pytest.mark.parametrize("window", [1, None])
def test_a_cancelled_download_goes_on_in_another_system(
    telegram: Loopback,
    alice: actors.SessionRef,
    alice_with_file: tuple[int, bytes],
    tmp_path: Path,
    window: int | None,
) -> None:
    """With the checkpoint and the unfinished file, as after a restart of the program."""
    message_id, data = alice_with_file
    slowed(telegram, GET)
    downloading = alice.ask(actors.DownloadFile("me", message_id, tmp_path / "kept", window=window), block=False)
    until_called(telegram, GET, 5)
    downloading.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        downloading.get(timeout=5)
    telegram.heal()
    assert (tmp_path / "kept.part").exists()
    assert not (tmp_path / "kept").exists()
    checkpoint = copied(caught.value.checkpoint)
    done, before = checkpoint.done, calls(telegram).count(GET)
    with actors.open_system() as other:
        again = other.start_session(telegram.add_session("again", account="alice"))
        again.ask(actors.DownloadFile("me", message_id, tmp_path / "kept", resume=checkpoint), timeout=20)
    left = (5 * MIB - done) // (MIB // 2)
    assert left <= calls(telegram).count(GET) - before <= left + (window or MOST)  # as above
    assert (tmp_path / "kept").read_bytes() == data
    assert not (tmp_path / "kept.part").exists()


def test_a_download_whose_unfinished_file_is_gone_says_so_and_begins_anew_when_resumed(
    telegram: Loopback, alice: actors.SessionRef, alice_with_file: tuple[int, bytes], tmp_path: Path
) -> None:
    """`FileFailed`, with the checkpoint; what isn't there any more is fetched again."""
    message_id, data = alice_with_file
    slowed(telegram, GET)
    downloading = alice.ask(actors.DownloadFile("me", message_id, tmp_path / "kept"), block=False)
    until_called(telegram, GET, 9)  # the first ones are on the disk by then
    (tmp_path / "kept.part").unlink()
    with pytest.raises(actors.FileFailed, match="No such file") as caught:
        downloading.get(timeout=5)
    telegram.heal()
    assert caught.value.checkpoint.done >= MIB // 2
    resumed = actors.DownloadFile("me", message_id, tmp_path / "kept", resume=caught.value.checkpoint)
    alice.ask(resumed, timeout=20)
    assert (tmp_path / "kept").read_bytes() == data


def test_a_file_that_changes_between_two_halves_of_its_upload_is_not_sent(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """Half of one and half of another is neither."""
    noise(tmp_path / "sent", 5 * MIB)
    slowed(telegram, SAVE)
    uploading = alice.ask(actors.SendFile("me", tmp_path / "sent"), block=False)
    until_called(telegram, SAVE, 3)
    noise(tmp_path / "sent", 5 * MIB + 1)
    with pytest.raises(actors.InvalidInput, match="has changed"):
        uploading.get(timeout=5)
    assert telegram.messages("alice") == []


def test_an_upload_does_not_go_on_in_another_chat(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> None:
    """Its random_id stands for a message of the first one."""
    telegram.add_session("bob")
    noise(tmp_path / "sent", 100)
    telegram.fail("messages.sendMedia", account="alice", error="CHAT_WRITE_FORBIDDEN", code=403, times=1)
    with pytest.raises(actors.TelegramError) as caught:
        alice.ask(actors.SendFile("me", tmp_path / "sent"))
    with pytest.raises(actors.InvalidInput, match="another chat"):
        alice.ask(actors.SendFile("bob", tmp_path / "sent", resume=caught.value.checkpoint))


# Giving way.


@pytest.mark.parametrize("method", [SAVE, GET])
def test_a_file_gives_way_to_an_urgent_send_between_two_parts(
    telegram: Loopback, alice: actors.SessionRef, alice_with_file: tuple[int, bytes], tmp_path: Path, method: str
) -> None:
    """And goes on where it was."""
    message_id, data = alice_with_file
    slowed(telegram, method)
    operation: actors.Operation[object] = (
        actors.SendFile("me", tmp_path / "sent")
        if method == SAVE
        else actors.DownloadFile("me", message_id, tmp_path / "kept")
    )
    moving = alice.ask(operation, block=False)
    until_called(telegram, method, 3)
    alice.ask(actors.SendMessage("me", "now").with_(priority=20), timeout=5)
    assert not moving.done()
    telegram.heal()
    moving.get(timeout=20)
    seen = calls(telegram)
    assert seen.count(method) == 10
    assert 3 <= seen.index("messages.sendMessage") - seen.index(method) <= 9
    assert method == SAVE or (tmp_path / "kept").read_bytes() == data


# What the server says on the way.


def test_a_reference_that_expires_on_the_way_is_refreshed(
    telegram: Loopback, alice: actors.SessionRef, alice_with_file: tuple[int, bytes], tmp_path: Path
) -> None:
    """The message is looked at once more, and what was in flight is asked for twice."""
    message_id, data = alice_with_file
    slowed(telegram, GET)
    downloading = alice.ask(actors.DownloadFile("me", message_id, tmp_path / "kept"), block=False)
    until_called(telegram, GET, 3)
    telegram.expire_file_references()
    telegram.heal()
    downloading.get(timeout=10)
    seen = calls(telegram)
    assert seen.count("messages.getMessages") == 2
    assert 11 <= seen.count(GET) <= 10 + MOST
    assert (tmp_path / "kept").read_bytes() == data


@pytest.mark.parametrize("method", [SAVE, GET])
def test_a_flood_wait_on_the_way_costs_one_part(
    telegram: Loopback, alice: actors.SessionRef, alice_with_file: tuple[int, bytes], tmp_path: Path, method: str
) -> None:
    """The wait is seen in status; what doesn't need the method goes on."""
    message_id, _ = alice_with_file
    slowed(telegram, method)
    operation: actors.Operation[object] = (
        actors.SendFile("me", tmp_path / "sent")
        if method == SAVE
        else actors.DownloadFile("me", message_id, tmp_path / "kept")
    )
    moving = alice.ask(operation, block=False)
    until_called(telegram, method, 3)
    telegram.heal()
    telegram.fail(method, account="alice", error="FLOOD_WAIT_1", times=1)
    eventually(lambda: [hold.key for hold in alice.status().holds] == [f"method:{method}"])
    alice.ask(actors.SendMessage("me", "meanwhile"), timeout=1)
    moving.get(timeout=10)
    assert calls(telegram).count(method) == 11


def test_a_file_whose_reply_is_lost_is_sent_once(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> None:
    """The message is asked for again with its random_id, and no part is sent again."""
    noise(tmp_path / "sent", 3 * MIB)
    telegram.fail("messages.sendMedia", account="alice", drop="after", times=1)
    alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=20)
    seen = calls(telegram)
    assert (seen.count(SAVE), seen.count("messages.sendMedia")) == (6, 2)
    assert len(telegram.messages("alice")) == 1


def test_a_file_that_may_have_been_sent_is_unknown_and_its_checkpoint_makes_sure(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """`OutcomeUnknown` until it is resumed; then there is one message."""
    noise(tmp_path / "sent", MIB)
    telegram.fail("messages.sendMedia", account="alice", delay=30)
    asked = actors.SendFile("me", tmp_path / "sent").with_(run_timeout=1)
    with pytest.raises(actors.OutcomeUnknown) as caught:
        alice.ask(asked, timeout=10)
    telegram.heal()
    resumed = actors.SendFile("me", tmp_path / "sent", resume=caught.value.checkpoint)
    sent = alice.ask(resumed, timeout=10)
    assert sent.random_id == caught.value.random_id
    assert calls(telegram).count(SAVE) == 2
    assert len(telegram.messages("alice")) == 1


def test_an_upload_that_the_server_has_forgotten_is_done_once_more(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """All parts, under the same id; a server that forgets for ever is believed."""
    noise(tmp_path / "sent", MIB)
    telegram.fail("messages.sendMedia", account="alice", error="FILE_PART_1_MISSING", times=1)
    alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=10)
    assert calls(telegram).count(SAVE) == 4
    telegram.fail("messages.sendMedia", account="alice", error="FILE_PART_1_MISSING")
    with pytest.raises(actors.TelegramError, match="MISSING"):
        alice.ask(actors.SendFile("me", tmp_path / "sent"), timeout=10)
    assert len(telegram.messages("alice")) == 1
