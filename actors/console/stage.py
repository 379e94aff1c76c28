"""How the demo speaks: it prints a line for everything that happens, coloured in a terminal and plain elsewhere.

It also keeps the score: what was to be shown and didn't happen makes the demo fail. Only the demo uses it.
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
    """The output of one demo. `failures` lists what was to be shown and didn't happen."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.failures: list[str] = []
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line about something that happens."""
        self._line("·", "dim", text)

    def check(self, text: str, *, happened: bool) -> None:
        """Print whether something happened that was to be shown; if it didn't, count it as a failure."""
        if happened:
            self._line("✓", "green", text)
        else:
            self.failures.append(text)
            self._line("✗", "bold red", f"did not happen: {text}")

    @contextmanager
    def scene(self, title: str) -> Iterator[None]:
        """Print a heading for what follows. An error inside is printed and counted, and doesn't end the show."""
        self.console.print(f"\n[bold cyan]{escape(title)}[/]")
        try:
            yield
        except Exception as exc:  # noqa: BLE001  the audience is told, and the exit code says so
            self.check(f"{title} ({type(exc).__name__}: {exc})", happened=False)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Progress]:
        """Show a progress bar. Where there is no terminal, nothing is shown."""
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
        """Print a table. A table without rows has a word in their place."""
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
