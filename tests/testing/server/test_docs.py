"""docs/loopback.md: its lists are the code's, its examples run."""

from __future__ import annotations

from sybil import Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from actors.testing.server.methods.registry import HANDLERS
from actors.testing.server.tl import method_name
from tests.testing.server.write_docs import CHAPTER, rewritten

TEXT = CHAPTER.read_text(encoding="utf-8")


def test_the_lists_are_those_of_the_code() -> None:
    """If this fails: `python -m tests.testing.server.write_docs`."""
    assert rewritten(TEXT) == TEXT


def test_every_method_is_listed_with_a_sentence() -> None:
    """By Telegram's name of it."""
    for name in sorted(method_name(request) for request in HANDLERS):
        (line,) = [line for line in TEXT.splitlines() if line.startswith(f"- `{name}`: ")]
        assert line.endswith("."), name


def _blocks() -> list[Example]:
    return list(Sybil(parsers=[PythonCodeBlockParser()]).parse(CHAPTER))


def test_the_examples_run() -> None:
    """In order, each going on where the one before ended."""
    blocks = _blocks()
    assert len(blocks) >= 2
    for block in blocks:
        block.evaluate()
