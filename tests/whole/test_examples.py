"""The examples run by themselves, say what they should, and nothing on stderr. A new one can't be forgotten here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

SAID: dict[str, list[str]] = {
    "asyncio_app.py": [
        "bob reads: hello",
        "bob reads: bye",
        "alice reads: you said 'hello', you said 'how are you?'",
        "members: ['alice', 'bob']",
        "...and it was sent all the same, as message 1",
    ],
    "custom_operation.py": [
        "counting on alice, as archiving",
        "350 messages",
        "page of 50: 0 found",
        "sent message 1 between two pages",
        "found ['news 277', 'news 177', 'news 77']",
        "I am @alice",
    ],
    "embed_in_a_pykka_app.py": [
        "edition: ['rain', 'more rain', 'sun']",
        "told, and failed: sending: contacts.resolveUsername: USERNAME_NOT_OCCUPIED (400; operation_permanent)",
        "the monitor ended: session stopped",
        "the editor has: ['seen: rain', 'seen: more rain', 'seen: sun']",
    ],
    "send_and_read.py": [
        "alice is online",
        "read 200 messages; the newest says 'news 250'",
        "refused: USERNAME_NOT_OCCUPIED, which means operation_permanent",
        "meanwhile: 2 members in the chat; held: ['method:messages.sendMessage']",
        "outcomes: {'done': 5, 'failed': 1}",
        "the server holds for bob: ['hello', 'read the news', 'take your time']",
    ],
}
"""The essential lines of each example."""


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_runs_to_its_end_and_says_what_it_shows(example: Path, tmp_path: Path) -> None:
    """As a user runs it, from any folder, with warnings as errors."""
    command = [sys.executable, "-W", "error", str(example)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(  # noqa: S603  our own script
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.returncode == 0
    lines = ended.stdout.splitlines()
    assert [line for line in SAID[example.name] if line not in lines] == []


def test_every_example_that_is_expected_is_there() -> None:
    """An empty folder would pass the test above."""
    assert sorted(SAID) == sorted(path.name for path in EXAMPLES.glob("*.py"))
