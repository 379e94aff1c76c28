"""README.md is executed, and its tables are compared with the code: nothing in it is kept in step by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pykka
import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import actors
from actors.model import errors
from actors.testing import Loopback

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks() -> list[Example]:
    """Return the blocks of Python, with a new namespace."""
    return list(Sybil(parsers=[PythonCodeBlockParser()]).parse(README))


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def commands(mark: str) -> list[str]:
    """Return what stands in the block of commands right after a mark."""
    after = TEXT.partition(f"<!-- newcomer: {mark} -->\n```console\n")[2]
    return after.partition("\n```")[0].splitlines()


@pytest.mark.both_hosts
@pytest.mark.parametrize("index", range(len(blocks())))
def test_a_block_of_python_runs(
    index: int, telegram: Loopback, system: actors.System, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against a loopback, with the names that the text has introduced; a test in it is run as pytest would."""
    telegram.add_channel("news", messages=300, members=["alice", "bob"])
    config = telegram.add_session("alice")
    block = blocks()[index]
    block.namespace.update({"actors": actors, "telegram": telegram, "config": config, "system": system})
    block.namespace["alice"] = system.start_session(config)
    block.evaluate()
    tests: list[Callable[..., Any]] = [value for name, value in block.namespace.items() if name.startswith("test_")]
    for test in tests:
        with Loopback() as server:
            test(server)
    assert capsys.readouterr().err == ""
    assert pykka.ActorRegistry.get_by_class(pykka.ThreadingActor) == []


def test_there_are_blocks_to_run() -> None:
    """A change of the markup must not turn the test above off."""
    assert len(blocks()) == TEXT.count("```python") >= 5


def test_the_first_block_prints_what_it_promises(capsys: pytest.CaptureFixture[str]) -> None:
    """It needs nothing but itself."""
    blocks()[0].evaluate()
    assert capsys.readouterr().out.splitlines() == ["1 300 Phase.ONLINE", "['hello', 'now']"]


def test_the_two_commands_stand_behind_their_marks() -> None:
    """One each, as they are."""
    assert commands("run") == ["pip install . && python -m actors demo"]
    assert commands("test") == ["pip install '.[test]' && pytest -q"]


def test_the_policy_table_is_that_of_the_code() -> None:
    """Every cell."""

    def seconds(value: float | None) -> str:
        return "-" if value is None else f"{value:g} s"

    assert table("Policies") == [
        [
            name,
            str(policy.priority),
            seconds(policy.wait_timeout),
            seconds(policy.run_timeout),
            seconds(policy.attempt_timeout),
            str(policy.retries),
            str(policy.permits or "-"),
        ]
        for name, policy in actors.DEFAULT_POLICIES.items()
    ]


def test_the_table_of_errors_has_every_error_that_one_may_catch() -> None:
    """The bases, and what isn't raised by itself, are in the text above it."""
    named = [row[0].strip("`") for row in table("Errors")]
    ours = set(errors.__all__) - {"ActorsError", "OperationError", "Verdict", "FloodScope"}
    assert set(named) == ours | {"ActorDeadError", "pykka.Timeout"}
    operations = named[named.index("MailboxFull") : -2]
    assert {name for name in ours if issubclass(getattr(errors, name), errors.OperationError)} == set(operations)


def test_what_the_text_calls_by_name_exists() -> None:
    """Classes are public names, and names in capitals are verdicts, but for a few that aren't ours."""
    others = {"ActorRegistry", "StringSession", "TelegramClient", "ResourceWarning", "LICENSE"}
    of_telegram = {"PEER_FLOOD", "FILE_MIGRATE", "AUTH_KEY_DUPLICATED"}
    of_telegram |= {"USER_ALREADY_PARTICIPANT", "MESSAGE_NOT_MODIFIED", "INVITE_REQUEST_SENT"}
    named = set(re.findall(r"`([A-Z][A-Za-z_]+)\b", TEXT)) - others - of_telegram
    assert named - set(actors.__all__) - set(actors.Verdict.__members__) == set()


def test_every_file_that_the_text_names_is_there() -> None:
    """As seen from the folder of README.md."""
    named = re.findall(r"`(examples/[a-z_.]*|LICENSE)`", TEXT)
    assert len(named) >= 3
    assert [name for name in named if not (README.parent / name).exists()] == []
