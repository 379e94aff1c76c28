"""Who may import whom: the rule of the nine wings, read from the source with `ast`, and tried on bad examples."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import actors

ROOT = Path(actors.__file__).parent

ABOVE = {
    "model": (),
    "runtime": ("model",),
    "operations": ("model", "runtime"),
    "telegram": ("model",),
    "store": ("model",),
    "session": ("model", "runtime", "operations"),
    "fleet": ("model", "runtime", "operations", "telegram", "store", "session"),
    "testing": ("model", "runtime", "operations", "session", "fleet"),
    "console": ("model", "runtime", "operations", "session", "fleet", "testing"),
}
"""The nine wings, and what each may import. A wing sees those above it; `fleet` alone names `telegram` and `store`."""

SERVER = "actors.testing.server"
"""The loopback: it imports nothing of the package outside itself, and only `testing` and `console` may name it."""

OWNERS = {
    "pykka": ("actors.runtime",),
    "telethon": ("actors.telegram", f"{SERVER}.tl"),
    "sqlalchemy": ("actors.store",),
    "sqlite_utils": ("actors.operations.formats",),
}
"""Who alone imports a library. The loopback has Telethon's TL classes, and nothing else of it."""


def is_in(module: str, package: str) -> bool:
    """Say whether a module is a package, or in it."""
    return module == package or module.startswith(package + ".")


def imports(source: str) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.module is not None and node.level == 0 else "." * node.level


def complaint(module: str, imported: str) -> str | None:
    """Return what is wrong with one import, None if nothing is."""
    if imported.startswith("."):
        return f"{module} has a relative import"
    library = imported.split(".", maxsplit=1)[0]
    if library in OWNERS and not any(is_in(module, owner) for owner in OWNERS[library]):
        return f"{module} imports {library}, which belongs to {OWNERS[library][0]}"
    if library != "actors":
        return None
    if imported == "actors":
        return f"{module} imports the package root"
    if is_in(module, SERVER):
        return None if is_in(imported, SERVER) else f"{module} imports {imported}; the loopback stands alone"
    wing, other = module.split(".")[1], imported.split(".")[1]
    if wing not in ABOVE or other not in ABOVE:
        return f"{module} or {imported} is in no wing"
    return None if other == wing or other in ABOVE[wing] else f"{module} imports {imported}, which it must not see"


def modules() -> dict[str, Path]:
    """Return every module of the package but its root and `__main__`."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(["actors", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__")
        if name not in ("actors", "actors.__main__"):
            found[name] = path
    return found


def circle(graph: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Return modules that import each other in a circle, None when there is none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str] | None:
        if module in way:
            return way[way.index(module) :]
        if module in done:
            return None
        for other in graph.get(module, ()):
            if (found := walk(other, [*way, module])) is not None:
                return found
        done.add(module)
        return None

    return next((found for module in graph if (found := walk(module, [])) is not None), None)


@pytest.mark.parametrize(("module", "path"), modules().items(), ids=list(modules()))
def test_a_module_imports_what_its_wing_may_see(module: str, path: Path) -> None:
    """The wings above it, each foreign library by its owner, never the package root."""
    assert [said for name in imports(path.read_text()) if (said := complaint(module, name)) is not None] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Inside the wings either: a circle is one thing cut in two."""
    known = modules()
    graph = {
        name: [one for one in imports(path.read_text()) if one in known and one != name] for name, path in known.items()
    }
    assert circle(graph) is None


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("actors.model.errors", "import actors"),
        ("actors.model.policies", "from actors.runtime.mailbox import Mailbox"),
        ("actors.model.policies", "def f():\n    from actors.session.actor import SessionActor"),
        ("actors.session.queue", "import pykka"),
        ("actors.fleet.supervisor", "from telethon import TelegramClient"),
        ("actors.telegram.client", "from actors.runtime.ref import ask_any"),
        ("actors.session.actor", "from actors.telegram.factory import telethon_factory"),
        ("actors.session.actor", "from actors.store.outbox import Outbox"),
        ("actors.console.demo", "from actors.telegram.factory import telethon_factory"),
        ("actors.testing.server.server", "from actors.model.errors import ActorsError"),
        ("actors.testing.server.server", "from telethon.tl import types"),
        ("actors.fleet.system", "from actors.testing import loopback"),
        ("actors.session.actor", "from . import slot"),
        ("actors.novelty", "from actors.model.errors import ActorsError"),
    ],
)
def test_a_bad_import_is_found(module: str, source: str) -> None:
    """The test of the test."""
    (said,) = [complaint(module, name) for name in imports(source)]
    assert said is not None


def test_a_circle_is_found() -> None:
    """The other test of the test."""
    assert circle({"a": ["b"], "b": ["c", "d"], "c": [], "d": ["a"]}) == ["a", "b", "d"]


def test_the_top_level_holds_the_wings_and_nothing_else() -> None:
    """A newcomer sees the architecture from the folder listing."""
    entries = {path.name for path in ROOT.iterdir() if path.name != "__pycache__"}
    assert entries - set(ABOVE) == {"__init__.py", "__init__.pyi", "__main__.py", "py.typed"}


def test_no_file_is_longer_than_350_lines_and_no_function_than_50() -> None:
    """So that a part is read at one sitting."""
    long = []
    for module, path in modules().items():
        text = path.read_text()
        if len(text.splitlines()) > 350:
            long.append(module)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 50:
                    long.append(f"{module}.{node.name}")
    assert long == []
