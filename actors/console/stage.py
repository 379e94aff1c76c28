"""How the demo speaks: a line for everything that happens, coloured in a terminal and plain elsewhere.

It also keeps the score: whatever was to be shown and didn't happen makes the demo fail.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

__all__ = ["Stage"]


class Stage:
    """See the module. `failures` has what did not happen."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.failures: list[str] = []
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        """Tell what happens."""
        self._line("·", "dim", text)

    def check(self, text: str, *, happened: bool) -> None:
        """Tell whether something that was to be shown happened."""
        if happened:
            self._line("✓", "green", text)
        else:
            self.failures.append(text)
            self._line("✗", "bold red", f"did not happen: {text}")

    @contextmanager
    def scene(self, title: str) -> Iterator[None]:
        """Head what follows; an error in it is told, counted, and doesn't end the show."""
        self.console.print(f"\n[bold cyan]{escape(title)}[/]")
        try:
            yield
        except Exception as exc:  # noqa: BLE001  the audience is told, and the exit code says so
            self.check(f"{title} ({type(exc).__name__}: {exc})", happened=False)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Progress]:
        """Show a bar; where there is no terminal, nothing but what is said."""
        bar = Progress(
            TextColumn("         {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        with bar:
            bar.add_task(title, total=total)
            yield bar

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Print a table, with a word in the place of rows that there aren't."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for index, column in enumerate(columns):
            table.add_column(column, justify="left" if index == 0 else "right")
        for row in rows:
            table.add_row(*row)
        if not rows:
            table.add_row("(empty)", *([""] * (len(columns) - 1)))
        self.console.print()
        self.console.print(table)

    def _line(self, mark: str, style: str, text: str) -> None:
        seconds = time.monotonic() - self._begun
        self.console.print(f"[dim]{seconds:6.2f} s[/] [{style}]{mark}[/] {escape(text)}", soft_wrap=True)
