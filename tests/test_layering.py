"""Who may import whom: the floors of the design, read from the source with `ast`, and tested on bad examples."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import actors

ROOT = Path(actors.__file__).parent

FLOORS = [
    "model",
    "ports",
    "messages",
    "export",
    "operations",
    "mailbox",
    "runtime",
    "telegram",
    "store",
    "registry",
    "permits",
    "recorder",
    "fleet",
    "delivery",
    "once",
    "services",
    "monitor",
    "suspects",
    "gaps",
    "monitors",
    "runner",
    "judgement",
    "outcomes",
    "waiting",
    "slot",
    "pulse",
    "connection",
    "status",
    "stopping",
    "admission",
    "session",
    "owners",
    "shutdown",
    "supervisor",
    "router",
    "system",
    "testing",
    "console",
]
"""Top-level modules of the package in order: each imports from those before it alone."""

ORDER = {name: place for place, name in enumerate(FLOORS)}
OWNERS = {"pykka": "runtime", "telethon": "telegram", "sqlalchemy": "store", "sqlite_utils": "export"}
TL_FILE = "actors.testing.server.tl"
SERVER = "actors.testing.server"
APART = {"testing"}
MAY_USE_APART = {"actors.console.demo", "actors.console.loopback"}


def imports(source: str) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.module is not None and node.level == 0 else "." * node.level


def complaint(module: str, imported: str) -> str | None:  # noqa: PLR0911  a list of rules, each with its answer
    """Return what is wrong with one import, None if nothing is."""
    top = module.split(".")[1]
    foreign = imported.split(".", maxsplit=1)[0]
    if foreign in OWNERS and top != OWNERS[foreign] and not (foreign == "telethon" and module == TL_FILE):
        return f"{module} imports {foreign}, which belongs to actors.{OWNERS[foreign]}"
    if imported.startswith("."):
        return f"{module} has a relative import"
    if foreign != "actors":
        return None
    if imported == "actors":
        return f"{module} imports the package root"
    if module.startswith(SERVER) and not imported.startswith(SERVER):
        return f"{module} imports {imported}; the server of the loopback stands alone"
    other = imported.split(".")[1]
    if other == top:
        return None
    if other in APART and module not in MAY_USE_APART:
        return f"{module} imports {imported}, which stands apart"
    if top == "session" and other == "telegram":
        return f"{module} imports {imported}; it gets a client factory"
    if top not in ORDER or other not in ORDER:
        return f"{module} or {imported} is on no floor"
    return None if ORDER[other] < ORDER[top] else f"{module} imports {imported}, which is not below it"


def modules() -> list[tuple[str, Path]]:
    """Return every module of the package but its root and `__main__`."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(["actors", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__")
        if name not in ("actors", "actors.__main__"):
            found.append((name, path))
    return found


@pytest.mark.parametrize(("module", "path"), modules(), ids=[name for name, _ in modules()])
def test_a_module_imports_from_the_floors_below_it_alone(module: str, path: Path) -> None:
    """Down only, each foreign library by its one owner, never the package root."""
    complaints = [said for name in imports(path.read_text()) if (said := complaint(module, name)) is not None]
    assert complaints == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("actors.errors", "import actors"),
        ("actors.policies", "from actors.session import SessionActor"),
        ("actors.policies", "def f():\n    from actors.session import SessionActor"),
        ("actors.mailbox", "import pykka"),
        ("actors.supervisor", "from telethon import TelegramClient"),
        ("actors.session", "from actors.telegram import client"),
        ("actors.testing.server.server", "from actors.errors import ActorsError"),
        ("actors.testing.server.server", "from telethon.tl import types"),
        ("actors.system", "from actors.testing import loopback"),
        ("actors.session", "from . import mailbox"),
        ("actors.novelty", "from actors.errors import ActorsError"),
    ],
)
def test_a_bad_import_is_found(module: str, source: str) -> None:
    """The test of the test."""
    assert [complaint(module, name) for name in imports(source)] != [None]


def test_no_file_is_longer_than_350_lines_and_no_function_than_50() -> None:
    """The budget of the house."""
    long = []
    for module, path in modules():
        text = path.read_text()
        if len(text.splitlines()) > 350:
            long.append(module)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 50:
                    long.append(f"{module}.{node.name}")
    assert long == []
