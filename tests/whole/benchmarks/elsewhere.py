"""Runs the comparison with libraries that need Python 3.12 in an environment of its own, if there is such a Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.whole.benchmarks.measure import Row

__all__ = ["rows"]

PEERS = ("async-pykka>=0.1.4,<0.2", "everything-is-an-actor>=0.1.6,<0.2", "casty>=0.30,<0.31")
REPO = Path(__file__).parents[3]
NEEDED = (3, 12)


def newer_python() -> str | None:
    """Return a Python that the others run on, None when this machine has none."""
    if sys.version_info >= NEEDED:
        return sys.executable
    candidates = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    candidates += [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))]
    return next((python for python in candidates if python is not None and _works(python)), None)


def _works(python: str) -> bool:
    """Say whether it can be started: a pyenv shim is there for versions that aren't."""
    code = f"import sys; sys.exit(sys.version_info < {NEEDED})"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0  # noqa: S603


def has_them(python: str) -> bool:
    """Say whether this Python has the other libraries."""
    names = ("async_pykka", "actor_for_agents", "casty")
    code = f"import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, {names})))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0  # noqa: S603


def rows() -> Iterator[Row]:
    """Yield the rows; say so and yield none when there is no such Python, or no index to install from."""
    python = newer_python()
    if python is None:
        print("no Python 3.12 or newer on this machine: the other actor libraries are left out")
        return
    if has_them(python):
        yield from _measured_by(python)
        return
    with tempfile.TemporaryDirectory() as folder:
        here = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "venv", folder], check=True)  # noqa: S603
        install = [here, "-m", "pip", "install", "--quiet", str(REPO), *PEERS]
        if subprocess.run(install, check=False).returncode:  # noqa: S603
            print("the package index can't be reached: the other actor libraries are left out")
            return
        yield from _measured_by(here)


def _measured_by(python: str) -> Iterator[Row]:
    command = [python, "-m", "tests.whole.benchmarks.peers"]
    run = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)  # noqa: S603
    yield from map(Row.of_dict, json.loads(run.stdout))
