"""Histories in files: each message once, wherever an export was stopped, in either format."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sqlite3
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import actors
from actors.testing import Loopback
from tests.support import eventually

HISTORY = "messages.getHistory"
FORMATS = pytest.mark.parametrize("suffix", [".jsonl", ".sqlite"])
ROOT = Path(__file__).parents[2]


def rows(path: Path) -> list[dict[str, Any]]:
    """Return all messages in a file, as it has them."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    database = sqlite3.connect(path)
    try:
        found = database.execute("select json from messages order by chat_id, id").fetchall()
    finally:
        database.close()
    return [json.loads(whole) for (whole,) in found]


def ids(path: Path) -> list[int]:
    """Return the ids of all messages in a file."""
    return [row["id"] for row in rows(path)]


@pytest.mark.both_hosts
@FORMATS
def test_a_file_holds_what_the_snapshots_hold(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, suffix: str
) -> None:
    """Every field by its name, oldest first; nobody else may read the file."""
    telegram.add_channel("news", messages=240, members=["alice"])
    telegram.post("news", "fünf\nZeilen 🎉", author="alice")
    path = tmp_path / f"news{suffix}"
    exported = alice.ask(actors.ExportHistory("news", path), timeout=20)
    asked = actors.ScrapeHistory("news", limit=300, order=actors.HistoryOrder.OLDEST_FIRST)
    scraped = alice.ask(asked, timeout=20).messages
    assert rows(path) == [message.to_dict() for message in scraped]
    assert (exported.path, exported.count, exported.last_id) == (str(path), 241, scraped[-1].id)
    assert exported.chat.username == "news"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_table_has_columns_to_ask_by(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> None:
    """With a key of chat and id, so that one file takes many chats."""
    for name in ("news", "rumours"):
        telegram.add_channel(name, messages=120, members=["alice"])
        assert alice.ask(actors.ExportHistory(name, tmp_path / "all.db"), timeout=20).count == 120
    telegram.post("news", "fresh", author="alice")
    assert alice.ask(actors.ExportHistory("news", tmp_path / "all.db"), timeout=20).count == 1
    database = sqlite3.connect(tmp_path / "all.db")
    counts = database.execute("select chat_kind, count(*) from messages group by chat_id order by 2").fetchall()
    (fresh,) = database.execute("select id, out from messages where text = 'fresh'").fetchall()
    database.close()
    assert (counts, fresh) == ([("channel", 120), ("channel", 121)], (121, 1))


@FORMATS
def test_an_export_adds_what_is_new_and_no_more(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, suffix: str
) -> None:
    """Started again with the same file, as often as one likes."""
    telegram.add_channel("news", messages=150, members=["alice"])
    path = tmp_path / f"news{suffix}"
    counts = []
    for _ in range(3):
        counts.append(alice.ask(actors.ExportHistory("news", path), timeout=20).count)
        telegram.post_many("news", ["more"] * 5)
    assert (counts, ids(path)) == ([150, 5, 5], list(range(1, 161)))


@FORMATS
def test_an_export_that_is_stopped_anywhere_goes_on_where_its_file_ends(
    telegram: Loopback, system: actors.System, alice: actors.SessionRef, tmp_path: Path, suffix: str
) -> None:
    """Cancelled, flooded, cut and restarted in the middle: each message is in it once."""
    telegram.add_channel("news", messages=3000, members=["alice"])
    path = tmp_path / f"news{suffix}"

    def at_page(number: int) -> None:
        eventually(lambda: telegram.calls("alice").count(HISTORY) >= number, within=20)

    telegram.fail(HISTORY, account="alice", delay=0.03)
    first = alice.ask(actors.ExportHistory("news", path), block=False)
    at_page(5)
    first.cancel()
    with pytest.raises(actors.OperationCancelled) as caught:
        first.get(timeout=5)
    second = alice.ask(actors.ExportHistory("news", path, resume=caught.value.checkpoint), block=False)
    at_page(10)
    telegram.disconnect("alice")
    at_page(14)
    system.restart_session("alice")
    at_page(18)
    telegram.heal()
    telegram.fail(HISTORY, account="alice", error="FLOOD_WAIT_1", times=1)
    assert second.get(timeout=30).last_id == 3000
    assert ids(path) == list(range(1, 3001))


KILLED = """
import sys
import actors
config = actors.SessionConfig(
    name="alice", api_id=1, api_hash="0" * 32, session=sys.argv[1],
    server=actors.ServerAddress(host=sys.argv[2], port=int(sys.argv[3]), public_key=sys.argv[4]),
)
with actors.open_system() as system:
    system.start_session(config).ask(actors.ExportHistory("news", sys.argv[5]))
"""


@FORMATS
def test_an_export_whose_process_is_killed_goes_on_in_another(telegram: Loopback, tmp_path: Path, suffix: str) -> None:
    """Killed while it writes; the file has whole messages, each once, when the next one is done."""
    telegram.add_channel("news", messages=3000, members=["alice"])
    config, path = telegram.add_session("alice"), tmp_path / f"news{suffix}"
    server = telegram.address
    arguments = [config.session, server.host, str(server.port), server.public_key, str(path)]

    def asked_for(pages: int) -> bool:
        return telegram.calls("alice").count(HISTORY) >= pages

    for _ in range(2):
        telegram.fail(HISTORY, delay=0.01)
        enough = partial(asked_for, telegram.calls("alice").count(HISTORY) + 6)
        process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], cwd=ROOT)  # noqa: S603  ours
        try:
            eventually(enough, within=20)
        finally:
            process.kill()
            process.wait(10)
        telegram.heal()
        assert path.exists()
    with actors.open_system() as system:
        exported = system.start_session(config).ask(actors.ExportHistory("news", path), timeout=30)
    assert 0 < exported.count < 3000
    assert ids(path) == list(range(1, 3001))


