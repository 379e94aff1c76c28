"""The typer application: it knows which commands there are. What a command does is in the command's own module."""

from __future__ import annotations

import typer

from actors.console.demo import demo
from actors.console.loopback import loopback

__all__ = ["main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Telegram accounts as actors.")
app.command()(demo)
app.add_typer(loopback, name="loopback")


def main() -> None:
    """Run the command line."""
    app()
