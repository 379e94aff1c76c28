"""The public names: what users import. The stub lists each once, so that a change of the API shows in its diff."""

from __future__ import annotations

import subprocess
import sys

import actors


def test_every_public_name_can_be_had_and_no_other() -> None:
    """Lazily, and by `dir`."""
    assert [name for name in actors.__all__ if getattr(actors, name, None) is None] == []
    assert dir(actors) == list(actors.__all__)
    assert not hasattr(actors, "Slot")


def test_importing_the_package_loads_none_of_its_wings() -> None:
    """The pytest plugin imports it in every run of every user."""
    code = (
        "import sys, actors; print([name for name in sys.modules if name.startswith(('actors.', 'telethon', 'pykka'))])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  ours
    assert loaded.stdout.strip() == "[]"