@pytest.mark.parametrize("cut", [1, 60, 4000])
def test_a_broken_last_line_is_dropped_and_written_again(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, cut: int
) -> None:
    """As a crash in the middle of a write leaves it: without its end of line, in a line, or over several lines."""
    telegram.add_channel("news", messages=130, members=["alice"])
    path = tmp_path / "news.jsonl"
    alice.ask(actors.ExportHistory("news", path), timeout=20)
    whole = path.read_bytes()
    os.truncate(path, len(whole) - cut)
    assert alice.ask(actors.ExportHistory("news", path), timeout=20).count >= 1
    assert path.read_bytes() == whole


def test_a_first_line_that_is_broken_is_written_again(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """A crash in the very first write; and a line longer than what is looked at at once."""
    telegram.add_channel("news", members=["alice"])
    telegram.post_many("news", ["x" * 4000])
    path = tmp_path / "news.jsonl"
    for broken in (b"", b"{", b'{"id": 1, "chat": {"kind": "chan', b'{"id": 1, "text": "' + b"x" * 200_000):
        path.write_bytes(broken)
        alice.ask(actors.ExportHistory("news", path), timeout=20)
        assert ids(path) == [1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.jsonl", b"milk\neggs\n"),
        ("list.jsonl", b"milk\neggs"),
        ("list.jsonl", b'{"id": 1}\n'),
        ("list.jsonl", b'{"id": 1, "chat": {"kind": "channel", "id": 5}}\n'),
    ],
)
def test_a_file_that_is_something_else_is_left_alone(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, name: str, content: bytes
) -> None:
    """Not one byte of it is changed."""
    telegram.add_channel("news", messages=3, members=["alice"])
    (tmp_path / name).write_bytes(content)
    with pytest.raises(actors.InvalidInput, match="path"):
        alice.ask(actors.ExportHistory("news", tmp_path / name), timeout=10)
    assert (tmp_path / name).read_bytes() == content


def test_a_table_and_a_file_of_somebody_else_are_left_alone(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """A table of this name with other columns; and what is no database at all."""
    telegram.add_channel("news", messages=3, members=["alice"])
    database = sqlite3.connect(tmp_path / "mine.db")
    database.execute("create table messages (id integer primary key, note text)")
    database.close()
    with pytest.raises(actors.InvalidInput, match="no export"):
        alice.ask(actors.ExportHistory("news", tmp_path / "mine.db"), timeout=10)
    (tmp_path / "text.db").write_bytes(b"not a database, but long enough to be told from one" * 20)
    with pytest.raises(actors.FileFailed, match="not a database"):
        alice.ask(actors.ExportHistory("news", tmp_path / "text.db"), timeout=10)


def test_a_file_that_somebody_else_writes_to_ends_the_export(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path
) -> None:
    """Two exports to one file would mix their messages."""
    telegram.add_channel("news", messages=600, members=["alice"])
    telegram.fail(HISTORY, delay=0.1)
    path = tmp_path / "news.jsonl"
    future = alice.ask(actors.ExportHistory("news", path), block=False)
    eventually(lambda: path.exists() and path.stat().st_size)
    with path.open("ab") as file:
        file.write(b'{"id": 7}\n')
    with pytest.raises(actors.FileFailed, match="somebody else"):
        future.get(timeout=10)


def test_a_disk_that_fails_ends_the_export(telegram: Loopback, alice: actors.SessionRef, tmp_path: Path) -> None:
    """With what the system says, and no session harmed."""
    telegram.add_channel("news", messages=3, members=["alice"])
    for path in ("/dev/full.jsonl/x.jsonl", str(tmp_path)):
        with pytest.raises(actors.InvalidInput):
            alice.ask(actors.ExportHistory("news", path), timeout=10)
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    with pytest.raises(actors.FileFailed):
        alice.ask(actors.ExportHistory("news", tmp_path / "loop.jsonl"), timeout=10)
    with pytest.raises(actors.InvalidInput, match="folder"):
        alice.ask(actors.ExportHistory("news", tmp_path / "no" / "news.jsonl"), timeout=10)
    assert alice.ask(actors.ScrapeHistory("news")).count == 3


def test_sqlite_files_need_their_library(
    telegram: Loopback, alice: actors.SessionRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra, the error names it; JSON Lines do without."""
    telegram.add_channel("news", messages=3, members=["alice"])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sqlite_utils" else name)
    with pytest.raises(actors.InvalidInput, match=r"telegram-actors\[export\]"):
        alice.ask(actors.ExportHistory("news", tmp_path / "news.sqlite"), timeout=10)
    assert alice.ask(actors.ExportHistory("news", tmp_path / "news.jsonl"), timeout=10).count == 3


def test_nobody_loads_the_library_who_does_not_export() -> None:
    """It costs a tenth of a second."""
    code = "import sys, actors; actors.ExportHistory('news', 'a.db'); print('sqlite_utils' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout.strip() == "False"
