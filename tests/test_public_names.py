"""The public names: what users import, so that a change of the API shows in a diff."""

from __future__ import annotations

import ast
from pathlib import Path

import actors

SOURCE = Path(actors.__file__).read_text()


def test_type_checkers_and_programs_see_the_same_names() -> None:
    """The imports for type checkers and the table of homes are held against each other."""
    for_checkers = {
        (node.module, alias.asname)
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("actors.")
        for alias in node.names
    }
    for_programs = {(module, name) for module, names in actors._HOMES.items() for name in names}
    assert for_checkers == for_programs


def test_every_public_name_can_be_had_and_no_other() -> None:
    """Lazily, and by `dir`."""
    assert [name for name in actors.__all__ if getattr(actors, name, None) is None] == []
    assert dir(actors) == list(actors.__all__)
    assert not hasattr(actors, "Slot")
