"""Pykka's own test suite, unmodified, on our runtime.

It is taken from the sdist of the pinned Pykka on the package index; nothing of it is kept here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import actors
from actors.runtime import AsyncioActor
from actors.session.actor import SessionActor
from tests.whole.conformance.actors_runtime import NAMES

pytestmark = pytest.mark.xdist_group("conformance")  # what they share is made once

HERE = Path(__file__).parent
EXPECTED = {"4.5.0": 137}
"""Tests of Pykka's suite that are parametrised over runtimes, by its version."""

PLUGINS = ("-p", "pytest_mock", "-p", "no:cacheprovider")
NO_CONFIG = ("-c", os.devnull, "--rootdir", ".")

FIXTURE = '@pytest.fixture(scope="session", params=RUNTIMES.values())'
ADDITION = f"import actors_runtime\n\nactors_runtime.add_to(RUNTIMES, Runtime)\n\n\n{FIXTURE}"


def pip(*arguments: str) -> None:
    """Run pip; without the index, fail in the gate and skip elsewhere, saying so."""
    run = subprocess.run(  # noqa: S603  our own interpreter's pip
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if run.returncode:
        said = run.stderr.strip().splitlines()[-1:]
        if os.environ.get("CI"):
            pytest.fail(f"the package index can't be reached: {said}")
        pytest.skip(f"Pykka's own suite is on the package index, which can't be reached: {said}")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack Pykka's sdist, with our runtime in its table; its suite also wants pytest-mock."""
    folder = tmp_path_factory.mktemp("pykka")
    pip("download", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), f"pykka=={version('pykka')}")
    pip("install", "--quiet", "--no-deps", "--target", str(folder / "plugins"), "pytest-mock")
    (archive,) = folder.glob("pykka-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    root = folder / archive.name.removesuffix(".tar.gz")
    conftest = root / "tests" / "conftest.py"
    source = conftest.read_text()
    assert source.count(FIXTURE) == 1
    conftest.write_text(source.replace(FIXTURE, ADDITION))
    return root


def test_the_class_under_test_is_the_one_that_sessions_and_supervisors_are_made_of() -> None:
    """The direct base of both, with the same inbox."""
    for actor_class in (SessionActor, actors.SupervisorActor):
        assert actor_class.__bases__ == (AsyncioActor,)
        assert actor_class._create_actor_inbox is AsyncioActor._create_actor_inbox


@pytest.mark.slow
@pytest.mark.parametrize("time", [1, pytest.param(2, marks=pytest.mark.gate), pytest.param(3, marks=pytest.mark.gate)])
def test_pykkas_own_suite_passes_on_our_runtimes(suite: Path, time: int) -> None:
    """Every test that is parametrised over runtimes, and all others; the gate does it three times in a row."""
    report = suite / f"report-{time}.xml"
    path = os.pathsep.join([str(HERE), str(suite.parent / "plugins")])
    run = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "pytest", "-q", *PLUGINS, *NO_CONFIG, f"--junitxml={report}", "tests"],
        cwd=suite,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout[-5000:]
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314  written by the run above
    bad = [case.get("name") for case in cases if len(case)]
    assert bad == []
    for name, actor_class in NAMES.items():
        ours = [case for case in cases if f"[{name}" in case.get("name", "")]
        assert len(ours) == EXPECTED[version("pykka")]
        print(f"{len(ours)} of {len(ours)} of Pykka's tests passed on {actor_class.__name__}, {len(cases)} in all")
